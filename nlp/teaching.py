"""Corrections teach: statements that are like the moved ones follow them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nlp.exemplars import ExemplarConfig, member_score
from nlp.neighbours import FloatArray


@dataclass(frozen=True, slots=True)
class TeachingConfig:
    """When a statement is like the moved ones rather than like those that stay.

    Measured on themes cut from labelled texts: of the statements of another intent in a theme some
    are moved to that intent's own theme; how many of the others of that intent follow / of the
    theme's own are wrongly pulled along / of all that follow are of that intent.

        three moved   Banking77      of 30 intents  of 60 intents  NHS            call notes
        margin .03    .40 .006 .85   .28 .010 .89   .40 .014 .81   .16 .037 .28   .18 .004 .75
        margin .05    .34 .002 .88   .25 .008 .89   .33 .010 .84   .12 .025 .30   .14 .002 .80
        margin .08    .23 .001 .93   .20 .003 .94   .24 .004 .91   .08 .012 .34   .08 .000 .88
        one moved
        margin .05    .16 .003 .84   .17 .002 .94   .18 .005 .84   .05 .011 .26   .00 .002 .11

    Chosen on Banking77; on NHS feedback, whose labels overlap, one statement that follows in three
    is of the moved intent by label, and a move pulls few. Nearest exemplars instead of means gave
    a third fewer followers at the same cost (.25 .002, .16 .003, .26 .008, .06 .013, .10 .004);
    the target's own memory beside the moved texts added nothing: the engine had just found it to be
    further away.
    """

    margin: float = 0.05


def followers(
    candidates: FloatArray,
    moved: FloatArray,
    stay: FloatArray | None,
    *,
    limit: float,
    memory: ExemplarConfig,
    config: TeachingConfig,
) -> FloatArray:
    """By how much each candidate is more like the moved than like those that stay; > 0 follows.

    lead = cos(candidate, mean of moved) - cos(candidate, mean of stay) - margin; where nothing
    stays behind, as the moved texts had no theme: the member score among the moved less `limit`.

    Args:
        candidates: unit rows of texts in the theme that the moved ones came from, shape (n, d).
        moved: unit rows of the texts that a person moved from one theme to another, shape (m, d).
        stay: unit rows of that theme's exemplars that were not moved; None: it has none.
        limit: the score that the theme they were moved to asks for.

    Returns:
        Shape (n,), rounded, so that ties are ties on every machine.
    """
    if stay is None:
        lead = member_score(candidates, moved, config=memory) - np.float32(limit)
    else:
        lead = candidates @ (_mean(moved) - _mean(stay)) - np.float32(config.margin)
    rounded: FloatArray = lead.round(5).astype(np.float32)
    return rounded


def _mean(rows: FloatArray) -> FloatArray:
    mean = rows.mean(axis=0)
    unit: FloatArray = (mean / np.linalg.norm(mean)).astype(np.float32)
    return unit
