from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from nlp.causes.part_onsets import PartConfig, PartOnset, Whole, beyond_whole, rest_is_quiet
from nlp.causes.scan import Best
from nlp.causes.when import when
from nlp.causes.where import where
from nlp.population import Population
from nlp.records import Cause, DatedEvent

Plant = Callable[..., Population]
START = dt.date(2026, 1, 5)
DAYS = 84


def day(number: int) -> dt.date:
    return START + dt.timedelta(days=number)


def world(
    plant: Plant,
    seed: int,
    *,
    inside: float,
    outside: float = 1.0,
    rate: float = 0.02,
    shuffled: int | None = None,
) -> Population:
    """T rises on day 50, `inside` times on iOS and `outside` times elsewhere; others are noise."""
    random = np.random.default_rng(seed)
    at = np.repeat(np.arange(DAYS), 50)
    system = random.choice(["ios", "android", "web"], at.size)
    # Rolled out from day 45 on: its volume grows, the theme does not care.
    version = np.where(random.random(at.size) < (at - 45) / 20, "4.2", "4.1")
    late = at >= 50
    rates = np.where(late & (system == "ios"), rate * inside, rate)
    rates = np.where(late & (system != "ios"), rate * outside, rates)
    themes = {"T": np.flatnonzero(random.random(at.size) < rates).tolist()}
    for no in range(4):
        themes[f"noise{no}"] = np.flatnonzero(random.random(at.size) < 0.02).tolist()
    return plant(
        at.tolist(),
        themes,
        attributes={
            "os": system.tolist(),
            "plan": random.choice(["free", "pro"], at.size).tolist(),
            "version": version.tolist(),
        },
        shuffled=shuffled,
    )


def run(population: Population, **options: object) -> tuple[Cause, ...]:
    return when(
        population,
        themes=list(population.members),
        events=[DatedEvent(day(50), "release", "4.2")],
        until=day(DAYS - 1),
        **options,  # type: ignore[arg-type]
    )


def test_an_onset_in_one_segment_alone_is_told_as_that(plant: Plant) -> None:
    told = [
        [cause for cause in run(world(plant, seed, inside=6.0)) if cause.theme_id == "T"]
        for seed in range(4)
    ]
    # Beside it the theme's own onset, in one of twenty worlds: the rest seems to rise, too.
    alone = [causes for causes in told if len(causes) == 1]
    assert len(alone) >= 3
    for (cause,) in alone:
        assert (cause.conditions, cause.event) == ((("os", "ios"),), "release: 4.2")
        assert cause.statement.startswith("since 2026-02-")
        assert ", only in os ios (release 4.2, 2026-02-24): " in cause.statement


def test_an_onset_everywhere_is_the_theme_s(plant: Plant) -> None:
    told = [
        cause
        for seed in range(4)
        for cause in run(world(plant, seed, inside=4.0, outside=4.0))
        if cause.theme_id == "T"
    ]
    assert len(told) == 4
    assert all(cause.conditions == () for cause in told)


def test_an_onset_that_is_stronger_in_one_segment_is_told_twice(plant: Plant) -> None:
    causes = run(world(plant, 3, inside=12.0, outside=3.0, rate=0.03))
    mine = [cause for cause in causes if cause.theme_id == "T"]
    assert sorted(cause.conditions for cause in mine) == [(), (("os", "ios"),)]
    assert "above all in os ios" in next(one.statement for one in mine if one.conditions)
    assert len({cause.id for cause in mine}) == 2


def test_a_version_that_is_rolled_out_is_no_onset(plant: Plant) -> None:
    assert all(run(world(plant, seed, inside=1.0)) == () for seed in range(5))


def test_evidence_lies_in_the_segment_and_ids_last(plant: Plant) -> None:
    population = world(plant, 1, inside=6.0)
    (cause,) = [one for one in run(population) if one.conditions]
    row_of = {name: row for (_, row), names in population.statements.items() for name in names}
    rows = [row_of[name] for name in cause.evidence_ids]
    assert {population.attributes["os"][row] for row in rows} == {"ios"}
    assert cause.customers == len(rows)
    (again,) = [one for one in run(population, known=[cause]) if one.conditions]
    assert again == cause
    assert run(world(plant, 1, inside=6.0, shuffled=7)) == run(population)


