from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from nlp.causes.ranking import root_score
from nlp.explain import Explanation, Setting, explain_friction, explain_root_cause
from nlp.records import Cause, Friction, RootCause
from nlp.score import ScoringConfig
from nlp.what_if import Factors, changes, factors_of
from report.explain import render_explanation

WEEK = "2026-W47"
PIECES = {
    "C-1": Cause("C-1", "T-1", "said", "the update", 14, 15, 0.3, ()),
    "C-2": Cause("C-2", "T-1", "where", "device = ios", 20, 22, 0.4, (), lift=3.0),
}
THEME = Friction(
    theme_id="T-1",
    label="Signed out",
    owner="Mia",
    journey_stage="Use",
    reach=46,
    impact=0.3118,
    impact_low=0.25,
    impact_high=0.37,
    confidence=0.85,
    effort=1.0,
    score=None,
    rank=2,
    rank_low=1,
    rank_high=3,
    top5_probability=1.0,
    tied_with=("T-2",),
    top_causes=(),
    reach_low=38,
    reach_high=54,
    loss=0.4,
    loss_low=0.33,
    loss_high=0.47,
    scored=41,
    recontact_rate=0.1,
    reopen_rate=0.2,
)
CAUSE = RootCause(
    id="R-1",
    theme_id="T-1",
    statement="the update",
    state="corroborated",
    kinds=("said", "where"),
    evidence=("C-1", "C-2"),
    customers=28,
    statements=30,
    share_of_theme=0.6,
    evidence_ids=(),
    first_week="2026-W45",
    independent=2,
    reach=46,
    impact=0.3118,
    impact_low=0.25,
    impact_high=0.37,
    avoidable=0.4537,
    avoidable_low=0.3,
    avoidable_high=0.6,
    confidence=0.85,
    effort=1.0,
    score_low=3.0,
    score_high=8.0,
    rank=2,
    rank_low=1,
    rank_high=4,
    top5_probability=0.97,
    tied_with=("R-3",),
)
SETTING = Setting(
    effort=1.0,
    effort_why="nobody has said otherwise",
    scoring=ScoringConfig(score_weight=0.6, recontact_weight=0.25),
    reach_weeks=8,
)


def scored(cause: RootCause) -> RootCause:
    return replace(cause, score=root_score(cause))


def others(*scores: float, theme: str = "T-9") -> list[RootCause]:
    return [
        replace(CAUSE, id=f"R-{theme}-{at}", theme_id=theme, score=score, rank=9)
        for at, score in enumerate(scores)
    ]


def explained(
    cause: RootCause = CAUSE,
    rest: Sequence[RootCause] = (),
    *,
    friction: Friction | None = THEME,
    **setting: Any,
) -> Explanation:
    told = scored(cause) if cause.rank is not None else cause
    return explain_root_cause(
        told,
        week=WEEK,
        root_causes=[told, *rest],
        pieces=PIECES,
        friction=friction,
        setting=replace(SETTING, **setting),
    )


def outcome(told: Explanation, start: str) -> tuple[float | None, int | None]:
    (found,) = [one for one in told.changes if one.what.startswith(start)]
    return found.score, found.rank


def printed_product(text: str) -> tuple[float, float]:
    """The factors multiplied as printed, and the score as printed."""
    product = 1.0
    factors = re.compile(r"^  ([ x/]) (?! )[a-z ]+? +([0-9.e+-]+)(?: |$)", re.MULTILINE)
    for sign, number in factors.findall(text):
        product = product / float(number) if sign == "/" else product * float(number)
    (score,) = re.findall(r"^  = score +([0-9.]+)", text, re.MULTILINE)
    return product, float(score)


@pytest.mark.parametrize(
    "cause",
    [
        CAUSE,
        replace(CAUSE, effort=3.0, impact=0.0123456, reach=12345, avoidable=1 / 3),
        replace(CAUSE, confidence=1.0, avoidable=0.00123),
    ],
)
def test_the_lines_multiply_up_to_the_score(cause: RootCause) -> None:
    product, score = printed_product(render_explanation(explained(cause, others(1.0))))
    assert score > 0
    assert product == pytest.approx(score, rel=4e-3)


def test_a_friction_points_lines_multiply_up_too() -> None:
    item = replace(THEME, score=factors_of(THEME).score, effort=1.0)
    rest = replace(THEME, theme_id="T-2", score=99.0, reopen_rate=0.05)
    told = explain_friction(
        item, week=WEEK, friction=[item, rest], root_causes=[CAUSE], setting=SETTING
    )
    text = render_explanation(told)
    product, score = printed_product(text)
    assert product == pytest.approx(score, rel=4e-3)
    assert "the other themes: 0.05" in text
    assert "best known cause R-1: 2 independent kinds of evidence: said + where" in text
    assert outcome(told, "with R-1 confirmed")[0] == pytest.approx(score / 0.85, rel=1e-3)
    assert "Rank 2 of 2 (90% interval: 1 to 3)" in text


