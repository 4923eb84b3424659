"""What scores may be explained by: themes, and what is known of the customers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from nlp.columns import Columns
from nlp.population import IntArray
from nlp.rates import FloatArray


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


def build_design(columns: Columns, *, config: DesignConfig = DesignConfig()) -> Design:
    """Lay out the regression over all scored feedback."""
    mentions, facts = columns.mentions, columns.facts
    scored = np.flatnonzero(~np.isnan(facts.score)).astype(np.int64)
    scored = scored[np.lexsort((scored, columns.customers[scored]))]
    scores, who = facts.score[scored], columns.customers[scored]
    place = np.full(len(columns), -1, dtype=np.int64)
    place[scored] = np.arange(scored.size)
    inside = place[mentions.row] >= 0
    theme, row = mentions.theme[inside], place[mentions.row[inside]]
    order = np.lexsort((row, theme))
    theme, row = theme[order], row[order]
    mentioned = np.split(row, np.searchsorted(theme, np.arange(1, mentions.themes)))
    group = facts.group[scored]
    groups = [np.flatnonzero(group == one) for one in np.unique(group).tolist()]
    compared = {
        name: rows
        for name, (values, codes) in sorted(columns.levels.items())
        if name != "kind" and (rows := _values(values, codes[scored], scores, config))
    }
    held = [*mentioned, *groups, *(rows for each in compared.values() for rows in each)]
    first_value = mentions.themes + len(groups)
    free = np.ones(scored.size, dtype=np.bool_)
    free[row] = False
    new = np.ones(row.size, dtype=np.bool_)
    new[1:] = (theme[1:] != theme[:-1]) | (who[row[1:]] != who[row[:-1]])
    return Design(
        themes=mentions.themes,
        groups=len(groups),
        mentioned=tuple(mentioned),
        matrix=_matrix(held, scored.size),
        centre=np.array(
            [rows.size / scored.size if at >= first_value else 0.0 for at, rows in enumerate(held)]
        ),
        scores=scores,
        who=who,
        anchors=tuple(
            (
                mentions.themes + at,
                _reference(
                    rows,
                    (theme, row),
                    free=np.flatnonzero(free),
                    scores=scores,
                    best=config.best,
                ),
            )
            for at, rows in enumerate(groups)
            if int(free[rows].sum()) < config.min_free
        ),
        compared=tuple(compared),
        mentions=np.bincount(theme, minlength=mentions.themes).astype(np.float64),
        customers_per_theme=np.bincount(theme[new], minlength=mentions.themes),
    )


def _reference(
    group: IntArray,
    mentions: tuple[IntArray, IntArray],
    *,
    free: IntArray,
    scores: FloatArray,
    best: float,
) -> float:
    """The `best` quantile of the themes' mean scores in a group, weighted by their messages.

    Messages without a theme are one more. Means of few messages are drawn towards the group's by
    two messages' worth.

    Args:
        mentions: themes and messages. free: messages without a theme.
    """
    theme, row = mentions
    inside = np.zeros(scores.size, dtype=np.bool_)
    inside[group] = True
    last = int(theme.max(initial=-1)) + 1
    part = np.concatenate([theme, np.full(free.size, last, dtype=np.int64)])
    rows = np.concatenate([row, free])
    part, rows = part[inside[rows]], rows[inside[rows]]
    sizes = np.bincount(part, minlength=last + 1).astype(np.float64)
    sums = np.bincount(part, weights=scores[rows], minlength=last + 1)
    means = (sums + 2.0 * float(scores[group].mean())) / (sizes + 2.0)
    order = np.lexsort((np.arange(sizes.size), means))
    below = (np.cumsum(sizes[order]) - sizes[order] / 2.0) / sizes.sum()
    return float(np.interp(best, below, means[order]))


def _values(
    values: Sequence[str], own: NDArray[np.int32], scores: FloatArray, config: DesignConfig
) -> list[IntArray]:
    """Rows of each value that gets a level; none when the attribute is not one to compare by."""
    counts = np.bincount(own, minlength=len(values))
    if not 2 <= int((counts > 0).sum()) <= config.max_values:
        return []
    rows = [
        np.flatnonzero(own == value)
        for value in sorted(range(len(values)), key=lambda code: values[code])
        if counts[value] >= max(config.min_value, 1)
    ]
    whole = float(((scores - scores.mean()) ** 2).sum())
    between = sum(at.size * float(scores[at].mean() - scores.mean()) ** 2 for at in rows)
    return rows if between <= config.max_explained * whole else []


def _matrix(columns: Sequence[IntArray], height: int) -> csr_matrix:
    none = np.empty(0, dtype=np.int64)
    row = np.concatenate([none, *columns])
    column = np.repeat(np.arange(len(columns)), [rows.size for rows in columns])
    return csr_matrix((np.ones(row.size), (row, column)), shape=(height, len(columns)))


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