def test_segments_found_are_searched_though_they_have_several_conditions(plant: Plant) -> None:
    random = np.random.default_rng(8)
    at = np.repeat(np.arange(DAYS), 60)
    system, plan = (random.choice(list(names), at.size) for names in ("abc", "xyz"))
    hit = (system == "a") & (plan == "x") & (at >= 45)
    rows = np.flatnonzero(random.random(at.size) < np.where(hit, 0.2, 0.012))
    population = plant(
        at.tolist(), {"T": rows.tolist()}, attributes={"os": system.tolist(), "plan": plan.tolist()}
    )
    found = where(population, themes=["T"])
    assert [cause.conditions for cause in found] == [(("os", "a"), ("plan", "x"))]
    told = run(population, found=found)
    assert (("os", "a"), ("plan", "x")) in [cause.conditions for cause in told]


def onset(
    hits: Sequence[int], rest: Sequence[int], volume: Sequence[int], other: Sequence[int]
) -> tuple[PartOnset, Whole, Best]:
    """Three days: customers and volume in the segment and in the rest; the window is the second."""
    counts, total = np.array(hits, dtype=float), np.array(volume, dtype=float)
    whole = Whole(
        counts=(counts + np.array(rest))[None, :],
        factors=np.ones((1, 3)),
        total=total + np.array(other),
        spread=np.ones(1),
    )
    best = Best(1, 1, 5.0)
    part = PartOnset(0, ((0, 0),), best, 0.001, 1.0, counts, total / total.sum(), total)
    return part, whole, best


@pytest.mark.parametrize(
    ("hits", "rest", "volume", "other", "between"),
    [
        ((20, 20, 20), (20, 20, 20), (50, 50, 50), (50, 50, 50), (0.4, 1.0)),
        ((20, 60, 20), (20, 60, 20), (50, 50, 50), (50, 50, 50), (0.4, 1.0)),  # the whole theme's
        ((20, 60, 20), (20, 20, 20), (50, 50, 50), (50, 50, 50), (0.0, 0.001)),
        ((20, 60, 20), (20, 20, 20), (50, 150, 50), (50, 50, 50), (0.4, 1.0)),  # its volume grew
        ((60, 180, 60), (20, 60, 20), (50, 50, 50), (50, 50, 50), (0.4, 1.0)),  # as ever: 3 to 1
        ((20, 60, 4), (0, 20, 60), (100, 75, 5), (0, 25, 95), (0.4, 1.0)),  # replaced by the rest
        ((0, 60, 0), (20, 20, 20), (0, 50, 0), (100, 50, 100), (1.0, 1.0)),  # nothing to compare
    ],
)
def test_the_segment_must_take_more_of_the_window_than_of_other_days(
    hits: Sequence[int],
    rest: Sequence[int],
    volume: Sequence[int],
    other: Sequence[int],
    between: tuple[float, float],
) -> None:
    part, whole, window = onset(hits, rest, volume, other)
    low, high = between
    assert low <= beyond_whole(part, whole, window=window) <= high
    wide = Whole(whole.counts, whole.factors, whole.total, np.array([4.0]))
    assert beyond_whole(part, wide, window=window) >= beyond_whole(part, whole, window=window)


def test_the_rest_is_quiet_or_not() -> None:
    config = PartConfig()
    part, whole, window = onset((20, 60, 20), (20, 20, 20), (50, 50, 50), (50, 50, 50))
    assert rest_is_quiet(part, whole, window=window, config=config)
    part, whole, window = onset((20, 60, 20), (20, 40, 20), (50, 50, 50), (50, 50, 50))
    assert not rest_is_quiet(part, whole, window=window, config=config)
