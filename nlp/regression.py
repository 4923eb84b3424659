"""Ridge regression of scores on theme mentions, among customers alike in what is known of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_matrix

from nlp.population import IntArray, Population
from nlp.rates import FloatArray

# Weight of the anchor that stands for the reference where too few messages have no theme.
_ANCHOR = 20.0
# Only keeps the levels solvable when a group hardly has messages.
_TINY = 1e-6
# No message explains itself by more than this: with 1 its residual would say nothing at all.
_MOST_LEVERAGE = 0.95
# Rows of the dense part at a time: 300 columns of these are 20 megabytes.
_CHUNK = 8192


@dataclass(frozen=True, slots=True)
class DesignConfig:
    """What messages are compared with."""

    # Scored messages without any theme that a reference needs. With fewer it is the mean score that
    # themes with so large a part of the mentions do not surpass: on 40 worlds of four corpora with
    # planted losses and no free message, 0.85 missed the true level by -0.01 +- 0.02; the upper
    # quartile of single scores by +0.02 +- 0.03, and it blames all themes for chance.
    min_free: int = 20
    best: float = 0.85
    # Attributes with more values are ids or free text, and their levels would explain anything.
    max_values: int = 12
    # Scored messages of a value that gets a level: under twenty the level is mostly noise.
    min_value: int = 20
    # An attribute that explains more of the scores was made from them ("promoter", "satisfied").
    max_explained: float = 0.3


@dataclass(frozen=True, slots=True)
class Design:
    """Scored feedback and what may explain its scores, one 0/1 column each.

    Columns: themes, then one level per group (score kind, kind of feedback), then one per value of
    the attributes that customers are compared by. Rows are sorted by customer.

    matrix: shape (m, width). centre: shape (width,): the means of the attributes' columns, which
    are taken off, so that no attribute takes the level of all; 0 for themes and groups.
    scores: on 0..1, shape (m,). who: customer codes, shape (m,).
    anchors: (group column, score) of the groups with too few messages without a theme.
    compared: names of the attributes.
    mentioned: rows of each theme. mentions, customers_per_theme: how many, and of how many distinct
    customers, shape (themes,).
    """

    themes: int
    groups: int
    mentioned: tuple[IntArray, ...] = field(repr=False)
    matrix: csr_matrix = field(repr=False)
    centre: FloatArray = field(repr=False)
    scores: FloatArray = field(repr=False)
    who: IntArray = field(repr=False)
    anchors: tuple[tuple[int, float], ...]
    compared: tuple[str, ...]
    mentions: FloatArray
    customers_per_theme: IntArray

    @property
    def anchored(self) -> bool:
        """Whether some group has too few messages without a theme."""
        return bool(self.anchors)

    def predicted(self, effects: FloatArray) -> FloatArray:
        """Scores as these effects would have them, shape (m,)."""
        return np.asarray(self.matrix @ effects - self.centre @ effects, dtype=np.float64)

    def scores_of(self, theme: int) -> FloatArray:
        """The scores of the messages that mention a theme."""
        return np.asarray(self.scores[self.mentioned[theme]], dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Fit:
    """Effects of all columns, and how each customer moves those of the themes.

    effects: shape (width,). customers: codes of those with a score. influence: shape (customers,
    themes): a customer with weight w instead of 1 changes the effects by (w - 1) times its row, to
    first order. 160 megabytes for 100,000 customers with a score and 200 themes.
    freedom: degrees of freedom of each theme's standard error, shape (themes,).
    anchored: how the effects move with each anchor's score, shape (anchors, themes).
    """

    effects: FloatArray
    customers: IntArray = field(repr=False)
    influence: FloatArray = field(repr=False)
    freedom: FloatArray
    anchored: FloatArray = field(repr=False)


def build_design(
    population: Population, *, themes: Sequence[str], config: DesignConfig = DesignConfig()
) -> Design:
    """Lay out the regression over all scored feedback."""
    unit = [item.unit_score for item in population.feedback]
    scored = np.array([i for i, score in enumerate(unit) if score is not None], dtype=np.int64)
    scored = scored[np.lexsort((scored, population.customers[scored]))]
    scores = np.array([unit[i] for i in scored.tolist()], dtype=np.float64)
    place = np.full(len(population), -1, dtype=np.int64)
    place[scored] = np.arange(scored.size)
    mentioned = [place[population.members[name]] for name in themes]
    mentioned = [at[at >= 0] for at in mentioned]
    groups = _levels(
        [(population.feedback[i].score_kind or "", population.feedback[i].kind) for i in scored]
    )
    compared = {
        name: rows
        for name in sorted(population.attributes)
        if name != "kind" and (rows := _values(population.attributes[name], scored, scores, config))
    }
    columns = [*mentioned, *groups, *(rows for each in compared.values() for rows in each)]
    first_value = len(themes) + len(groups)
    free = np.ones(scored.size, dtype=np.bool_)
    for held in mentioned:
        free[held] = False
    who = population.customers[scored]
    return Design(
        themes=len(themes),
        groups=len(groups),
        mentioned=tuple(mentioned),
        matrix=_matrix(columns, scored.size),
        centre=np.array(
            [
                rows.size / scored.size if at >= first_value else 0.0
                for at, rows in enumerate(columns)
            ]
        ),
        scores=scores,
        who=who,
        anchors=tuple(
            (len(themes) + at, _reference(rows, [*mentioned, np.flatnonzero(free)], scores, config))
            for at, rows in enumerate(groups)
            if int(free[rows].sum()) < config.min_free
        ),
        compared=tuple(compared),
        mentions=np.array([rows.size for rows in mentioned], dtype=np.float64),
        customers_per_theme=np.array([np.unique(who[r]).size for r in mentioned], dtype=np.int64),
    )


def _reference(
    group: IntArray, parts: Sequence[IntArray], scores: FloatArray, config: DesignConfig
) -> float:
    """The `best` quantile of the parts' mean scores in a group, weighted by their messages.

    Means of few messages are drawn towards the group's by two messages' worth.
    """
    inside = np.zeros(scores.size, dtype=np.bool_)
    inside[group] = True
    own = [scores[rows[inside[rows]]] for rows in parts]
    sizes = np.array([one.size for one in own], dtype=np.float64)
    whole = float(scores[group].mean())
    means = np.array([(float(one.sum()) + 2.0 * whole) / (one.size + 2.0) for one in own])
    order = np.lexsort((np.arange(sizes.size), means))
    below = (np.cumsum(sizes[order]) - sizes[order] / 2.0) / sizes.sum()
    return float(np.interp(config.best, below, means[order]))


def _levels(keys: Sequence[tuple[str, str]]) -> list[IntArray]:
    return [
        np.array([at for at, own in enumerate(keys) if own == key], dtype=np.int64)
        for key in sorted(set(keys))
    ]


def _values(
    values: Sequence[str], scored: IntArray, scores: FloatArray, config: DesignConfig
) -> list[IntArray]:
    """Rows of each value that gets a level; none when the attribute is not one to compare by."""
    own = [values[i] for i in scored.tolist()]
    counts = Counter(own)
    if not 2 <= len(counts) <= config.max_values:
        return []
    names = np.array(own)
    rows = [
        np.flatnonzero(names == value)
        for value in sorted(counts)
        if counts[value] >= config.min_value
    ]
    whole = float(((scores - scores.mean()) ** 2).sum())
    between = sum(at.size * float(scores[at].mean() - scores.mean()) ** 2 for at in rows)
    return rows if between <= config.max_explained * whole else []


def _matrix(columns: Sequence[IntArray], height: int) -> csr_matrix:
    none = np.empty(0, dtype=np.int64)
    row = np.concatenate([none, *columns])
    column = np.repeat(np.arange(len(columns)), [rows.size for rows in columns])
    return csr_matrix((np.ones(row.size), (row, column)), shape=(height, len(columns)))


def fit(design: Design, *, ridge: float, level_ridge: float) -> Fit:
    """Effects of the themes and the levels, and each customer's influence on the themes'.

    Minimises sum_i (y_i - x_i b)^2 + sum_j d_j b_j^2 (Hoerl & Kennard 1970); d is `ridge` for
    themes, `level_ridge` for values of attributes, nothing for groups. The shrinkage is then taken
    back to first order (almost unbiased ridge, Singh, Chaubey & Dwivedi 1986): b + A^-1 D b, which
    leaves (d / (n + d))^2 of it: little bias where a theme is told apart by few messages, and an
    even split where it is never told apart.

    The influence of a customer is the sum of M x_i e_i / (1 - h_i) over its messages, e the
    residual and h the leverage: the linear bootstrap ("score bootstrap", Kline & Santos 2012) with
    MacKinnon & White's (1985) correction HC3, which refits by leaving out. Its degrees of freedom
    follow Satterthwaite and Bell & McCaffrey (2002), from what each customer weighs in the effect:
    few customers tell two themes apart that mostly come together, however many mention them.
    """
    matrix, scores = design.matrix, design.scores
    height, width = matrix.shape
    penalty = np.full(width, level_ridge)
    penalty[: design.themes] = ridge
    penalty[design.themes : design.themes + design.groups] = _TINY
    sums, centre = np.asarray(matrix.sum(axis=0)).ravel(), design.centre
    gram = (matrix.T @ matrix).toarray() + np.diag(penalty)
    gram += height * np.outer(centre, centre) - np.outer(sums, centre) - np.outer(centre, sums)
    target = matrix.T @ scores - centre * scores.sum()
    for column, score in design.anchors:
        gram[column, column] += _ANCHOR
        target[column] += _ANCHOR * score
    factor = cho_factor(gram, lower=True)
    inverse = cho_solve(factor, np.eye(width))
    inverse = inverse + (inverse * penalty) @ inverse
    effects = inverse @ target
    residual = scores - design.predicted(effects)
    customers, firsts = np.unique(design.who, return_index=True)
    influence = np.zeros((customers.size, design.themes))
    squares, fourths = np.zeros(design.themes), np.zeros(design.themes)
    # A customer is never cut in two.
    cuts = {*np.searchsorted(firsts, np.arange(0, height, _CHUNK)).tolist(), customers.size}
    for first, last in pairwise(sorted(cuts)):
        own = slice(int(firsts[first]), int(firsts[last]) if last < customers.size else height)
        part = matrix[own]
        moved = np.asarray(part @ inverse) - centre @ inverse
        leverage = np.asarray(part.multiply(moved).sum(axis=1)).ravel() - moved @ centre
        moved = moved[:, : design.themes]
        told = residual[own] / (1.0 - np.minimum(leverage, _MOST_LEVERAGE))
        starts = firsts[first:last] - own.start
        influence[first:last] = np.add.reduceat(moved * told[:, None], starts, axis=0)
        reliance = np.add.reduceat(moved, starts, axis=0) ** 2
        squares += reliance.sum(axis=0)
        fourths += (reliance * reliance).sum(axis=0)
    freedom = squares**2 / np.where(fourths > 0, fourths, 1.0)
    anchors = [column for column, _ in design.anchors]
    return Fit(
        effects=effects,
        customers=customers,
        influence=influence,
        freedom=np.maximum(freedom, 1.0),
        anchored=_ANCHOR * inverse[anchors, : design.themes],
    )


def net_shortfall(design: Design, effects: FloatArray, *, gains: NDArray[np.bool_]) -> float:
    """By how much the scores of messages with a theme fall short of what they would be without.

    Above and below are set off, so that noise does not fill it; never below 0. Themes that surely
    gain are part of what scores would be: they make up for no other theme's loss.

    Args:
        gains: themes that surely gain, shape (themes,).
    """
    levels = effects.copy()
    levels[: design.themes][~gains] = 0.0
    rows = [at for at, gain in zip(design.mentioned, gains.tolist(), strict=True) if not gain]
    held = np.unique(np.concatenate([np.empty(0, dtype=np.int64), *rows]))
    return max(float((design.predicted(levels) - design.scores)[held].sum()), 0.0)
