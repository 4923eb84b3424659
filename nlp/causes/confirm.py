"""No double dipping: causes of a young theme are sought again in the weeks after its birth alone.

A theme is formed from the texts of its first weeks, and those weeks look as concentrated as the
texts were alike. Where a theme was born inside the window in which its causes were sought, the
search is made afresh on later weeks only, under the same false discovery rate, as if nothing had
been found before; what it does not find again is exploratory. To test there what was found on all
weeks would not do: those weeks took part in finding it (17 of 100 causes that only the formation
made passed such a test).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from nlp.causes.when import when
from nlp.causes.where import where
from nlp.population import Population, restrict
from nlp.records import Cause


@dataclass(frozen=True, slots=True)
class ConfirmConfig:
    """When a cause counts as seen again."""

    # A stated reason is a count, no test: as many distinct customers as it took to be told.
    least_customers: int = 3
    # Bins of numbers are cut anew in the later weeks: a segment of the same attributes is the same
    # when it holds the greater part of what the first one holds there.
    same_evidence: float = 0.5
    # Estimates of one onset wander by days from week to week.
    same_onset_days: int = 7


def confirm(
    population: Population,
    causes: Sequence[Cause],
    *,
    born: Mapping[str, str],
    until: dt.date,
    exclude_attributes: Collection[str] = (),
    config: ConfirmConfig = ConfirmConfig(),
) -> tuple[Cause, ...]:
    """The causes in their order, `exploratory` where they are not confirmed.

    Args:
        population: the feedback on which the causes were found.
        causes: pieces of every kind. A stated reason is confirmed by the customers who give it
            later; a burst is found without any theme, and asks for a later week only.
        born: theme -> ISO week of its birth, of the themes that feedback formed. Themes that are
            not named, or were born before the population begins, were frozen before: their
            causes stand.
        until: the last day looked at.
    """
    start = min(population.weeks, default="")
    young = {name: week for name, week in born.items() if week >= start}
    seen: set[str] = set()
    for week in sorted({young[one.theme_id] for one in causes if one.theme_id in young}):
        mine = [one for one in causes if young.get(one.theme_id) == week]
        later = restrict(population, np.array([name > week for name in population.weeks]))
        if len(later):
            seen |= _seen_again(later, mine, until, exclude_attributes, config)
    return tuple(
        replace(one, exploratory=one.theme_id in young and one.id not in seen) for one in causes
    )


def _seen_again(
    later: Population,
    causes: Sequence[Cause],
    until: dt.date,
    exclude_attributes: Collection[str],
    config: ConfirmConfig,
) -> set[str]:
    """Ids of the causes that the later weeks alone show."""
    row_of = {name: row for (_, row), names in later.statements.items() for name in names}
    again: list[Cause] = []
    tested = sorted({one.theme_id for one in causes if one.kind != "said" and one.centre is None})
    if tested:
        segments = where(later, themes=tested, exclude_attributes=exclude_attributes)
        onsets = when(later, themes=tested, events=(), until=until, found=segments)
        again = [*segments, *onsets]
    seen = set()
    for cause in causes:
        if cause.centre is not None:
            seen.add(cause.id)
        elif cause.kind == "said":
            rows = {row_of[name] for name in cause.evidence_ids if name in row_of}
            who = later.distinct_customers(np.array(sorted(rows), dtype=np.int64))
            if who >= config.least_customers:
                seen.add(cause.id)
        elif any(_same(cause, one, row_of, config) for one in again):
            seen.add(cause.id)
    return seen


def _same(cause: Cause, other: Cause, row_of: Mapping[str, int], config: ConfirmConfig) -> bool:
    if (cause.theme_id, cause.kind) != (other.theme_id, other.kind):
        return False
    if cause.onset is not None and other.onset is not None:
        near = abs((cause.onset - other.onset).days) <= config.same_onset_days
        return near and cause.conditions == other.conditions
    if cause.conditions == other.conditions:
        return True
    if [name for name, _ in cause.conditions] != [name for name, _ in other.conditions]:
        return False
    mine = {name for name in cause.evidence_ids if name in row_of}
    return len(mine & set(other.evidence_ids)) > config.same_evidence * len(mine)
