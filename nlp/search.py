"""Search by meaning and words together: which statements are found, and in which order.

Meaning is the cosine of the query's embedding with the statement's, words are BM25. Their orders
are fused by reciprocal rank (Cormack, Clarke & Buettcher 2009): 1 / (60 + place) each, weighted, so
that scores of different scales need no common one. Ties go by row, rows being sorted by id.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlp.word_index import WordMatches

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
    """Statements found, the best first: rows, fused score, cosine and BM25; shape (found,) each."""

    rows: IntArray
    score: FloatArray
    meaning: FloatArray
    words: FloatArray


def fuse(
    cosine: NDArray[np.float32] | None,
    words: WordMatches | None,
    keep: NDArray[np.bool_],
    *,
    config: SearchConfig = SearchConfig(),
) -> Found:
    """Find and order statements.

    Found is what is near in meaning (`least_cosine`) or holds most of what tells the query
    (`least_share`), among those kept, and holds every phrase in quotes. The more of the query is
    function words, the less its words weigh beside its meaning.

    Args:
        cosine: of every statement, shape (n,); NaN where it has no vector; None: words only.
        words: of the query; None: meaning only.
        keep: which statements may be found, shape (n,).
    """
    inside = np.zeros(keep.shape, dtype=np.bool_)
    meaning = np.full(keep.shape, np.nan)
    told = np.zeros(keep.shape)
    if cosine is not None:
        meaning = np.round(cosine.astype(np.float64), config.digits)
        inside |= meaning >= config.least_cosine  # False where it is NaN
    if words is not None:
        told = np.round(words.score, config.digits)
        inside |= words.share >= config.least_share
        inside &= words.quoted
    rows = np.flatnonzero(inside & keep)
    score = np.zeros(rows.size)
    score += config.meaning_weight * _reciprocal(meaning[rows], config)
    weight = config.words_weight * (words.telling if words else 0.0)
    score += weight * _reciprocal(np.where(told > 0, told, np.nan)[rows], config)
    score = np.round(score, 9)
    order = np.lexsort((rows, -score))
    rows = rows[order]
    return Found(rows, score[order], meaning[rows], told[rows])


def _reciprocal(values: FloatArray, config: SearchConfig) -> FloatArray:
    """1 / (constant + place), equal values sharing the first of their places; 0 for NaN."""
    found = np.zeros(values.size)
    known = np.flatnonzero(~np.isnan(values))
    if known.size:
        ordered = np.sort(-values[known])
        place = np.searchsorted(ordered, -values[known], side="left") + 1
        found[known] = 1.0 / (config.rank_constant + place)
    return found
