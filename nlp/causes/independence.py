"""How many kinds of evidence of a cause are independent of each other.

Two kinds are when their customers overlap beyond chance; a join by words alone does not make them.
And a segment and an onset may be one finding told twice: a version that exists only since an onset
concentrates whatever began then, and the onset shows in it. So the segment must also stand inside
days, where "since then" cannot explain anything.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray
from scipy.stats import hypergeom

from nlp.causes.attributes import encode
from nlp.causes.links import DEFAULT, JoinConfig
from nlp.population import IntArray, Population
from nlp.records import Cause, CauseKind

_KINDS: tuple[CauseKind, ...] = ("said", "where", "when")


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands behind a cause. `independent`: how many of `kinds`, at least one.

    `repeated`: segment and onset are one finding told twice. `named`: kinds that only the words
    join to the others; all kinds where no two are independent for that reason.
    """

    kinds: tuple[CauseKind, ...]
    independent: int
    repeated: bool
    named: tuple[CauseKind, ...]


def standing_of(
    population: Population,
    pieces: Sequence[Cause],
    customers: Mapping[str, Collection[int]],
    *,
    total: int,
    config: JoinConfig = DEFAULT,
) -> Standing:
    """Which kinds of evidence a cause has, and how many of them are independent.

    Of two kinds, the least hypergeometric p of the overlap over the pairs of their pieces, times
    those pairs, must be small. The most kinds that hang together by that are counted; segment and
    onset are one where no segment stands inside days (times the segments asked).

    Args:
        population: the feedback on which the pieces were found.
        pieces: of one cause.
        customers: piece id -> those of the theme's customers who are behind it.
        total: customers of the theme.
        config: thresholds.
    """
    kinds = tuple(kind for kind in _KINDS if any(piece.kind == kind for piece in pieces))
    onsets = frozenset(piece.onset.toordinal() for piece in pieces if piece.onset is not None)
    segments = [piece for piece in pieces if piece.kind == "where"]
    repeated = {"where", "when"} <= set(kinds) and not any(
        within_days_p(population, piece, without=onsets) * len(segments) <= config.max_within_p
        for piece in segments
    )
    together: dict[CauseKind, frozenset[CauseKind]] = {kind: frozenset({kind}) for kind in kinds}
    for one, other in combinations(kinds, 2):
        pairs = [
            (customers[a.id], customers[b.id])
            for a, b in product(pieces, pieces)
            if (a.kind, b.kind) == (one, other)
        ]
        least = min(
            float(hypergeom.sf(len(set(a) & set(b)) - 1, total, len(a), len(b))) for a, b in pairs
        )
        if least * len(pairs) <= config.max_shared_p or (repeated and "said" not in (one, other)):
            joined = together[one] | together[other]
            together |= dict.fromkeys(joined, joined)
    widest = max((together[kind] for kind in kinds), key=lambda held: _count(held, repeated))
    most = _count(widest, repeated)
    return Standing(
        kinds=kinds,
        independent=most,
        repeated=repeated,
        named=tuple(kind for kind in kinds if most == 1 or kind not in widest)
        if len(widest) < len(kinds)
        else (),
    )


def _count(kinds: Collection[CauseKind], repeated: bool) -> int:
    return len(kinds) - (repeated and "when" in kinds)


def within_days_p(population: Population, piece: Cause, *, without: Collection[int] = ()) -> float:
    """One-sided p of a segment's excess in its theme, stratified by day (log-rank, Mantel 1966).

    Each customer counts once, on the day of the first mention of the theme, among those who write
    on that day and have not mentioned it before: n customers, m of them in the segment, K mention
    it. Without an excess those of the K in the segment are hypergeometric, and their sum over days
    is compared with its exact distribution. A day on which nobody or everybody is in the segment
    says nothing. The first and the last day of the segment are left out, as a change at noon
    splits them; so are the days `without`, of an onset.

    Args:
        population: the feedback on which the piece was found.
        piece: a segment.
        without: days (ordinals) that are left out.

    Returns:
        The p-value; 1.0 when the segment cannot be laid out on this population.
    """
    inside = _segment(population, piece)
    members = population.members.get(piece.theme_id)
    if inside is None or members is None or not members.size or not inside.any():
        return 1.0
    days, customers = population.days, population.customers
    never = int(days.max()) + 1
    first = np.full(int(customers.max()) + 1, never, dtype=np.int64)
    np.minimum.at(first, customers[members], days[members])
    ends = (int(days[inside].min()), int(days[inside].max()))
    counted = ~np.isin(days, sorted({*ends, *without})) & (days <= first[customers])
    mention = np.zeros(len(population), dtype=np.bool_)
    mention[members] = days[members] == first[customers[members]]
    writing, in_segment, mentioning, both = (
        _per_day(population, np.flatnonzero(counted & rows))
        for rows in (np.ones_like(inside), inside, mention, mention & inside)
    )
    telling = np.flatnonzero((mentioning > 0) & (in_segment > 0) & (in_segment < writing))
    law = np.ones(1)
    for day in telling.tolist():
        n, m, k = int(writing[day]), int(in_segment[day]), int(mentioning[day])
        law = np.convolve(law, hypergeom.pmf(np.arange(min(k, m) + 1), n, m, k))
    return min(1.0, float(law[int(both[telling].sum()) :].sum()))


def _per_day(population: Population, rows: IntArray) -> IntArray:
    """Distinct customers of each day, from the population's first day on."""
    since, many = int(population.days.min()), int(population.customers.max()) + 1
    pairs = np.unique((population.days[rows] - since) * many + population.customers[rows])
    return np.bincount(pairs // many, minlength=int(population.days.max()) - since + 1)


def _segment(population: Population, piece: Cause) -> NDArray[np.bool_] | None:
    """Which feedback lies in the piece's segment; None when an attribute is not laid out here."""
    inside = np.ones(len(population), dtype=np.bool_)
    for name, value in piece.conditions:
        if name not in population.attributes:
            return None
        columns = encode({name: population.attributes[name]})
        if not columns or value not in columns[0].values:
            return None
        inside &= columns[0].codes == columns[0].values.index(value)
    return inside
