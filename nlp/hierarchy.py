"""Parents over leaves: themes that customers speak of in neighbouring words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from nlp.neighbours import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class HierarchyConfig:
    """When leaves share a parent."""

    # Mean cosine between the centroids of two families that may still be one: on MiniLM centroids
    # of one company's themes it gives three to six leaves a parent.
    least_similarity: float = 0.55
    quantile: float = 0.02  # a parent turns away fewer of its members than its leaves do


def families(centroids: FloatArray, *, config: HierarchyConfig) -> IntArray:
    """Family of each leaf centroid, shape (n,): average linkage cut at `least_similarity`.

    Families are numbered by their first member. Give the leaves in the order of their ids.
    """
    count = len(centroids)
    if count < 2:
        return np.zeros(count, dtype=np.int64)
    distances = np.clip(1.0 - centroids @ centroids.T, 0.0, 2.0).astype(np.float64)
    np.fill_diagonal(distances, 0.0)
    tree = linkage(squareform((distances + distances.T) / 2, checks=False), method="average")
    raw = fcluster(tree, t=1.0 - config.least_similarity, criterion="distance")
    _, first, inverse = np.unique(raw, return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(first))
    numbered: IntArray = rank[inverse].astype(np.int64)
    return numbered


def nearest_family(
    centroid: FloatArray, family_centroids: Sequence[FloatArray], *, config: HierarchyConfig
) -> int | None:
    """Index of the family a newborn leaf joins, or None when it stands alone."""
    if not family_centroids:
        return None
    similarities = np.stack(list(family_centroids)) @ centroid
    best = int(np.argmax(similarities))
    return best if float(similarities[best]) >= config.least_similarity else None
