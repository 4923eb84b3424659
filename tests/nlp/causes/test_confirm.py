from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from nlp.causes.confirm import confirm
from nlp.causes.when import when
from nlp.causes.where import where
from nlp.population import Population
from nlp.records import Cause
from nlp.weeks import week_of

Plant = Callable[..., Population]
START = dt.date(2026, 1, 5)
DAYS = 84


def week(number: int) -> str:
    return week_of(START + dt.timedelta(weeks=number))


def world(plant: Plant, *, until: int = DAYS, lift: float = 6.0, seed: int = 1) -> Population:
    """Theme T is concentrated in plan pro up to day `until`, and spread evenly from then on."""
    random = np.random.default_rng(seed)
    day = np.repeat(np.arange(DAYS), 40)
    plan = random.choice(["free", "pro", "team"], day.size)
    rates = np.where((plan == "pro") & (day < until), 0.03 * lift, 0.03)
    rows = np.flatnonzero(random.random(day.size) < rates)
    return plant(day.tolist(), {"T": rows.tolist()}, attributes={"plan": plan.tolist()})


def told(
    population: Population, causes: Sequence[Cause], born: dict[str, str]
) -> tuple[Cause, ...]:
    return confirm(population, causes, born=born, until=START + dt.timedelta(days=DAYS - 1))


def flags(population: Population, born: dict[str, str]) -> list[bool]:
    causes = where(population, themes=["T"])
    assert [cause.conditions for cause in causes] == [(("plan", "pro"),)]
    found = told(population, causes, born)
    assert [replace(one, exploratory=False) for one in found] == list(causes)
    return [one.exploratory for one in found]


def test_a_segment_that_shows_again_after_the_birth_is_confirmed(plant: Plant) -> None:
    assert flags(world(plant), {"T": week(3)}) == [False]


def test_one_that_does_not_is_exploratory(plant: Plant) -> None:
    assert flags(world(plant, until=28), {"T": week(3)}) == [True]


@pytest.mark.parametrize(("born", "expected"), [(-1, False), (0, True)])
def test_themes_born_before_the_window_were_frozen(
    plant: Plant, born: int, *, expected: bool
) -> None:
    assert flags(world(plant, until=6), {"T": week(born)}) == [expected]
    assert flags(world(plant, until=6), {}) == [False]


def test_without_later_weeks_all_is_exploratory(plant: Plant) -> None:
    assert flags(world(plant), {"T": week(11)}) == [True]


def test_an_onset_after_the_birth_is_confirmed_and_one_at_it_is_not(plant: Plant) -> None:
    random = np.random.default_rng(2)
    day = np.repeat(np.arange(DAYS), 40)
    rates = np.where((day >= 50) & (day < 60), 0.2, 0.02)
    rows = np.flatnonzero(random.random(day.size) < rates)
    population = plant(day.tolist(), {"T": rows.tolist()})
    causes = when(population, themes=["T"], events=[], until=START + dt.timedelta(days=DAYS - 1))
    assert len(causes) == 1
    assert not told(population, causes, {"T": week(3)})[0].exploratory
    assert told(population, causes, {"T": week(8)})[0].exploratory


def test_what_only_the_formation_made_is_seldom_confirmed(plant: Plant) -> None:
    found = confirmed = 0
    for seed in range(30):
        random = np.random.default_rng(seed)
        day = np.repeat(np.arange(DAYS), 40)
        columns = {f"a{at}": random.integers(0, 6, day.size) for at in range(4)}
        lift = np.where((day < 21) & (columns["a0"] == 0), 4.0, 1.0)
        rows = np.flatnonzero(random.random(day.size) < 0.04 * lift)
        attributes = {name: [f"v{at}" for at in codes] for name, codes in columns.items()}
        population = plant(day.tolist(), {"T": rows.tolist()}, attributes=attributes)
        causes = told(population, where(population, themes=["T"]), {"T": week(2)})
        found += len(causes)
        confirmed += sum(not one.exploratory for one in causes)
    assert found >= 10
    assert confirmed <= 2


@pytest.mark.parametrize(("later", "exploratory"), [(2, True), (3, False)])
def test_a_stated_reason_asks_for_three_later_customers(
    plant: Plant, later: int, *, exploratory: bool
) -> None:
    population = world(plant)
    ids = {row: names[0] for (_, row), names in population.statements.items()}
    before = [row for row in ids if population.weeks[row] <= week(3)][:9]
    after = [row for row in ids if population.weeks[row] > week(3)][:later]
    evidence = tuple(sorted(ids[row] for row in [*before, *after]))
    said = Cause("C-1", "T", "said", "because", 9, 9, 0.1, evidence)
    assert told(population, [said], {"T": week(3)})[0].exploratory == exploratory
    assert not told(population, [said], {})[0].exploratory
    assert told(population, [], {}) == ()


@pytest.mark.parametrize(("born", "exploratory"), [(10, False), (11, True)])
def test_a_burst_asks_for_a_later_week_only(plant: Plant, born: int, *, exploratory: bool) -> None:
    burst = Cause("C-1", "T", "when", "since", 5, 5, 0.1, (), onset=START, centre="plant/000001#0")
    assert told(world(plant), [burst], {"T": week(born)})[0].exploratory == exploratory
