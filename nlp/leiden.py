"""Communities of a neighbour graph by Leiden (Traag, Waltman, van Eck 2019), seeded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import graspologic_native
import numpy as np

from nlp.neighbours import Graph, IntArray

Edges = Sequence[tuple[str, str, float]]


@dataclass(frozen=True, slots=True)
class LeidenConfig:
    """How hard one cut is tried."""

    trials: int = 3  # independent runs, the best kept
    iterations: int = 4
    randomness: float = 0.001
    seed: int = 7


def edge_list(graph: Graph) -> Edges:
    """The edges in the form that the library takes; make it once for many resolutions."""
    names = [str(node) for node in range(graph.nodes)]
    return [
        (names[left], names[right], weight)
        for left, right, weight in zip(
            graph.left.tolist(), graph.right.tolist(), graph.weights.tolist(), strict=True
        )
    ]


def leiden(edges: Edges, nodes: int, *, resolution: float, config: LeidenConfig) -> IntArray:
    """Community of each of the nodes 0 to `nodes` - 1 by modularity at one resolution.

    Community 0 is the largest; equal sizes by their first node. Every node needs an edge.
    """
    _, communities = graspologic_native.leiden(
        edges=list(edges),
        starting_communities=None,
        resolution=resolution,
        randomness=config.randomness,
        iterations=config.iterations,
        use_modularity=True,
        seed=config.seed,
        trials=config.trials,
    )
    return by_size(np.array([communities[str(node)] for node in range(nodes)], dtype=np.int64))


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
