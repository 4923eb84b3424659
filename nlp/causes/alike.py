"""Clauses that say the same: vectors without what all have in common, grouped by average linkage.

"After the update of Firefox" and "when I click in Firefox" are alike to an encoder because both
name the product. So what all groups of clauses have in common is taken out first (as Arora, Liang &
Ma 2017 and Mu & Viswanath 2018 do with all texts; by groups, so that a reason which most customers
give stays), the less of it the fewer groups there are. Then average linkage on cosine distance
(UPGMA, Sokal & Michener 1958), and for very many clauses density (HDBSCAN, `nlp.density`). Numbers
that the thresholds come from are in README.md beside this file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage

from nlp.density import NOISE, density_clusters

Vectors = NDArray[np.float32]

# So many groups make half of their mean sure to be the product's, not a cause's.
_SURE = 10.0


@dataclass(frozen=True, slots=True)
class AlikeConfig:
    """Thresholds of the grouping."""

    # Mean cosine of two members of a group, what is common taken out.
    cosine: float = 0.28
    # For finding what is common, only paraphrases are one group: what all share must not join them.
    paraphrase: float = 0.5
    # Above so many distinct clauses in a theme, linkage takes seconds and gigabytes; there is
    # density to find, and noise to leave out.
    density_from: int = 3000
    # HDBSCAN's smallest cluster (rows are distinct clause texts).
    density_size: int = 4
    # A clause less like the rest of its group than this is none of it.
    trim: float = 0.2


_DEFAULT = AlikeConfig()


def common_part(parts: Sequence[Vectors], *, config: AlikeConfig = _DEFAULT) -> NDArray[np.float64]:
    """What the clauses of all themes have in common, shape (d,).

    Args:
        parts: unit vectors of each theme's clauses, shape (n, d) each, n at least 1.

    Returns:
        The mean of the centres of all groups, shrunken to nothing where there are few.
    """
    centres: list[NDArray[np.float64]] = []
    for rows in parts:
        labels = group_alike(rows, config=replace(config, cosine=config.paraphrase))
        for label in sorted(set(labels.tolist())):
            centre = rows[labels == label].astype(np.float64).mean(axis=0)
            centres.append(centre / max(float(np.linalg.norm(centre)), 1e-9))
    mean = np.mean(sorted(centres, key=lambda one: one.tolist()), axis=0)
    return np.asarray(mean * len(centres) / (len(centres) + _SURE))


def without_common(vectors: Vectors, common: NDArray[np.float64]) -> Vectors:
    """Unit vectors with the common part taken out, shape (n, d)."""
    left = vectors.astype(np.float64) - common
    length = np.linalg.norm(left, axis=1, keepdims=True)
    # Rounding makes ties of what differs by the encoder's noise, so that order cannot show.
    return np.asarray((left / np.maximum(length, 1e-9)).round(5), dtype=np.float32)


def group_alike(vectors: Vectors, *, config: AlikeConfig = _DEFAULT) -> NDArray[np.int64]:
    """A group number for each unit vector, shape (n,); what is like no other is alone."""
    if len(vectors) == 1:
        return np.zeros(1, dtype=np.int64)
    if len(vectors) < config.density_from:
        tree = linkage(vectors.astype(np.float64), method="average", metric="cosine")
        groups = fcluster(tree, 1 - config.cosine, criterion="distance")
    else:
        groups = density_clusters(vectors, min_size=config.density_size, min_samples=1)
    labels = np.asarray(groups, dtype=np.int64)
    alone = labels == NOISE
    for label in sorted(set(labels[~alone].tolist())):
        alone |= _strangers(vectors, labels == label, config)
    labels[alone] = labels.max() + 1 + np.arange(int(alone.sum()))
    return labels


def _strangers(
    vectors: Vectors, inside: NDArray[np.bool_], config: AlikeConfig
) -> NDArray[np.bool_]:
    """Which members of a group are unlike the others on average, shape (n,)."""
    found = np.zeros(len(vectors), dtype=np.bool_)
    rows = np.flatnonzero(inside)
    if len(rows) > 2:
        own = vectors[rows].astype(np.float64)
        others = (own @ own.sum(axis=0) - 1.0) / (len(rows) - 1)
        found[rows[others.round(4) < config.trim]] = True
    return found
