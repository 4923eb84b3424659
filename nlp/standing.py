"""From draws of scores to ranks with intervals, top-five probabilities and ties."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlp.population import IntArray
from nlp.rates import FloatArray

# Of hundreds that are tied a reader wants the neighbours; the rank interval tells of the others.
TIES_NAMED = 25
_BYTE = 255


@dataclass(frozen=True, slots=True)
class Standing:
    """Where each item stands; everything in the order in which the items were given.

    rank: by point score, 1 the best, equal scores in the order given. rank_low, rank_high: one past
    all that are told to be better, and before all that are told to be worse. top5: share of draws
    in which the item is among the five best. tied: items that are not told apart, by number, in
    order of rank; of more than `TIES_NAMED` the nearest in rank.
    """

    rank: IntArray
    rank_low: IntArray
    rank_high: IntArray
    top5: FloatArray
    tied: tuple[tuple[int, ...], ...]


def stand(scores: FloatArray, draws: FloatArray, *, level: float) -> Standing:
    """Rank items by score; intervals from the draws.

    Item i is told to be better than j when it leads in more than (1 + level) / 2 of the draws
    (ties in a draw count half): a percentile interval of the difference that leaves out 0. The rank
    interval counts such items, which covers the true rank more often than the spread of drawn ranks
    does when scores lie close together (marginal sets of Mogstad, Romano, Shaikh & Wilhelm 2024).

    Args:
        scores: shape (items,). draws: shape (resamples, items).
    """
    items = scores.size
    order = np.lexsort((np.arange(items), -scores))
    rank = np.empty(items, dtype=np.int64)
    rank[order] = np.arange(1, items + 1)
    # Places in each draw, equal ones of equal draws: bytes instead of doubles to compare.
    along = np.argsort(-draws[:, order], axis=1, kind="stable")
    in_order = np.take_along_axis(draws[:, order], along, axis=1)
    steps = np.zeros(draws.shape, dtype=np.uint16)
    steps[:, 1:] = in_order[:, 1:] < in_order[:, :-1]
    places = np.empty(draws.shape, dtype=np.uint16)
    np.put_along_axis(places, order[along], np.cumsum(steps, axis=1, dtype=np.uint16), axis=1)
    ahead = _ahead(places)
    # Equal draws are ranked as their scores are.
    top5 = np.bincount(order[along[:, :5]].ravel(), minlength=items).astype(np.float64)
    # What is neither ahead nor behind was equal.
    leads = 0.5 + 0.5 * (ahead - ahead.T) / max(len(draws), 1)
    sure = (1.0 + level) / 2.0
    # Only the better point score can be told to be better.
    better = (leads > sure) & (rank[:, None] < rank[None, :])
    above, below = better.sum(axis=0), better.sum(axis=1)
    apart = better | better.T | np.eye(items, dtype=np.bool_)
    return Standing(
        rank=rank,
        rank_low=np.minimum(above + 1, rank),
        rank_high=np.maximum(items - below, rank),
        top5=top5 / max(len(draws), 1),
        tied=tuple(
            _nearest(np.flatnonzero(row), place - 1, order)
            for row, place in zip(~apart[:, order], rank.tolist(), strict=True)
        ),
    )


def _nearest(places: IntArray, own: int, order: IntArray) -> tuple[int, ...]:
    """The items at the few of some places that are nearest to one's own, in order of rank."""
    if places.size > TIES_NAMED:
        at = int(np.searchsorted(places, own))
        places = places[max(0, at - TIES_NAMED) : at + TIES_NAMED]
        kept = np.lexsort((order[places], np.abs(places - own)))[:TIES_NAMED]
        places = np.sort(places[kept])
    return tuple(order[places].tolist())


def _ahead(places: NDArray[np.uint16]) -> NDArray[np.int32]:
    """In how many draws each item (rows) is before each (columns), shape (items, items)."""
    items = places.shape[1]
    ahead = np.zeros((items, items), dtype=np.int32)
    # Counted in bytes as long as these hold the count.
    for start in range(0, len(places), _BYTE):
        few = np.zeros((items, items), dtype=np.uint8)
        for placed in places[start : start + _BYTE]:
            few += (placed[:, None] < placed[None, :]).view(np.uint8)
        ahead += few
    return ahead
