"""What follows a mention: writing again, reopening, waiting; and the revenue of who mentions it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np

from nlp.population import IntArray, Population
from nlp.rates import FloatArray

_DAY = 86_400.0


def recontacts(
    population: Population, names: Sequence[str], *, days: int
) -> list[tuple[IntArray, FloatArray]]:
    """Per theme: its mentions by identified customers that had time to return, and who returned.

    A return is another message of the same customer on the same theme within `days`; a message
    that is followed so on several themes counts once, split evenly over them.

    Returns:
        For each name (rows, returned): feedback indices, and a part of 1 for each.
    """
    known = np.array(
        [bool(item.customer_id or item.account_id) for item in population.feedback], dtype=np.bool_
    )
    last = int(population.days.max(initial=0))
    times = np.array([item.created_at.timestamp() for item in population.feedback])
    found = []
    together = np.zeros(len(population))
    for name in names:
        rows = population.members[name]
        rows = rows[known[rows]]
        rows = rows[np.lexsort((rows, times[rows], population.customers[rows]))]
        who, when = population.customers[rows], times[rows]
        back = np.zeros(rows.size)
        if rows.size > 1:
            gap = when[1:] - when[:-1]
            back[:-1] = (who[1:] == who[:-1]) & (gap > 0) & (gap <= days * _DAY)
        together[rows] += back
        seen = population.days[rows] + days <= last
        found.append((rows[seen], back[seen]))
    return [(rows, back / np.maximum(together[rows], 1.0)) for rows, back in found]


def reopen_rate(population: Population, rows: IntArray) -> float | None:
    """Share of the messages that were reopened, among those of which it is known."""
    flags = [population.feedback[row].reopened for row in rows.tolist()]
    known = [flag for flag in flags if flag is not None]
    return round(float(np.mean(known)), 6) if known else None


def days_to_resolve(population: Population, rows: IntArray) -> float | None:
    """Median days from writing to the resolution, among the messages that were resolved."""
    items = [population.feedback[row] for row in rows.tolist()]
    waited = [
        (item.resolved_at - item.created_at).total_seconds() / _DAY
        for item in items
        if item.resolved_at is not None
    ]
    return round(float(np.median(waited)), 6) if waited else None


def revenues(population: Population, names: Sequence[str]) -> dict[str, float]:
    """Revenue at stake by theme: of each payer, split evenly over the themes that it mentions.

    The account pays, else the customer; its revenue is the greatest it was given with. So the
    themes' parts add up to no more than what all payers pay. Themes of which no payer is known are
    left out.
    """
    paid: dict[str, float] = {}
    for item in population.feedback:
        if item.revenue is not None:
            payer = item.account_id or item.customer
            paid[payer] = max(paid.get(payer, item.revenue), item.revenue)
    if not paid:
        return {}
    payers: dict[str, set[str]] = {}
    for name in names:
        items = (population.feedback[row] for row in population.members[name].tolist())
        payers[name] = {item.account_id or item.customer for item in items} & paid.keys()
    shares = Counter(payer for name in names for payer in payers[name])
    return {
        name: _cents(sum(paid[payer] / shares[payer] for payer in sorted(payers[name])))
        for name in names
        if payers[name]
    }


def _cents(amount: float) -> float:
    """Rounded down, so that the parts never add up to more than the whole."""
    return math.floor(amount * 100 + 1e-6) / 100
