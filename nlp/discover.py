"""New themes from what no theme takes: proposed by a partition, born only when they pass tests.

The residue is partitioned together with the exemplars of the themes that exist, so that texts
which only stand at the edge of an old theme join it and are not proposed as new. The first run is
the same with an empty register.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from nlp.neighbours import FloatArray, IntArray, nearest, neighbour_graph
from nlp.partition import PartitionConfig, leiden, partition


@dataclass(frozen=True, slots=True)
class BirthConfig:
    """What a group must show before it becomes a theme."""

    # Distinct texts before the first themes are looked for. 20 intents in 80 texts cannot be told
    # apart (ARI .1, and what is born swallows the rest); in 320 they begin to be (.35).
    least_corpus: int = 300
    least_texts: int = 5  # distinct texts: fewer cannot be told from coincidence
    least_mentions: int = 6
    least_customers: int = 5  # one loud customer, or one account, is not a theme
    least_weeks: int = 2  # or `burst` mentions in a single week
    burst: int = 10
    beside: int = 10  # exemplars that stand for each old theme when the residue is partitioned
    least_share_new: float = 0.5  # of the group's texts: else it belongs to the themes beside it
    # Share of the members' three nearest texts that lie in the group, beyond chance (as Cohen's
    # kappa): 0 is a random handful. Most labelled intents reach .5 or more.
    least_cohesion: float = 0.4
    stability_runs: int = 8  # partitions of 80% subsamples
    least_stability: float = (
        0.5  # mean best Jaccard over the runs (Hennig 2007: below .5 dissolved)
    )
    seed: int = 11
    cut: PartitionConfig = field(default_factory=PartitionConfig)


@dataclass(frozen=True, slots=True)
class ResidueText:
    """One distinct text that no theme takes, with who said it and when."""

    sha: str
    mentions: int
    customers: frozenset[str]
    weeks: frozenset[str]
    by_week: tuple[tuple[str, int], ...]  # (week, mentions)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A group of residue rows and what became of it; `reason` is empty for a birth."""

    rows: IntArray
    cohesion: float
    stability: float
    reason: str


def discover(
    residue: Sequence[ResidueText],
    vectors: FloatArray,
    exemplars: FloatArray,
    *,
    week: str | None = None,
    config: BirthConfig | None = None,
) -> tuple[Proposal, ...]:
    """Groups of the residue, largest first, each born (no reason) or refused with its reason.

    Args:
        residue: distinct texts sorted by digest, n of them.
        vectors: their unit rows, shape (n, d).
        exemplars: unit rows of the living themes, shape (m, d); m may be 0.
        week: once there are themes, only what is said in this week is news and can be born in it.
    """
    config = config or BirthConfig()
    count = len(residue)
    if count < config.least_texts or count + len(exemplars) < config.least_corpus:
        return ()
    together = np.concatenate([vectors, exemplars]) if len(exemplars) else vectors
    cut = partition(together, config=config.cut)
    groups = [np.flatnonzero(cut.labels == label) for label in range(cut.count)]
    stabilities = _stability(
        together, groups, resolution=cut.resolution, width=cut.width, config=config
    )
    closest = nearest(together, k=3).indices
    one_week = len({week for text in residue for week in text.weeks}) == 1
    proposals: list[Proposal] = []
    for group, stability in zip(groups, stabilities, strict=True):
        rows = group[group < count]
        if not len(rows):
            continue
        texts = [residue[row] for row in rows]
        cohesion = _cohesion(group, closest, len(together))
        reason = _refusal(
            texts,
            share=len(rows) / len(group),
            cohesion=cohesion,
            stability=stability,
            one_week=one_week,
            week=week if len(exemplars) else None,
            config=config,
        )
        proposals.append(Proposal(rows, cohesion, stability, reason))
    return tuple(proposals)


def _refusal(  # noqa: PLR0911 - one test, one reason, in the order a reader would ask
    texts: Sequence[ResidueText],
    *,
    share: float,
    cohesion: float,
    stability: float,
    one_week: bool,
    week: str | None,
    config: BirthConfig,
) -> str:
    mentions = sum(text.mentions for text in texts)
    customers = frozenset().union(*(text.customers for text in texts))
    weeks = frozenset().union(*(text.weeks for text in texts))
    by_week: Counter[str] = Counter()
    for text in texts:
        by_week.update(dict(text.by_week))
    if share < config.least_share_new:
        return f"belongs to themes beside it: {share:.0%} of the group is new"
    if len(texts) < config.least_texts or mentions < config.least_mentions:
        return f"too small: {len(texts)} texts, {mentions} mentions"
    if len(customers) < config.least_customers:
        return f"too few customers: {len(customers)}"
    if week is not None and week not in weeks:
        return f"not heard in {week}"
    if len(weeks) < config.least_weeks and not one_week and max(by_week.values()) < config.burst:
        return f"seen in one week only, {mentions} mentions"
    if cohesion < config.least_cohesion:
        return f"too loose: cohesion {cohesion:.2f}"
    if stability < config.least_stability:
        return f"not stable: {stability:.2f} on subsamples"
    return ""


def _cohesion(group: IntArray, closest: IntArray, count: int) -> float:
    inside = float(np.isin(closest[group], group).mean())
    chance = (len(group) - 1) / max(1, count - 1)
    return (inside - chance) / (1 - chance) if chance < 1 else 0.0


def _stability(
    vectors: FloatArray,
    groups: Sequence[IntArray],
    *,
    resolution: float,
    width: int,
    config: BirthConfig,
) -> list[float]:
    """Mean best Jaccard of each group over partitions of 80% subsamples (Hennig 2007)."""
    count = len(vectors)
    if count < config.cut.least_nodes or resolution <= 0:
        return [0.0] * len(groups)
    generator = np.random.default_rng(config.seed)
    once = PartitionConfig(trials=1, iterations=2, seed=config.cut.seed)
    home = np.zeros(count, dtype=np.int64)
    for label, group in enumerate(groups):
        home[group] = label
    totals = np.zeros(len(groups))
    for _ in range(config.stability_runs):
        kept = np.sort(generator.permutation(count)[: max(2, int(count * 0.8))])
        graph = neighbour_graph(nearest(vectors[kept], k=width))
        labels = leiden(graph, resolution=resolution, config=once)
        overlap = np.zeros((len(groups), int(labels.max()) + 1))
        np.add.at(overlap, (home[kept], labels), 1)
        union = overlap.sum(axis=1)[:, None] + overlap.sum(axis=0)[None, :] - overlap
        totals += (overlap / np.maximum(union, 1)).max(axis=1)
    return [float(total) for total in totals / config.stability_runs]
