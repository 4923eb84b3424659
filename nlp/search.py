"""Search by meaning and words together: which statements are found, and in which order.

Meaning is the cosine of the query's embedding with the statement's, words are BM25. Their orders
are fused by reciprocal rank (Cormack, Clarke & Buettcher 2009): 1 / (60 + place) each, weighted, so
that scores of different scales need no common one. Ties go by row, rows being sorted by id.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlp.nearness import Nearness
from nlp.word_index import WordMatches

BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class SearchConfig:
    """What counts as found, and how the two orders are weighed."""

    # Cosine from which a statement counts as near in meaning: on support questions (bench, sumo)
    # the part that has the query's label is flat below 0.4 and doubles by 0.55.
    least_cosine: float = 0.45
    # Part of the query's weight in rare words that a statement must hold to be found by its words.
    least_share: float = 0.5
    # The constant of Cormack et al.: what stands first in one order only does not win outright.
    rank_constant: float = 60.0
    # Half: from 0.1 to 1, whole sentences as queries do the same on sumo, and words typed do better
    # the more words count.
    meaning_weight: float = 1.0
    words_weight: float = 0.5
    # Digits kept of cosine and BM25 before places are given: additions in another order, by other
    # threads or machines, must not decide.
    digits: int = 5


@dataclass(frozen=True, slots=True)
class Found:
    """Statements found: rows, fused score, cosine and BM25; shape (found,) each."""

    rows: IntArray
    score: FloatArray
    meaning: FloatArray
    words: FloatArray

    def at(self, places: IntArray) -> Found:
        """Some of them."""
        return Found(
            self.rows[places], self.score[places], self.meaning[places], self.words[places]
        )


def fuse(
    meant: Nearness | None,
    words: WordMatches | None,
    keep: BoolArray | None = None,
    *,
    config: SearchConfig = SearchConfig(),
) -> Found:
    """Find statements and order them, the best first; see `gather`."""
    found = gather(meant, words, keep, config=config)
    return found.at(leading(found.score, found.rows))


def gather(
    meant: Nearness | None,
    words: WordMatches | None,
    keep: BoolArray | None = None,
    *,
    config: SearchConfig = SearchConfig(),
) -> Found:
    """Find statements, by ascending row.

    Found is what is near in meaning (`least_cosine`) or holds most of what tells the query
    (`least_share`), among those kept, and holds every phrase in quotes. The more of the query is
    function words, the less its words weigh beside its meaning.

    Args:
        meant: cosines of every statement; None: words only.
        words: of the query; None: meaning only.
        keep: which statements may be found, shape (n,); None: all.
    """
    if meant is None and words is None:
        nothing = np.zeros(0)
        return Found(np.zeros(0, dtype=np.int64), nothing, nothing, nothing)
    if words is not None:
        held = words.share >= config.least_share
    else:
        held = np.zeros(len(meant.vectors) if meant else 0, dtype=np.bool_)
    among = keep
    if words is not None and not words.quoted.all():
        among = words.quoted if keep is None else words.quoted & keep
    if meant is None:
        rows = np.flatnonzero(held if among is None else held & among)
        meaning = np.full(rows.size, np.nan)
    else:
        least = config.least_cosine - 10.0**-config.digits  # what rounds up to it counts
        rows, cosine = meant.near(least, also=held, among=among)
        meaning = np.round(cosine.astype(np.float64), config.digits)
        inside = (meaning >= config.least_cosine) | held[rows]  # False where it is NaN
        rows, meaning = rows[inside], meaning[inside]
    score = config.meaning_weight * _reciprocal(meaning, config)
    told = np.zeros(rows.size)
    if words is not None:
        told = np.round(words.score[rows], config.digits)
        weight = config.words_weight * words.telling
        score += weight * _reciprocal(np.where(told > 0, told, np.nan), config)
    return Found(rows, np.round(score, 9), meaning, told)


def leading(score: FloatArray, ties: IntArray, *, most: int | None = None) -> IntArray:
    """Places of the `most` best (None: of all), the best first; of equals the one of least `ties`.

    The others are not put in order: with a few to show of ten thousands, that is most of the work.
    """
    low = -score
    chosen = np.arange(low.size)
    if most is not None and 0 < most < low.size:
        chosen = np.flatnonzero(low <= np.partition(low, most - 1)[most - 1])
    order: IntArray = chosen[np.lexsort((ties[chosen], low[chosen]))]
    return order[:most]


def _reciprocal(values: FloatArray, config: SearchConfig) -> FloatArray:
    """1 / (constant + place), equal values sharing the first of their places; 0 for NaN."""
    found = np.zeros(values.size)
    known = np.flatnonzero(~np.isnan(values))
    if known.size:
        low = -values[known]
        order = np.argsort(low)  # equals in any order: they share a place
        ordered = low[order]
        fresh = np.concatenate([[True], ordered[1:] != ordered[:-1]])
        place = np.maximum.accumulate(np.where(fresh, np.arange(low.size), 0)) + 1
        found[known[order]] = 1.0 / (config.rank_constant + place)
    return found
