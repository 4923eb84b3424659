"""Parents over leaves: themes that customers speak of in neighbouring words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from nlp.leiden import LeidenConfig, by_size, edge_list, leiden
from nlp.neighbours import FloatArray, Graph, IntArray, nearest, neighbour_graph


@dataclass(frozen=True, slots=True)
class HierarchyConfig:
    """When leaves share a parent."""

    # Cosine between the centroids of two leaves that may be of one family: on MiniLM, themes of
    # one company that have nothing to do with each other stand at .1 to .35.
    least_similarity: float = 0.4
    near: int = 5  # other leaves that a leaf may be tied to
    leaves_a_family: float = 5.0  # what a reader takes in at a glance
    resolutions: tuple[float, ...] = (0.35, 0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0)
    quantile: float = 0.02  # a parent turns away fewer of its members than its leaves do
    cut: LeidenConfig = field(default_factory=LeidenConfig)


def families(centroids: FloatArray, *, config: HierarchyConfig) -> IntArray:
    """Family of each leaf centroid, shape (n,), by Leiden on the graph of neighbouring leaves.

    Linkage chains: one parent came to hold half of all themes. Modularity does not reward chains.
    The resolution is the one whose families have nearest to `leaves_a_family` members. A leaf that
    is near no other is a family of its own. Families are numbered by size, then by first member:
    give the leaves in the order of their ids.
    """
    count = len(centroids)
    if count < 2:
        return np.zeros(count, dtype=np.int64)
    graph = neighbour_graph(nearest(centroids, k=config.near))
    tied = graph.weights >= np.float32(config.least_similarity)
    left, right = graph.left[tied], graph.right[tied]
    social = np.unique(np.concatenate([left, right]))
    found = np.arange(count, dtype=np.int64)
    if not len(social):
        return found
    edges = edge_list(
        Graph(
            len(social),
            np.searchsorted(social, left),
            np.searchsorted(social, right),
            graph.weights[tied],
        )
    )
    cuts = [
        leiden(edges, len(social), resolution=resolution, config=config.cut)
        for resolution in config.resolutions
    ]
    wanted = max(1.0, len(social) / config.leaves_a_family)
    best = min(cuts, key=lambda cut: abs(float(np.log((cut.max() + 1) / wanted))))
    found[social] = count + best
    return by_size(found)


def nearest_family(
    centroid: FloatArray, family_centroids: Sequence[FloatArray], *, config: HierarchyConfig
) -> int | None:
    """Index of the family a newborn leaf joins, or None when it stands alone."""
    if not family_centroids:
        return None
    similarities = np.stack(list(family_centroids)) @ centroid
    best = int(np.argmax(similarities))
    return best if float(similarities[best]) >= config.least_similarity else None
