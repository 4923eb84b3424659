"""No double dipping: causes of a young theme are tested again on the weeks after its birth.

A theme is formed from the texts of its first weeks, and those weeks look as concentrated as the
texts were alike. Where a theme was born inside the window in which its causes were sought, what was
found on all weeks is asked again of the weeks after its birth alone: only the segments and onsets
found, each one test, Holm (1979) over the theme's causes. What fails, or has too few customers
there to be asked, is exploratory.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from nlp.causes.attributes import Column, encode
from nlp.causes.cells import Votes, count_votes, segment_mask
from nlp.causes.segments import segment_named
from nlp.population import IntArray, Population
from nlp.rates import mid_p
from nlp.records import Cause

BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class ConfirmConfig:
    """When a cause counts as seen again."""

    # Chance of one false confirmation among a theme's causes.
    level: float = 0.05
    # Distinct customers of the theme after its birth; as few as a cause must show in the first
    # place. With fewer, a failed test would say nothing.
    least_customers: int = 5


def confirm(
    population: Population,
    causes: Sequence[Cause],
    *,
    born: Mapping[str, str],
    config: ConfirmConfig = ConfirmConfig(),
) -> tuple[Cause, ...]:
    """The causes in their order, `exploratory` where they are not confirmed.

    Args:
        population: the feedback on which the causes were found.
        causes: segments and onsets; stated causes are left as they are.
        born: theme -> ISO week of its birth, of the themes that feedback formed. Themes that are
            not named, or were born before the population begins, were frozen before: their
            causes stand.
    """
    start = min(population.weeks, default="")
    young = {name: week for name, week in born.items() if week >= start}
    asked = [one for one in causes if one.theme_id in young and one.kind != "said"]
    columns = encode(population.attributes) if asked else ()
    p: dict[str, float] = {}
    for week in sorted({young[one.theme_id] for one in asked}):
        later = np.array([name > week for name in population.weeks], dtype=np.bool_)
        mine = [one for one in asked if young[one.theme_id] == week]
        votes = count_votes(population, [one.theme_id for one in mine], keep=later)
        for cause in mine:
            p[cause.id] = _p_later(
                population, cause, columns=columns, later=later, votes=votes, config=config
            )
    seen = _holm(asked, p, config.level)
    return tuple(
        replace(one, exploratory=one.id not in seen)
        if one.id in p
        else replace(one, exploratory=one.exploratory and one.kind == "said")
        for one in causes
    )


def _holm(causes: Sequence[Cause], p: Mapping[str, float], level: float) -> set[str]:
    by_theme: dict[str, list[str]] = {}
    for cause in causes:
        by_theme.setdefault(cause.theme_id, []).append(cause.id)
    seen: set[str] = set()
    for ids in by_theme.values():
        for at, name in enumerate(sorted(ids, key=lambda name: (p[name], name))):
            if p[name] * (len(ids) - at) > level:
                break
            seen.add(name)
    return seen


def _p_later(
    population: Population,
    cause: Cause,
    *,
    columns: Sequence[Column],
    later: BoolArray,
    votes: Votes,
    config: ConfirmConfig,
) -> float:
    """Mid-p of the cause's excess on the rows `later`; 1 where it cannot be asked."""
    members = population.members[cause.theme_id]
    members = members[later[members]]
    if population.distinct_customers(members) < config.least_customers:
        return 1.0
    mask = np.ones(len(population), dtype=np.bool_)
    if cause.conditions:
        segment = segment_named(columns, cause.conditions)
        if segment is None:
            return 1.0
        mask = segment_mask(columns, segment)
    if cause.kind == "where":
        theme = votes.themes.index(cause.theme_id)
        mine = (votes.theme == theme) & mask[votes.row]
        hits, total = float(votes.weight[mine].sum()), float(votes.totals[theme])
        share = float(votes.exposure[votes.bucket[theme]][mask].sum())
    else:
        window = _window(population, cause)
        hits = _customer_days(population, members[mask[members] & window[members]])
        total = _customer_days(population, members[mask[members]])
        rows = np.flatnonzero(later & mask)
        within = _customer_days(population, rows[window[rows]])
        share = within / max(_customer_days(population, rows), 1.0)
    if not 0.0 < share < 1.0 or total <= 0.0:
        return 1.0
    tail, _ = mid_p(np.array([hits]), np.array([total]), np.array([share]))
    return float(tail[0])


def _window(population: Population, cause: Cause) -> BoolArray:
    """The days from the onset to the last one with evidence."""
    assert cause.onset is not None
    told = set(cause.evidence_ids)
    days = [
        int(population.days[row])
        for row in population.members[cause.theme_id].tolist()
        if told.intersection(population.statements.get((cause.theme_id, row), ()))
    ]
    first = cause.onset.toordinal()
    last = max(days, default=dt.date.max.toordinal())
    return np.asarray((population.days >= first) & (population.days <= last), dtype=np.bool_)


def _customer_days(population: Population, rows: IntArray) -> float:
    if rows.size == 0:
        return 0.0
    days = population.days[rows]
    pairs = population.customers[rows] * (int(days.max()) + 1) + days
    return float(np.unique(pairs).size)
