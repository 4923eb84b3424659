from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from report import wording
from report.document import Point, WeekReport
from report.sentences import sentences

Make = Callable[..., WeekReport]


def third(report: WeekReport, **changes: Any) -> str:
    """The third sentence where the first friction point is changed so."""
    return sentences(
        report.headline,
        {"new": (), "rising": (), "falling": ()},
        [replace(report.friction[0], tied_with=(), **changes)],
        cold_start=False,
        history_weeks=8,
        leaves=2,
        distinct=400,
        least=300,
        friction_weeks=8,
    )[2].text


@pytest.mark.parametrize(
    ("headline", "text", "end"),
    [
        ("Mostly for plan Pro", "x", "main cause: mostly for plan Pro."),
        ("Customers say “since the…”", "x", "main cause: customers say “since the…”."),
        ("Since 6 October 2026, customers say “and…", "x", "customers say “and…"),
        ("", "Plan Pro", "main cause: plan Pro."),  # a document of before
    ],
)
def test_the_main_cause_is_its_headline(
    make_report: Make, headline: str, text: str, end: str
) -> None:
    report = make_report()
    main = replace(report.friction[0].causes[0], headline=headline, text=text)
    told = third(report, causes=(main,))
    assert told.endswith(end)
    assert "…." not in told


def test_what_is_fixed_first_says_when_it_has_passed(make_report: Make) -> None:
    report = make_report()
    seen = [0, 1, 0, 21, 16, 6, 0, 1, 0]
    series = tuple(Point(f"2026-W{30 + at}", many, many) for at, many in enumerate(seen))
    told = third(report, series=series)
    assert "owner Identity team); it has been quiet for 3 weeks; main cause: " in told
    assert "quiet" not in third(report, series=series[:-2])
    assert "quiet" not in third(report)


def test_every_sentence_names_the_section_it_leads_to(make_report: Make) -> None:
    for sentence in make_report().sentences:
        assert sentence.section in wording.SECTION_NAMES


def test_what_else_changed_is_counted_by_kind(make_report: Make) -> None:
    report = make_report()
    line = report.rising[0]
    text = sentences(
        report.headline,
        {"new": (), "rising": (line, line, line), "falling": (line,)},
        (),
        cold_start=False,
        history_weeks=8,
        leaves=2,
        distinct=400,
        least=300,
        friction_weeks=8,
    )[1].text
    assert text.endswith("Also: 2 more rising and 1 falling.")
