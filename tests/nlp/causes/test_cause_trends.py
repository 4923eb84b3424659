from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

import pytest

from nlp.causes.cause_trends import with_trends
from nlp.population import Population
from nlp.records import Cause, CauseKind, RootCause
from nlp.series import TrendConfig
from nlp.weeks import shift, week_of

Plant = Callable[..., Population]
START = dt.date(2026, 1, 5)
WEEK = week_of(START + dt.timedelta(days=63))  # the tenth
COLD = week_of(START - dt.timedelta(days=7))


def world(plant: Plant, now: int, usual: int = 4) -> tuple[Population, Cause, RootCause]:
    """Forty messages a week for ten weeks; a group of `usual` a week, `now` in the last."""
    days = [7 * week + at % 7 for week in range(10) for at in range(40)]
    theme = [40 * week + at for week in range(10) for at in range(now if week == 9 else usual)]
    population = plant(days, {"T": list(range(len(days)))})
    named = {row: ids for (_, row), ids in population.statements.items()}
    cause = piece("said", tuple(sorted(named[row][0] for row in theme)))
    return population, cause, root(cause)


def piece(kind: CauseKind, evidence: tuple[str, ...], onset: dt.date | None = None) -> Cause:
    return Cause(
        id=f"C-{kind}",
        theme_id="T",
        kind=kind,
        statement="",
        customers=len(evidence),
        statements=len(evidence),
        share_of_theme=0.1,
        evidence_ids=evidence,
        onset=onset,
        lift=3.0 if onset else None,
        q_value=0.01 if onset else None,
    )


def root(*pieces: Cause, first_week: str = WEEK) -> RootCause:
    return RootCause(
        id="R-1",
        theme_id="T",
        statement="",
        state="observed",
        kinds=tuple(one.kind for one in pieces),
        evidence=tuple(one.id for one in pieces),
        customers=1,
        statements=1,
        share_of_theme=0.1,
        evidence_ids=tuple(name for one in pieces for name in one.evidence_ids),
        first_week=first_week,
    )


def judged(
    population: Population,
    pieces: Sequence[Cause],
    cause: RootCause,
    known: Sequence[str] = (),
    **fresh: float,
) -> RootCause:
    return with_trends(
        [cause],
        pieces,
        population,
        week=WEEK,
        cold_start_week=COLD,
        fresh={name.replace("_", "-"): p for name, p in fresh.items()},
        known=known,
        config=TrendConfig(),
    )[0]


@pytest.mark.parametrize(("now", "trend"), [(4, "not enough data"), (5, "steady"), (20, "new")])
def test_a_rate_must_stand_out(plant: Plant, now: int, trend: str) -> None:
    population, said, cause = world(plant, now)
    assert judged(population, [said], cause).trend == trend


def test_it_falls_when_nobody_says_it_any_more(plant: Plant) -> None:
    population, said, cause = world(plant, 0, usual=12)
    told = judged(population, [said], cause)
    assert told.trend == "falling"
    assert told.trend_high is not None
    assert told.trend_high < 1.0


@pytest.mark.parametrize(("weeks", "trend"), [(3, "new"), (4, "rising")])
def test_new_is_what_was_first_told_within_a_month(plant: Plant, weeks: int, trend: str) -> None:
    population, said, _ = world(plant, 20)
    cause = root(said, first_week=shift(WEEK, -weeks))
    assert judged(population, [said], cause).trend == trend


def test_what_was_told_first_at_the_cold_start_is_not_new(plant: Plant) -> None:
    population, said, cause = world(plant, 20)
    told = with_trends(
        [cause],
        [said],
        population,
        week=WEEK,
        cold_start_week=WEEK,
        fresh={},
        known=(),
        config=TrendConfig(),
    )[0]
    assert told.trend != "new"


def test_a_burst_or_an_onset_of_this_week_calls_its_cause(plant: Plant) -> None:
    population, said, _ = world(plant, 4)
    onset = START + dt.timedelta(days=63)
    for days, trend in ((0, "new"), (7, "new"), (8, "not enough data")):
        when = piece("when", said.evidence_ids, onset - dt.timedelta(days=days))
        assert judged(population, [when], root(when)).trend == trend
        assert judged(population, [when], root(when), ["C-when"]).trend == "not enough data"
    earlier = piece("when", said.evidence_ids, onset - dt.timedelta(days=8))
    told = judged(population, [earlier], root(earlier), C_when=0.01)
    assert (told.trend, told.trend_ratio) == ("new", 3.0)
    again = judged(population, [earlier], root(earlier), ["C-when"], C_when=0.01)
    assert (again.trend, again.trend_ratio, again.trend_q) == ("new", None, 0.01)


def test_what_was_chosen_by_its_time_is_no_rate(plant: Plant) -> None:
    population, said, _ = world(plant, 20)
    when = piece("when", said.evidence_ids, START + dt.timedelta(days=40))
    assert judged(population, [when], root(when)).trend == "not enough data"
