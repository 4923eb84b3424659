"""Ridge regression of scores on theme mentions, weighted by customer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from nlp.population import IntArray, Population
from nlp.rates import FloatArray

# Weight of the anchor that stands for the reference where too few messages have no theme.
_ANCHOR = 20.0
# Only keeps the levels solvable when a resample hardly weighs a group.
_TINY = 1e-6


@dataclass(frozen=True, slots=True)
class Design:
    """Scored feedback and what may explain its scores: themes first, then one level per group.

    scored: feedback indices, shape (m,); scores: on 0..1, shape (m,); who: customer codes (m,).
    group: level of each, as a column number >= themes, shape (m,).
    row, column: one pair per (scored message, theme mentioned).
    anchors: (group column, score) of the groups whose reference is the upper quartile.
    mentions, customers_per_theme: scored messages and distinct scored customers, shape (themes,).
    """

    themes: int
    width: int
    scored: IntArray
    scores: FloatArray
    who: IntArray
    group: IntArray
    row: IntArray
    column: IntArray
    pair_row: IntArray
    pair: IntArray
    anchors: tuple[tuple[int, float], ...]
    mentions: FloatArray
    customers_per_theme: IntArray

    @property
    def anchored(self) -> bool:
        """Whether some group has too few messages without a theme."""
        return bool(self.anchors)

    def scores_of(self, theme: int) -> FloatArray:
        """The scores of the messages that mention a theme."""
        return np.asarray(self.scores[self.row[self.column == theme]], dtype=np.float64)


def build_design(population: Population, *, themes: Sequence[str], min_free: int) -> Design:
    """Lay out the regression; a group is a (score kind, kind of feedback)."""
    unit = [item.unit_score for item in population.feedback]
    scored = np.array([i for i, score in enumerate(unit) if score is not None], dtype=np.int64)
    place = np.full(len(population), -1, dtype=np.int64)
    place[scored] = np.arange(scored.size)
    scores = np.array([score for score in unit if score is not None], dtype=np.float64)
    kinds = [
        (population.feedback[i].score_kind or "", population.feedback[i].kind)
        for i in scored.tolist()
    ]
    levels = {kind: len(themes) + at for at, kind in enumerate(sorted(set(kinds)))}
    group = np.array([levels[kind] for kind in kinds], dtype=np.int64)
    rows = [place[population.members[name]] for name in themes]
    rows = [at[at >= 0] for at in rows]
    none = np.empty(0, dtype=np.int64)
    row = np.concatenate([none, *rows])
    column = np.repeat(np.arange(len(themes), dtype=np.int64), [at.size for at in rows])
    who = population.customers[scored]
    width = len(themes) + len(levels)
    all_rows = np.concatenate([row, np.arange(scored.size)])
    all_columns = np.concatenate([column, group])
    pair_row, pair = _pairs(all_rows, all_columns, width)
    free = np.ones(scored.size, dtype=np.bool_)
    free[row] = False
    anchors = tuple(
        (level, float(np.quantile(scores[group == level], 0.75)))
        for level in sorted(levels.values())
        if int(free[group == level].sum()) < min_free
    )
    return Design(
        themes=len(themes),
        width=width,
        scored=scored,
        scores=scores,
        who=who,
        group=group,
        row=row,
        column=column,
        pair_row=pair_row,
        pair=pair,
        anchors=anchors,
        mentions=np.array([at.size for at in rows], dtype=np.float64),
        customers_per_theme=np.array([np.unique(who[at]).size for at in rows], dtype=np.int64),
    )


def _pairs(rows: IntArray, columns: IntArray, width: int) -> tuple[IntArray, IntArray]:
    """All (row; column times column) pairs of a sparse 0/1 matrix: what X'WX is summed from."""
    order = np.lexsort((columns, rows))
    rows, columns = rows[order], columns[order]
    sizes = np.bincount(rows) if rows.size else np.empty(0, dtype=np.int64)
    repeat = sizes[rows] if rows.size else sizes
    left = np.repeat(np.arange(rows.size), repeat)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]) if sizes.size else sizes
    within = np.arange(left.size) - np.repeat(np.cumsum(repeat) - repeat, repeat)
    right = starts[rows[left]] + within
    return rows[left], columns[left] * width + columns[right]


def fit(design: Design, *, weights: FloatArray | None, ridge: float) -> FloatArray:
    """Effects of the themes, then the groups' levels: shape (width,).

    Minimises sum_i w_i (y_i - x_i b)^2 + ridge * sum over themes b_t^2 (Hoerl & Kennard 1970).

    Args:
        weights: per customer code; None counts every message once.
    """
    heavy = np.ones(design.scored.size) if weights is None else weights[design.who]
    width = design.width
    gram = np.bincount(design.pair, weights=heavy[design.pair_row], minlength=width * width)
    # Without a single score `bincount` counts nothing, in integers.
    gram = gram.reshape(width, width).astype(np.float64)
    target = np.bincount(
        np.concatenate([design.column, design.group]),
        weights=np.concatenate([(heavy * design.scores)[design.row], heavy * design.scores]),
        minlength=width,
    ).astype(np.float64)
    for level, score in design.anchors:
        gram[level, level] += _ANCHOR
        target[level] += _ANCHOR * score
    penalty = np.full(width, _TINY)
    penalty[: design.themes] = ridge
    gram[np.diag_indices(width)] += penalty
    factor = cho_factor(gram, lower=True, overwrite_a=True, check_finite=False)
    return np.asarray(cho_solve(factor, target, check_finite=False), dtype=np.float64)


def total_shortfall(design: Design, *, ridge: float) -> float:
    """By how much all scores together fall short of their groups' levels without any theme."""
    levels = fit(design, weights=None, ridge=ridge)
    return float(np.maximum(levels[design.group] - design.scores, 0.0).sum())
