"""Who speaks of a theme: the attribute values over- or under-represented among its mentions.

A description of one theme, value by value, with the votes, exposure and shrinkage of the search for
causes (`nlp.causes`): what that search reports as a cause has survived all combinations of all
themes and shows here, too; what shows here only need not be a cause.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nlp.causes.attributes import HOW_COLLECTED, Column, encode_levels
from nlp.causes.cells import iterate_cells
from nlp.causes.lift import fit_prior, shrink
from nlp.causes.votes import count_votes
from nlp.fdr import benjamini_hochberg
from nlp.population import Population
from nlp.rates import two_sided


@dataclass(frozen=True, slots=True)
class SegmentConfig:
    """Thresholds of the description."""

    # Below half an expected customer not even absence could be noticed: such values are not tested.
    least_expected: float = 0.5
    # Share of false calls among the values called, as in the trends.
    max_q: float = 0.05
    # Under five customers, one more or less moves a share by a quarter: shown, and said to be few.
    few: int = 5
    level: float = 0.95


@dataclass(frozen=True, slots=True)
class SegmentShare:
    """One attribute value among the theme's customers.

    customers: of the theme who have it (rounded where one wrote with several values); expected: so
    many if it were spoken of here as everywhere. exposure: its share of all feedback, 0..1.
    lift: rate inside over rate outside, shrunken to 1, with its 95% interval. q_value: false
    discovery rate over all values of this theme. more: over-represented. called: q at most
    `SegmentConfig.max_q`. few: too few customers to build on.
    """

    name: str
    value: str
    customers: int
    expected: float
    exposure: float
    lift: float
    low: float
    high: float
    q_value: float
    more: bool
    called: bool
    few: bool


def segment_columns(population: Population) -> tuple[Column, ...]:
    """The attributes to describe by; not how the feedback was collected."""
    return encode_levels(population.levels(), exclude=HOW_COLLECTED)


def theme_segments(
    population: Population,
    theme_id: str,
    *,
    columns: Sequence[Column],
    config: SegmentConfig = SegmentConfig(),
) -> tuple[SegmentShare, ...]:
    """The theme's values, those called first, then by how far the interval is from 1; total order.

    Two-sided binomial mid-p of the theme's votes in each value against the value's exposure,
    Benjamini-Hochberg over all values of this theme, lifts shrunken by what all its values show.

    Args:
        population: the feedback to describe; columns: `segment_columns` of it.
    """
    votes = count_votes(population, [theme_id])
    cells = [
        (columns[one.columns[0]], one)
        for one in iterate_cells(votes, columns, depths=1, least_expected=(config.least_expected,))
    ]
    if not cells:
        return ()
    named = [
        (column.name, column.values[int(code)]) for column, one in cells for code in one.codes[:, 0]
    ]
    inside = np.concatenate([one.votes[0] for _, one in cells])
    heads = np.concatenate([one.heads[0] for _, one in cells])
    shares = np.concatenate([one.shares[int(votes.bucket[0])] for _, one in cells])
    totals = np.full(inside.shape, float(votes.totals[0]))
    shares = np.clip(shares, 1e-9, 1.0 - 1e-9)
    q = benjamini_hochberg(two_sided(inside, totals, shares))
    lifts = shrink(fit_prior(inside, totals, shares), inside, totals, shares, level=config.level)
    found = [
        SegmentShare(
            name=name,
            value=value,
            customers=round(float(heads[at])),
            expected=round(float(shares[at] * votes.customers[0]), 3),
            exposure=round(float(shares[at]), 6),
            lift=round(float(lifts.ratio[at]), 6),
            low=round(float(lifts.low[at]), 6),
            high=round(float(lifts.high[at]), 6),
            q_value=float(f"{float(q[at]):.6g}"),
            more=bool(inside[at] > totals[at] * shares[at]),
            called=bool(q[at] <= config.max_q),
            few=bool(heads[at] < config.few - 1e-9),
        )
        for at, (name, value) in enumerate(named)
    ]
    return tuple(sorted(found, key=_order))


def called_once(shares: Sequence[SegmentShare]) -> tuple[SegmentShare, ...]:
    """The values called, in their order, an attribute of two values by the stronger one only.

    What the one has more of, the other has less of: both together would tell one finding twice.

    Args:
        shares: all that `theme_segments` tested of a theme.
    """
    values = Counter(one.name for one in shares)
    told: set[str] = set()
    kept: list[SegmentShare] = []
    for one in shares:
        mirrored = values[one.name] == 2 and one.name in told
        if one.called and not mirrored:
            kept.append(one)
            told.add(one.name)
    return tuple(kept)


def _order(one: SegmentShare) -> tuple[bool, float, float, str, str]:
    sure = one.low if one.more else 1.0 / max(one.high, 1e-9)
    return (not one.called, one.q_value, -round(sure, 6), one.name, one.value)