def test_the_parts_of_impact_and_of_the_avoidable_share_are_told() -> None:
    told = explained()
    parts = {line.name: line for line in told.lines if line.of == "impact"}
    weights = [float(re.findall(r"weight ([0-9.]+)", one.why)[0]) for one in parts.values()]
    loss, again = (parts[name].value or 0.0 for name in ("score loss", "recontact"))
    assert weights[0] * loss + weights[1] * again == pytest.approx(0.3118, abs=1e-3)
    shares = {line.name: line.value for line in told.lines if line.of == "avoidable"}
    assert shares["said"] == 0.3
    assert shares["where"] == pytest.approx(0.4 * 2 / 3)
    # What is counted twice, split or of other weeks is told, so that the lines add up.
    assert sum(one or 0.0 for one in shares.values()) == pytest.approx(CAUSE.avoidable)
    assert not told.notes


def test_every_change_is_scored_anew_among_the_others() -> None:
    own = scored(CAUSE).score
    assert own is not None
    told = explained(rest=others(own * 1.1, own * 0.8, own * 0.45, 0.1))
    for change, score, rank in (
        ("with effort 2 ", own / 2, 3),
        ("with effort 0.5 ", own * 2, 1),
        ("confirmed", own / 0.85, 1),
    ):
        assert outcome(told, change)[0] == pytest.approx(score, abs=1e-5)
        assert outcome(told, change)[1] == rank
    assert outcome(told, "with one more independent kind")[1] == 1
    assert outcome(told, "rejected") == (None, None)
    assert outcome(told, "if its impact were at the low end")[1] == 2
    assert outcome(told, "if its impact were at the high end")[1] == 1
    assert outcome(told, "if its avoidable share were at the low end")[1] == 3
    assert outcome(told, "if its reach were at the high end")[1] == 1
    assert outcome(told, "with an effort of less than 0.909")[1] == 1
    text = render_explanation(told)
    assert "still rank 2" in text
    assert "rejected by a person: no rank" in text


def test_other_causes_of_the_theme_move_with_its_effort_but_not_with_the_causes_own_parts() -> None:
    own = scored(CAUSE).score
    assert own is not None
    beside = others(own * 1.1, theme="T-1")
    told = explained(rest=beside)
    assert outcome(told, "with effort 0.5 ")[1] == 2
    assert outcome(told, "confirmed")[1] == 1
    assert not [one for one in told.changes if one.what.startswith("with an effort of less")]


def test_an_effort_set_since_the_run_is_told_with_what_it_would_make() -> None:
    told = explained(effort=4.0, effort_why="decided for the theme T-1")
    (line,) = [line for line in told.lines if line.name == "effort"]
    assert line.value == 1.0
    assert line.why == "as the week was run; now 4, decided for the theme T-1"
    assert outcome(told, "with effort 4 ")[0] == pytest.approx((scored(CAUSE).score or 0) / 4)


def test_weights_changed_since_are_told() -> None:
    told = explained(scoring=replace(SETTING.scoring, score_weight=0.1))
    assert [note for note in told.notes if "changed since" in note]


def test_a_confirmed_cause_is_not_confirmed_again() -> None:
    told = explained(replace(CAUSE, state="confirmed", confidence=1.0, decided_by="Ana"))
    assert [line.why for line in told.lines if line.name == "confidence"] == ["confirmed by Ana"]
    assert not [one for one in told.changes if one.what.startswith("confirmed")]


@pytest.mark.parametrize(
    ("customers", "reach", "needed"),
    [
        (3, 46, ["it needs 2 more customers to be ranked (3 now)"]),
        (4, 46, ["it needs 1 more customer to be ranked (4 now)"]),
        (
            2,
            3,
            [
                "its theme needs 2 more customers to be ranked (3 now)",
                "it needs 3 more customers to be ranked (2 now)",
            ],
        ),
    ],
)
def test_what_an_unranked_cause_needs(customers: int, reach: int, needed: list[str]) -> None:
    cause = replace(CAUSE, customers=customers, rank=None, note="not enough data")
    told = explained(cause, friction=replace(THEME, reach=reach))
    assert [one.what for one in told.changes] == needed
    text = render_explanation(told)
    assert "No rank." in text
    assert "not enough data" in text
    assert needed[0] in text


def test_a_rejected_cause_says_who_and_why() -> None:
    cause = replace(CAUSE, rank=None, state="rejected", note="rejected by Ana: old news")
    told = explained(cause)
    assert told.changes == ()
    assert "rejected by Ana: old news" in render_explanation(told)


def test_a_theme_nobody_mentioned_lately_has_unknown_parts() -> None:
    note = "nobody mentioned the theme in the ranking window"
    cause = replace(CAUSE, rank=None, impact=None, reach=0, note=note)
    assert "unknown" in render_explanation(explained(cause, friction=None))


def test_the_arithmetic_is_the_rankings() -> None:
    assert factors_of(CAUSE).score == root_score(CAUSE)
    assert math.isclose(Factors(10, 0.5, 0.5, 0.8, 2.0).score, 1.0)
    found = changes(Factors(10, 0.5, 0.5, 0.8, 2.0), rivals=[2.0], efforts=[1.0], confidences={})
    assert [(one.score, one.rank) for one in found] == [(2.0, 1), (2.0, 1)]
