"""What follows a mention: writing again, reopening, waiting; and the revenue of who mentions it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from nlp.facts import DAY, Facts
from nlp.population import IntArray, Mentions
from nlp.rates import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Recontacts:
    """Mentions by identified customers that had time to return, sorted by theme.

    theme, row: shape (k,); row is the message. returned: a part of 1 for each, shape (k,).
    """

    theme: IntArray
    row: IntArray
    returned: FloatArray


def recontacts(
    mentions: Mentions, facts: Facts, *, customers: IntArray, days: IntArray, within: int
) -> Recontacts:
    """Who came back: another message of the same customer on the same theme within some days.

    A message that is followed so on several themes counts once, split evenly over them.

    Args:
        mentions: of all themes; rows are messages.
        customers, days: codes and ordinals of the days of all messages.
        within: days in which one counts as come back, and that all must have had.
    """
    known = facts.identified[mentions.row]
    theme, row = mentions.theme[known], mentions.row[known]
    order = np.lexsort((row, facts.written[row], customers[row], theme))
    theme, row = theme[order], row[order]
    back = np.zeros(row.size)
    if row.size > 1:
        who, when = customers[row], facts.written[row]
        gap = when[1:] - when[:-1]
        again = (theme[1:] == theme[:-1]) & (who[1:] == who[:-1])
        back[:-1] = again & (gap > 0) & (gap <= within * DAY)
    together = np.bincount(row, weights=back, minlength=days.size)
    seen = days[row] + within <= int(days.max(initial=0))
    theme, row = theme[seen], row[seen]
    return Recontacts(theme, row, back[seen] / np.maximum(together[row], 1.0))


def reopen_rates(mentions: Mentions, facts: Facts) -> list[float | None]:
    """By theme: share of the messages that were reopened, among those of which it is known."""
    flags = facts.reopened[mentions.row]
    theme = mentions.theme[flags >= 0]
    known = np.bincount(theme, minlength=mentions.themes)
    again = np.bincount(theme, weights=flags[flags >= 0], minlength=mentions.themes)
    return [
        round(part / many, 6) if many else None
        for part, many in zip(again.tolist(), known.tolist(), strict=True)
    ]


def days_to_resolve(mentions: Mentions, facts: Facts) -> list[float | None]:
    """By theme: median days from writing to the resolution, of the messages that were resolved."""
    waited = facts.waited[mentions.row]
    told = ~np.isnan(waited)
    theme, waited = mentions.theme[told], waited[told]
    order = np.lexsort((waited, theme))
    waited = waited[order]
    ends = np.searchsorted(theme[order], np.arange(mentions.themes + 1)).tolist()
    return [
        round(float(waited[(first + last - 1) // 2] + waited[(first + last) // 2]) / 2.0, 6)
        if first < last
        else None
        for first, last in pairwise(ends)
    ]


def revenues(mentions: Mentions, facts: Facts) -> list[float | None]:
    """By theme: revenue at stake, of each payer split evenly over the themes that it mentions.

    The account pays, else the customer; its revenue is the greatest it was given with. So the
    themes' parts add up to no more than what all payers pay. None where no payer is known.
    """
    told = ~np.isnan(facts.revenue)
    if not told.any():
        return [None] * mentions.themes
    paid = np.full(int(facts.payer.max()) + 1, -np.inf)
    np.maximum.at(paid, facts.payer[told], facts.revenue[told])
    payer = facts.payer[mentions.row]
    kept = np.isfinite(paid[payer])
    pairs = np.unique(mentions.theme[kept] * paid.size + payer[kept])
    theme, payer = np.divmod(pairs, paid.size)
    shares = np.bincount(payer, minlength=paid.size)
    many = np.bincount(theme, minlength=mentions.themes)
    sums = np.bincount(theme, weights=paid[payer] / shares[payer], minlength=mentions.themes)
    # Rounded down, so that the parts never add up to more than the whole.
    cents = np.floor(sums * 100 + 1e-6) / 100
    return [
        amount if payers else None
        for amount, payers in zip(cents.tolist(), many.tolist(), strict=True)
    ]
