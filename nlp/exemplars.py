"""A theme's memory: a few typical, different texts, and how alike a text must be to belong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nlp.neighbours import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class ExemplarConfig:
    """How a theme remembers."""

    most: int = 32  # texts a theme remembers; 64 gained under .01 ACC on Banking77
    pool: int = 1024  # members looked at when choosing; bounds the cost of a very large theme
    vote: int = 3  # nearest exemplars whose mean similarity is one half of a text's score
    # ... the other half is the similarity to the theme's centre. Accuracy at known themes, votes
    # alone / half and half / centre alone: .63 .68 .68, .72 .79 .79, .89 .88 .84, .47 .49 .43.
    vote_share: float = 0.5
    # A theme's founders stand in it because the whole corpus put them together, which says more
    # than its 32 exemplars can; only the loosest do not.
    founding_quantile: float = 0.01
    quantile: float = 0.08  # share of a theme's own members that its threshold turns away
    foreign: float = 0.01  # share of texts of other themes that may reach the threshold
    least_others: int = 30
    least_threshold: float = 0.45  # statements of one company about other things reach .40
    most_threshold: float = 0.75  # or a theme of near-copies would refuse every paraphrase
    grow: int = 4  # exemplars a theme may gain a week: meaning may move, not jump
    too_alike: float = 0.95  # a copy teaches nothing


def choose_exemplars(vectors: FloatArray, *, config: ExemplarConfig) -> IntArray:
    """Rows that together cover the cluster best: greedy facility location, most central first.

    Args:
        vectors: unit rows of one cluster in canonical order, shape (n, d).

    The greedy choice reaches 1 - 1/e of the best coverage (Nemhauser, Wolsey, Fisher 1978).
    """
    pool = vectors[: config.pool]
    similar = pool @ pool.T
    covered = np.full(len(pool), -1.0, dtype=np.float32)
    chosen: list[int] = []
    for _ in range(min(config.most, len(pool))):
        gains = np.maximum(similar, covered[None, :]).sum(axis=1)
        gains[chosen] = -np.inf
        best = int(np.argmax(gains))
        chosen.append(best)
        covered = np.maximum(covered, similar[best])
    return np.array(chosen, dtype=np.int64)


def member_score(
    queries: FloatArray, exemplars: FloatArray, *, config: ExemplarConfig
) -> FloatArray:
    """How much each query belongs, shape (n,): its vote score and its nearness to the centre."""
    centre = exemplars.mean(axis=0)
    centre = centre / np.linalg.norm(centre)
    votes = vote_score(queries @ exemplars.T, vote=config.vote)
    score: FloatArray = (
        config.vote_share * votes + (1 - config.vote_share) * (queries @ centre)
    ).astype(np.float32)
    return score


def vote_score(similarities: FloatArray, *, vote: int) -> FloatArray:
    """Mean of the `vote` greatest similarities in each row, shape (n, m) to (n,)."""
    width = similarities.shape[1]
    if width <= vote:
        few: FloatArray = similarities.mean(axis=1, dtype=np.float32)
        return few
    top = np.partition(similarities, width - vote, axis=1)[:, width - vote :]
    scores: FloatArray = np.sort(top, axis=1).mean(axis=1, dtype=np.float32)
    return scores


def calibrate(
    members: FloatArray,
    exemplars: FloatArray,
    *,
    others: FloatArray | None = None,
    config: ExemplarConfig,
) -> float:
    """The score that all but the loosest of a theme's own members reach, and few others do.

    A member that is itself an exemplar does not vote for itself. `others` are texts outside the
    theme; where members and others overlap, refusing others comes first: a text too many left
    unthemed can still be found later, a theme that swallows its neighbours cannot be read.
    """
    similarities = members @ exemplars.T
    similarities[similarities > 1 - 1e-5] = np.nan
    filled = np.sort(np.nan_to_num(similarities, nan=-1.0), axis=1)[:, ::-1][:, : config.vote]
    known = filled > -1.0
    votes = np.where(known, filled, 0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    centre = exemplars.mean(axis=0)
    centres = members @ (centre / np.linalg.norm(centre))
    scores = (config.vote_share * votes + (1 - config.vote_share) * centres)[known.any(axis=1)]
    if not len(scores):
        return config.most_threshold
    level = float(np.quantile(scores, config.quantile))
    if others is not None and len(others) >= config.least_others:
        foreign = member_score(others, exemplars, config=config)
        level = max(level, float(np.quantile(foreign, 1 - config.foreign)))
    return round(min(max(level, config.least_threshold), config.most_threshold), 4)


def loosest_out(members: FloatArray, exemplars: FloatArray, *, config: ExemplarConfig) -> IntArray:
    """The members of a newborn theme, as rows, without its loosest `founding_quantile`.

    No more than this share is left out: of a few members none.
    """
    scores = member_score(members, exemplars, config=config)
    level = np.quantile(scores, config.founding_quantile, method="lower")
    return np.flatnonzero(scores >= level)


def grown(
    current: FloatArray, candidates: FloatArray, order: Sequence[int], *, config: ExemplarConfig
) -> tuple[int, ...]:
    """Which candidate rows a theme takes into its memory this week, best first.

    Args:
        current: the theme's exemplars, shape (m, d).
        candidates: texts accepted this week, shape (c, d).
        order: candidate rows in the order of preference.
    """
    room = min(config.grow, config.most - len(current))
    memory = list(current)
    taken: list[int] = []
    for row in order:
        if len(taken) >= room:
            break
        if float(np.max(np.stack(memory) @ candidates[row])) < config.too_alike:
            memory.append(candidates[row])
            taken.append(row)
    return tuple(taken)
