from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from nlp.causes.ranking import root_score
from nlp.records import Friction, RootCause, Verdict
from nlp.score import ScoringConfig
from nlp.what_if import Shift, shifts

SCORING = ScoringConfig()


def cause(name: str, theme: str, *, rank: int | None, reach: int = 20) -> RootCause:
    made = RootCause(
        *(name, theme, f"because of {name}", "observed", ("said",), ("C-1",)),
        *(9, 9, 0.5, ("desk/1#0",), "2026-W47"),
        reach=reach,
        impact=0.4,
        avoidable=0.5,
        confidence=0.7,
        rank=rank,
    )
    return made if rank is None else replace(made, score=root_score(made))


def point(theme: str, *, rank: int, reach: int) -> Friction:
    score = round(reach * 0.4 * 0.7, 6)
    return Friction(
        *(theme, f"about {theme}", "Ana", "", reach, 0.4, 0.3, 0.5, 0.7, 1.0),
        *(score, rank, rank, rank, 1.0, (), ()),
    )


# Scores 3.5, 2.8 and 2.1.
CAUSES = (
    cause("R-1", "T-1", rank=1, reach=25),
    cause("R-2", "T-2", rank=2),
    cause("R-3", "T-3", rank=3, reach=15),
    cause("R-4", "T-2", rank=None),
)
POINTS = (
    point("T-1", rank=1, reach=25),
    point("T-2", rank=2, reach=20),
    point("T-3", rank=3, reach=15),
)


def by_id(found: list[Shift]) -> dict[str, tuple[float | None, int | None]]:
    return {one.id: (one.score_after, one.rank_after) for one in found}


def test_a_confirmed_cause_and_its_theme_rise_and_others_step_back() -> None:
    verdict = Verdict("R-2", "confirmed", "seen", "ana")
    found = shifts(CAUSES, POINTS, verdict=verdict, scoring=SCORING)
    assert by_id(found) == {"R-2": (4.0, 1), "R-1": (3.5, 2), "T-2": (8.0, 1), "T-1": (7.0, 2)}
    assert [one.id for one in found] == ["R-2", "R-1", "T-2", "T-1"]
    assert (found[0].kind, found[0].title) == ("root cause", "because of R-2")
    assert (found[0].score_before, found[0].rank_before) == (2.8, 2)


def test_a_rejected_cause_loses_its_rank_and_those_behind_it_rise() -> None:
    # Its theme keeps another cause, of one kind of evidence, too.
    verdict = Verdict("R-1", "rejected", "no", "ana")
    found = shifts(CAUSES, POINTS, verdict=verdict, scoring=SCORING)
    moved = by_id(found)
    assert moved["R-1"] == (None, None)
    assert (moved["R-2"], moved["R-3"]) == ((2.8, 1), (2.1, 2))
    # No cause of the theme is left: it is as sure as a theme without one.
    assert moved["T-1"] == (25 * 0.4 * SCORING.by_evidence_kinds[0], 2)


def test_effort_divides_a_theme_and_its_causes() -> None:
    found = by_id(shifts(CAUSES, POINTS, efforts={"T-1": 5.0}, scoring=SCORING))
    assert found["R-1"] == (0.7, 3)
    assert found["T-1"] == (1.4, 3)
    assert "R-4" not in found


def test_what_has_no_rank_gets_none_by_a_verdict() -> None:
    verdict = Verdict("R-4", "confirmed", "seen", "ana")
    assert "R-4" not in by_id(shifts(CAUSES, POINTS, verdict=verdict, scoring=SCORING))


def test_without_a_decision_nothing_moves_even_if_weights_were_changed_since() -> None:
    sure = replace(SCORING, by_evidence_kinds=(0.1, 0.2, 0.3, 0.4))
    assert shifts(CAUSES, POINTS, scoring=sure) == []
    assert shifts(CAUSES, POINTS, efforts={"T-1": 1.0}, scoring=sure) == []


@given(st.permutations(CAUSES), st.permutations(POINTS), st.floats(0.1, 10))
def test_the_order_of_records_does_not_matter(
    causes: list[RootCause], points: list[Friction], effort: float
) -> None:
    efforts = {"T-2": effort}
    plain = shifts(CAUSES, POINTS, efforts=efforts, scoring=SCORING)
    assert shifts(causes, points, efforts=efforts, scoring=SCORING) == plain
