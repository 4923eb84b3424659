"""Partition statements into intents when nobody knows how many there are.

A neighbour graph is cut by Leiden (Traag, Waltman, van Eck 2019) at a ladder of resolutions, and
the resolution is chosen by the description length of a planted-partition block model (Zhang and
Peixoto 2020, "Statistical inference of assortative community structures", eq. 10-13): the number
of themes that lets the graph be told in the fewest nats. It needs no labels and no setting.

A graph with a fixed number of neighbours rewards cutting large themes into cliques of that size,
so the description length is taken on a graph whose neighbourhood grows with the square root of
the corpus. Measured on MiniLM vectors: 19 themes for 20 true (965 and 669 texts), 34 for 44
(8,325), 57 for 77 (13,072), 32 for 20 (3,357), 37 for 77 (1,976).
"""

from __future__ import annotations

from dataclasses import dataclass

import graspologic_native
import numpy as np
from scipy.special import gammaln

from nlp.neighbours import FloatArray, Graph, IntArray, nearest, neighbour_graph


@dataclass(frozen=True, slots=True)
class PartitionConfig:
    """How a graph is cut. The same defaults serve every corpus."""

    neighbours: int = 15  # k of the graph that is cut; 10 and 15 were equally good, 15 steadier
    least_neighbours: int = 4
    many: int = 1_000  # texts from which on the judging graph is the wider one
    resolutions: tuple[float, ...] = (0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0, 5.6, 8.0, 11.0, 16.0)
    trials: int = 5  # independent runs, the best kept: seed-to-seed ARI .98 instead of .85
    iterations: int = 5
    seed: int = 7
    least_nodes: int = 12  # below this nobody can tell themes from chance


@dataclass(frozen=True, slots=True)
class Partition:
    """Cluster of each row (0 = largest, ties by first row), and how it was chosen."""

    labels: IntArray
    resolution: float
    description_length: float

    @property
    def count(self) -> int:
        """Number of clusters."""
        return int(self.labels.max()) + 1 if len(self.labels) else 0


def partition(vectors: FloatArray, *, config: PartitionConfig | None = None) -> Partition:
    """Cut unit rows, shape (n, d), into clusters; every row gets one, loose rows too.

    Give distinct texts in a canonical order. Fewer than `least_nodes` rows make one cluster.
    """
    config = config or PartitionConfig()
    count = len(vectors)
    if count < config.least_nodes:
        return Partition(np.zeros(count, dtype=np.int64), 0.0, 0.0)
    narrow, wide = neighbourhoods(count, config=config)
    neighbours = nearest(vectors, k=wide)
    graph = neighbour_graph(neighbours.first(narrow))
    judge = neighbour_graph(neighbours)
    best: Partition | None = None
    for resolution in config.resolutions:
        labels = leiden(graph, resolution=resolution, config=config)
        length = description_length(judge, labels)
        if best is None or length < best.description_length:
            best = Partition(labels, resolution, length)
    assert best is not None
    return best


def neighbourhoods(count: int, *, config: PartitionConfig) -> tuple[int, int]:
    """Neighbours of the graph that is cut, and of the graph that judges, for `count` rows.

    Below about a thousand texts a theme has fewer members than `config.neighbours`, and a graph
    that wide ties all themes into one: 160 texts of 20 themes gave ARI .14 at k=15, .27 at k=4.
    """
    narrow = min(config.neighbours, max(config.least_neighbours, round(count**0.5 / 3.5)))
    return narrow, max(narrow, round(count**0.5 / 2)) if count >= config.many else narrow


def leiden(graph: Graph, *, resolution: float, config: PartitionConfig) -> IntArray:
    """Communities by modularity at one resolution; labels as `Partition.labels`."""
    edges = [
        (str(left), str(right), float(weight))
        for left, right, weight in zip(
            graph.left.tolist(), graph.right.tolist(), graph.weights.tolist(), strict=True
        )
    ]
    _, communities = graspologic_native.leiden(
        edges=edges,
        starting_communities=None,
        resolution=resolution,
        randomness=0.001,
        iterations=config.iterations,
        use_modularity=True,
        seed=config.seed,
        trials=config.trials,
    )
    raw = np.array([communities[str(node)] for node in range(graph.nodes)], dtype=np.int64)
    return by_size(raw)


def by_size(labels: IntArray) -> IntArray:
    """Renumber clusters: 0 is the largest; equal sizes by their first row."""
    _, first, inverse, sizes = np.unique(
        labels, return_index=True, return_inverse=True, return_counts=True
    )
    order = np.lexsort((first, -sizes))
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    renumbered: IntArray = rank[inverse].astype(np.int64)
    return renumbered


def description_length(graph: Graph, labels: IntArray) -> float:
    """Nats to tell an unweighted graph and its partition under the planted-partition model.

    Only differences between partitions of one graph mean something: terms that do not depend on
    the partition are left out.
    """
    nodes, edges = graph.nodes, len(graph.left)
    groups = int(labels.max()) + 1
    sizes = np.bincount(labels, minlength=groups)
    inside = int((labels[graph.left] == labels[graph.right]).sum())
    across = edges - inside
    degrees = np.bincount(graph.left, minlength=nodes) + np.bincount(graph.right, minlength=nodes)
    group_degrees = np.bincount(labels, weights=degrees, minlength=groups)
    fit = gammaln(inside + 1) + gammaln(across + 1) - inside * np.log(groups / 2)
    if groups > 1:
        fit -= across * np.log(groups * (groups - 1) / 2) + np.log(edges + 1)
    fit += float((gammaln(sizes) - gammaln(group_degrees + sizes)).sum())
    prior = gammaln(nodes + 1) - gammaln(sizes + 1).sum() + np.log(nodes)
    prior += gammaln(nodes) - gammaln(groups) - gammaln(nodes - groups + 1)
    return float(prior - fit)
