"""Partition statements into intents when nobody knows how many there are.

Each of several samples of the rows is cut by itself, at the granularity that its own neighbour
graph and vectors speak for (`nlp.granularity`). A cut flips between neighbouring granularities
with a tenth of the rows; their common opinion does not so easily. So pairs of neighbours are
weighed by how many samples put them together (Strehl and Ghosh 2002 call it the consensus), and
the resolution is sought at which this graph falls into as many clusters as the middle sample has.
It needs no labels and no setting.

A sample has at most `most_sampled` rows, so the number of themes does not grow with the corpus;
corpora beyond `most_rows` are cut on that many of their rows, evenly spread over the canonical
order, and the others join the cluster of their nearest ones. The cost is thus a constant plus one
product of all rows with the cut ones: it grows with the number of rows, not with its square.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nlp.granularity import Cut, GranularityConfig, best_cut, usable_widths
from nlp.leiden import LeidenConfig, by_size, edge_list, leiden
from nlp.neighbours import FloatArray, Graph, IntArray, nearest, neighbour_graph
from nlp.one_thread import one_thread

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class PartitionConfig:
    """How rows are cut. The same defaults serve every corpus."""

    granularity: GranularityConfig = field(default_factory=GranularityConfig)
    samples: int = 10
    share: float = 0.8  # of the rows in a sample
    most_sampled: int = 12_000  # rows of a sample; with 6,000 Banking77 lost .02 ACC
    most_rows: int = 20_000  # rows that are cut; beyond, the others join them
    neighbours: int = 15  # of the graph of common opinion, and voters where a row joins
    cut: LeidenConfig = field(default_factory=LeidenConfig)
    bisections: int = 9  # of the resolution, in logs: ends within 1% of it
    seed: int = 7
    least_nodes: int = 12  # below this nobody can tell themes from chance


@dataclass(frozen=True, slots=True)
class Partition:
    """Cluster of each row (0 = largest, ties by first row), and how it was chosen.

    `agreement`: mean adjusted Rand index with the samples. `counts`: clusters of each sample.
    `stability`: of each cluster, its mean best Jaccard overlap with a cluster of a sample (Hennig
    2007, "Cluster-wise assessment of cluster stability": below .5 it dissolves).
    """

    labels: IntArray
    resolution: float
    agreement: float
    counts: tuple[int, ...]
    stability: tuple[float, ...]

    @property
    def count(self) -> int:
        """Number of clusters."""
        return int(self.labels.max()) + 1 if len(self.labels) else 0


@one_thread
def partition(
    vectors: FloatArray, *, config: PartitionConfig | None = None, tell: Tell = lambda _: None
) -> Partition:
    """Cut unit rows, shape (n, d), into clusters; every row gets one, loose rows too.

    Give distinct texts in a canonical order that has nothing to do with their meaning (by digest).
    Fewer than `least_nodes` rows make one cluster. `tell` hears of progress.
    """
    config = config or PartitionConfig()
    count = len(vectors)
    if count < config.least_nodes:
        return Partition(np.zeros(count, dtype=np.int64), 0.0, 0.0, (), (0.0,) * min(1, count))
    if count <= config.most_rows:
        return _consensus(vectors, config=config, tell=tell)
    chosen = evenly(count, config.most_rows)
    core = _consensus(vectors[chosen], config=config, tell=tell)
    labels = join(vectors, vectors[chosen], core.labels, config=config, tell=tell)
    labels[chosen] = core.labels
    labels, order = _renumbered(labels)
    stability = tuple(core.stability[old] for old in order)
    return Partition(labels, core.resolution, core.agreement, core.counts, stability)


def evenly(count: int, most: int) -> IntArray:
    """At most so many of the numbers 0 to `count` - 1, evenly spread, each once."""
    return np.unique(np.linspace(0, max(0, count - 1), min(count, most)).astype(np.int64))


def join(
    rows: FloatArray,
    known: FloatArray,
    labels: IntArray,
    *,
    config: PartitionConfig,
    block: int = 1024,
    tell: Tell = lambda _: None,
) -> IntArray:
    """The cluster of each row by vote of its nearest known rows, weighed by similarity."""
    groups = int(labels.max()) + 1
    voters = min(config.neighbours, len(known))
    found = np.zeros(len(rows), dtype=np.int64)
    told = 0
    for start in range(0, len(rows), block):
        near = rows[start : start + block] @ known.T
        best = np.argpartition(-near, voters - 1, axis=1)[:, :voters]
        weight = np.take_along_axis(near, best, axis=1).astype(np.float64).round(6)
        ballot = (np.arange(len(near))[:, None] * groups + labels[best]).ravel()
        heavy = np.maximum(weight, 1e-6).ravel()
        votes = np.bincount(ballot, weights=heavy, minlength=len(near) * groups)
        found[start : start + block] = votes.reshape(-1, groups).argmax(axis=1)
        if start - told >= len(rows) // 10:
            told = start
            tell(f"{start:,} of {len(rows):,} texts joined")
    return found


def _consensus(vectors: FloatArray, *, config: PartitionConfig, tell: Tell) -> Partition:
    count = len(vectors)
    size = max(config.least_nodes, min(int(count * config.share), config.most_sampled))
    widest = usable_widths(size, config=config.granularity)[-1]
    generator = np.random.default_rng(config.seed)
    opinions: list[IntArray] = []
    for number in range(config.samples):
        kept = np.sort(generator.permutation(count)[:size])
        sample = vectors[kept]
        cut: Cut = best_cut(
            sample,
            nearest(sample, k=widest),
            seed=config.seed + number,
            config=config.granularity,
        )
        opinion = np.zeros(count, dtype=np.int64)
        opinion[kept] = cut.labels
        others = np.setdiff1d(np.arange(count), kept, assume_unique=True)
        opinion[others] = join(vectors[others], sample, cut.labels, config=config)
        opinions.append(opinion)
        tell(f"sample {number + 1} of {config.samples}: {cut.count} clusters")
    graph = neighbour_graph(nearest(vectors, k=config.neighbours))
    return _common_cut(graph, opinions, config=config)


def _common_cut(
    graph: Graph, opinions: Sequence[IntArray], *, config: PartitionConfig
) -> Partition:
    together = np.zeros(len(graph.left))
    for opinion in opinions:
        together += opinion[graph.left] == opinion[graph.right]
    # A trace of the similarity keeps nodes attached that no sample put together with anything.
    weights = together / len(opinions) * graph.weights + 1e-4
    edges = edge_list(Graph(graph.nodes, graph.left, graph.right, weights))
    counts = tuple(int(opinion.max()) + 1 for opinion in opinions)
    wanted = float(np.median(np.log(counts)))
    low, high = (
        np.log(config.granularity.resolutions[0] / 4),
        np.log(config.granularity.resolutions[-1] * 4),
    )
    rated: list[tuple[float, float, IntArray]] = []
    for _ in range(config.bisections):
        resolution = float(np.exp((low + high) / 2).round(6))
        labels = leiden(edges, graph.nodes, resolution=resolution, config=config.cut)
        off = float(np.log(labels.max() + 1)) - wanted
        rated.append((abs(off), resolution, labels))
        if off == 0:
            break
        low, high = (low, np.log(resolution)) if off > 0 else (np.log(resolution), high)
    _, resolution, labels = min(rated, key=lambda one: (round(one[0], 9), one[1]))
    agreement = float(np.mean([adjusted_rand(labels, opinion) for opinion in opinions]))
    overlaps = np.mean([_best_overlap(labels, opinion) for opinion in opinions], axis=0)
    return Partition(labels, resolution, agreement, counts, tuple(overlaps.round(6).tolist()))


def _best_overlap(labels: IntArray, opinion: IntArray) -> FloatArray:
    """Of each cluster, its greatest Jaccard overlap with a cluster of the opinion."""
    both = _contingency(labels, opinion)
    union = both.sum(axis=1)[:, None] + both.sum(axis=0)[None, :] - both
    best: FloatArray = (both / np.maximum(union, 1)).max(axis=1)
    return best


def _contingency(left: IntArray, right: IntArray) -> NDArray[np.float64]:
    width = int(right.max()) + 1
    table = np.bincount(left * width + right, minlength=(int(left.max()) + 1) * width)
    return table.reshape(-1, width).astype(np.float64)


def _renumbered(labels: IntArray) -> tuple[IntArray, list[int]]:
    """Labels by size, and the old number of each new one."""
    new = by_size(labels)
    old = np.zeros(int(new.max()) + 1, dtype=np.int64)
    old[new] = labels
    return new, old.tolist()


def adjusted_rand(left: IntArray, right: IntArray) -> float:
    """Agreement of two partitions of the same rows: 1 the same, 0 chance (Hubert, Arabie 1985)."""
    table = _contingency(left, right)
    pairs = _pairs(table).sum()
    rows, columns = _pairs(table.sum(axis=1)).sum(), _pairs(table.sum(axis=0)).sum()
    chance = rows * columns / max(len(left) * (len(left) - 1) / 2, 1.0)
    most = (rows + columns) / 2
    return 1.0 if most == chance else float((pairs - chance) / (most - chance))


def _pairs(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    return counts * (counts - 1) / 2
