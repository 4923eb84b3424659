from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from nlp.causes.confirm import ConfirmConfig, confirm
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


def flags(population: Population, born: dict[str, str], **options: object) -> list[bool]:
    causes = where(population, themes=["T"])
    assert [cause.conditions for cause in causes] == [(("plan", "pro"),)]
    told = confirm(population, causes, born=born, **options)  # type: ignore[arg-type]
    assert [replace(one, exploratory=False) for one in told] == list(causes)
    return [one.exploratory for one in told]


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


@pytest.mark.parametrize(("least", "exploratory"), [(0, False), (1, True)])
def test_fewest_later_customers(plant: Plant, least: int, *, exploratory: bool) -> None:
    population = world(plant)
    members = population.members["T"]
    later = sum(population.weeks[row] > week(8) for row in members.tolist())
    config = ConfirmConfig(least_customers=later + least)
    assert flags(population, {"T": week(8)}, config=config) == [exploratory]


def test_an_onset_after_the_birth_is_confirmed_and_one_at_it_is_not(plant: Plant) -> None:
    random = np.random.default_rng(2)
    day = np.repeat(np.arange(DAYS), 40)
    rates = np.where((day >= 50) & (day < 60), 0.2, 0.02)
    rows = np.flatnonzero(random.random(day.size) < rates)
    population = plant(day.tolist(), {"T": rows.tolist()})
    causes = when(population, themes=["T"], events=[], until=START + dt.timedelta(days=DAYS - 1))
    assert len(causes) == 1
    assert not confirm(population, causes, born={"T": week(3)})[0].exploratory
    assert confirm(population, causes, born={"T": week(8)})[0].exploratory


def test_more_causes_are_held_to_a_stricter_level(plant: Plant) -> None:
    """Holm: beside eleven causes that fail, the one that passes alone is not enough any more."""
    population = world(plant, until=60, lift=3.0, seed=4)
    (cause,) = where(population, themes=["T"])
    alone = [
        w for w in range(11) if not confirm(population, [cause], born={"T": week(w)})[0].exploratory
    ]
    others = [replace(cause, id=f"C-{n:010d}", conditions=(("plan", "free"),)) for n in range(40)]
    beside = [
        w
        for w in alone
        if not confirm(population, [cause, *others], born={"T": week(w)})[0].exploratory
    ]
    assert beside
    assert set(beside) < set(alone)


def test_stated_causes_are_left_as_they_are(plant: Plant) -> None:
    population = world(plant)
    told = Cause("C-1", "T", "said", "because", 5, 5, 0.1, (), exploratory=True)
    assert confirm(population, [told], born={"T": week(3)}) == (told,)
    assert confirm(population, [], born={}) == ()
