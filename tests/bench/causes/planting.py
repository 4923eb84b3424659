"""Choosing what to plant: which theme gets which segment, onset, stated reasons and loss."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tests.bench.causes.customers import Customers
from tests.bench.causes.families import Family
from tests.bench.causes.onsets import Calendar, choose_onset, make_calendar
from tests.bench.causes.segments import choose_segment
from tests.bench.causes.truth import Cell, Planting, Role, Stated, Truth


@dataclass(frozen=True, slots=True)
class Recipe:
    """How much is planted. Shares are of the themes with `least` texts or more, in this order."""

    least: int = 55
    where: float = 0.34
    when: float = 0.22
    joined: float = 0.14
    apart: float = 0.06
    # Of all themes so many cost score points; of the quiet ones so many get a harmless companion.
    harmful: float = 0.5
    companions: float = 0.12
    stated: float = 0.35
    # Of the labels so many (at least one) are told by no theme: they are the reference of scores.
    unthemed: float = 0.12
    lifts: tuple[float, float] = (1.5, 5.0)


NOISE = Recipe(where=0.0, when=0.0, joined=0.0, apart=0.0, stated=0.0)


def choose(
    available: Mapping[str, int],
    *,
    customers: Customers,
    first_day: dt.date,
    days: int,
    families: Sequence[Family],
    recipe: Recipe,
    seed: int,
) -> Truth:
    """Deal the roles to the labels and fill them in.

    Args:
        available: label -> texts it has.
        days: length of the stream.
    """
    rng = np.random.default_rng([seed, 4])
    labels = sorted(available)
    count = max(1, round(recipe.unthemed * len(labels))) if recipe.unthemed else 0
    by_size = sorted(labels, key=lambda name: (available[name], name))
    # Not the largest: they are worth more as themes.
    few = by_size[: max(count, (len(labels) * 2) // 3)]
    unthemed = frozenset(few[int(at)] for at in rng.permutation(len(few))[:count])
    themes = [name for name in labels if name not in unthemed]
    calendar = make_calendar(rng, first_day=first_day, days=days)
    large = [name for name in themes if available[name] >= recipe.least]
    roles = _roles(large, recipe, rng)
    plantings: dict[str, Planting] = {}
    for name in themes:
        role = roles.get(name, "noise")
        cells = _cells(
            role, available[name], customers=customers, calendar=calendar, recipe=recipe, rng=rng
        )
        planted = Planting(name, role, cells)
        if role != "noise" and not planted.cells:
            planted = replace(planted, role="noise")
        loss = round(float(rng.uniform(0.08, 0.35)), 3) if rng.random() < recipe.harmful else 0.0
        plantings[name] = replace(
            planted, loss=loss, stated=_stated(planted, available[name], families, recipe, rng)
        )
    return Truth(_with_companions(plantings, available, recipe, rng), calendar.events, unthemed)


def _roles(names: Sequence[str], recipe: Recipe, rng: np.random.Generator) -> dict[str, Role]:
    order = [names[int(at)] for at in rng.permutation(len(names))]
    found: dict[str, Role] = {}
    shares: tuple[tuple[Role, float], ...] = (
        ("where", recipe.where),
        ("when", recipe.when),
        ("joined", recipe.joined),
        ("apart", recipe.apart),
    )
    for role, share in shares:
        # Rounded at random, so that small corpora get their rare roles in some worlds.
        for _ in range(int(share * len(names) + rng.random())):
            if order:
                found[order.pop()] = role
    return found


def _cells(
    role: Role,
    size: int,
    *,
    customers: Customers,
    calendar: Calendar,
    recipe: Recipe,
    rng: np.random.Generator,
) -> tuple[Cell, ...]:
    if role == "noise":
        return ()
    onset = choose_onset(rng, calendar)
    if role == "when":
        return (Cell(round(float(rng.uniform(2.5, 6.0)), 2), onset=onset),)
    lift = round(float(np.exp(rng.uniform(*np.log(recipe.lifts)))), 2)
    if role == "where":
        segment = choose_segment(
            rng, customers, size=size, lift=lift, depth=int(rng.integers(1, 4))
        )
        return (Cell(lift, segment),) if segment else ()
    segment = choose_segment(rng, customers, size=size, lift=4.0, depth=int(rng.integers(1, 3)))
    if not segment:
        return ()
    if role == "apart":
        return (Cell(max(lift, 2.5), segment), Cell(4.0, onset=onset))
    return (Cell(round(float(rng.uniform(5.0, 10.0)), 2), segment, onset),)


def _stated(
    planted: Planting,
    size: int,
    families: Sequence[Family],
    recipe: Recipe,
    rng: np.random.Generator,
) -> tuple[Stated, ...]:
    joined = planted.role == "joined"
    if not families or not (joined or rng.random() < recipe.stated) or size < 40:
        return ()
    kinds = 1 if joined else int(rng.integers(1, 4))
    chosen = [families[int(at)] for at in rng.permutation(len(families))[:kinds]]
    room = max(6, min(40, size // (4 * kinds)))
    return tuple(
        Stated(one.key, int(rng.integers(6, room + 1)), int(rng.integers(2, 6)), inside=joined)
        for one in chosen
    )


def _with_companions(
    plantings: Mapping[str, Planting],
    available: Mapping[str, int],
    recipe: Recipe,
    rng: np.random.Generator,
) -> dict[str, Planting]:
    """Some harmless themes come mostly together with a harmful one, both without causes."""
    found = dict(plantings)
    quiet = [
        name for name in sorted(found) if found[name].role == "noise" and available[name] >= 25
    ]
    quiet = [quiet[int(at)] for at in rng.permutation(len(quiet))]
    for _ in range(int(recipe.companions * len(found) + rng.random())):
        if len(quiet) < 2:
            break
        harmful, decoy = quiet.pop(), quiet.pop()
        found[harmful] = replace(found[harmful], loss=max(found[harmful].loss, 0.2))
        found[decoy] = replace(found[decoy], loss=0.0, companion=harmful, stated=())
    return found
