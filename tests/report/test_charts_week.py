from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from report.charts_week import problem_bar, rank_range, rank_text, score_range
from report.document import JourneyStage, WeekReport

Make = Callable[..., WeekReport]
STAGE = JourneyStage(
    stage_id="setup",
    name="Set up",
    problems=5,
    customers=4,
    statements=7,
    share=0.5,
    share_before=None,
    score=50.0,
    score_low=25.0,
    score_high=75.0,
    scored=12,
    theme_id="T-a",
    label="label",
)


def test_a_rank_is_drawn_with_its_range(make_report: Make) -> None:
    line = replace(make_report().friction[0], rank=2, rank_low=1, rank_high=5)
    drawn = rank_range(line, ranked=5)
    assert 'aria-label="rank 2 of 5, could as well be 1 to 5 (90% sure)"' in drawn
    assert 'class="dot" cx="26"' in drawn  # a quarter of the way: 4 + 88 / 4
    assert rank_range(line, ranked=1) == ""
    assert rank_range(replace(line, rank_low=None), ranked=5) == ""


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (2, 2, "rank 2 of 9, 90% sure"),
        (2, 3, "rank 2 of 9, could as well be 2 to 3 (90% sure)"),
        (None, None, "rank 2 of 9"),
    ],
)
def test_the_range_in_words(
    make_report: Make, low: int | None, high: int | None, text: str
) -> None:
    line = replace(make_report().friction[0], rank=2, rank_low=low, rank_high=high)
    assert rank_text(line, ranked=9) == text


def test_problems_are_drawn_against_the_largest_stage() -> None:
    assert 'width="48"' in problem_bar(STAGE, most=10)
    assert 'width="1"' in problem_bar(replace(STAGE, problems=0), most=0)


def test_a_score_is_drawn_only_where_there_is_one() -> None:
    assert "mean score 50 of 100, 95% sure: 25 to 75" in score_range(STAGE)
    assert score_range(replace(STAGE, score=None)) == ""
