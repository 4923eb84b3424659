"""Parents over leaves: themes that customers speak of in neighbouring words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from nlp.leiden import LeidenConfig, by_size, edge_list, leiden
from nlp.neighbours import FloatArray, IntArray, Neighbours, nearest, neighbour_graph


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
    near = nearest(centroids, k=config.near)
    tied = near.similarities >= config.least_similarity
    social = np.flatnonzero(tied.any(axis=1))
    labels = np.arange(count, dtype=np.int64)
    if len(social) < 2:
        return labels
    # What is not near enough weighs next to nothing, so that it ties nobody.
    weights = np.where(tied, near.similarities, 0.0).astype(np.float32)
    edges = edge_list(neighbour_graph(Neighbours(near.indices, weights)))
    cuts = [
        leiden(edges, count, resolution=resolution, config=config.cut)
        for resolution in config.resolutions
    ]
    wanted = max(1.0, len(social) / config.leaves_a_family)
    best = min(cuts, key=lambda cut: abs(float(np.log(len(np.unique(cut[social])) / wanted))))
    alone = np.setdiff1d(labels, social)
    found = best.copy()
    found[alone] = int(best.max()) + 1 + np.arange(len(alone))
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
