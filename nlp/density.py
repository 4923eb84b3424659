"""Groups where points lie dense, noise where they do not: the only module that imports hdbscan."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray

# hdbscan's source holds invalid escape sequences ("\{"), which Python reports on compiling it.
with warnings.catch_warnings():
    warnings.filterwarnings("ignore", category=SyntaxWarning)
    warnings.filterwarnings(
        "ignore", message="invalid escape sequence", category=DeprecationWarning
    )
    import hdbscan

NOISE = -1


def density_clusters(
    vectors: NDArray[np.float32],
    *,
    min_size: int,
    min_samples: int | None = None,
    merge_distance: float = 0.0,
) -> NDArray[np.int64]:
    """HDBSCAN* (Campello, Moulavi, Sander 2013) labels; the outcome does not depend on row order.

    Rows are sorted by content before clustering, and clusters numbered in that order, so that
    shuffled input gives the same labels to the same rows.

    Args:
        vectors: unit vectors, shape (n, d). On the unit sphere the Euclidean distance is
            sqrt(2 - 2 cosine), monotone in the cosine.
        min_size: fewest rows of a cluster, at least 2.
        min_samples: neighbours that make a point a core point; `min_size` when None.
        merge_distance: clusters nearer than this (Euclidean) are not cut apart (Malzer, Baum 2020).

    Returns:
        Labels, shape (n,): 0 to k - 1, or `NOISE`.

    Raises:
        ValueError: when `min_size` is under 2.
    """
    if min_size < 2:
        raise ValueError(f"min_size is {min_size}; a cluster has at least 2 rows")
    labels = np.full(len(vectors), NOISE, dtype=np.int64)
    if len(vectors) < min_size:
        return labels
    order = np.lexsort(vectors.T[::-1])
    found = hdbscan.HDBSCAN(
        min_cluster_size=min_size,
        min_samples=min_samples,
        cluster_selection_epsilon=merge_distance,
        metric="euclidean",
        algorithm="prims_kdtree",
        approx_min_span_tree=False,
        core_dist_n_jobs=1,
    ).fit_predict(vectors[order].astype(np.float64))
    labels[order] = _renumbered(np.asarray(found, dtype=np.int64))
    return labels


def _renumbered(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Clusters numbered by where they first occur."""
    names: dict[int, int] = {NOISE: NOISE}
    for label in labels.tolist():
        names.setdefault(label, len(names) - 1)
    return np.array([names[label] for label in labels.tolist()], dtype=np.int64)
