"""Exact cosine neighbours by blocked matrix products, and the graph they make."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int64]

_BLOCK = 1024  # rows per product,
_CELLS = 2**26  # and similarities: what is sorted of them takes up to a gigabyte


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The k nearest other rows of each row: indices and cosine similarities, shape (n, k)."""

    indices: IntArray
    similarities: FloatArray

    def first(self, k: int) -> Neighbours:
        """Only the k nearest."""
        return Neighbours(self.indices[:, :k], self.similarities[:, :k])


@dataclass(frozen=True, slots=True)
class Graph:
    """An undirected weighted graph: each edge once, `left` < `right`, sorted."""

    nodes: int
    left: IntArray
    right: IntArray
    weights: NDArray[np.float64]


def nearest(vectors: FloatArray, *, k: int) -> Neighbours:
    """The k nearest other rows of each row by cosine similarity.

    Args:
        vectors: unit rows, shape (n, d).
        k: neighbours per row; at most n - 1 are given.

    Equal similarities are ordered by row index, so the answer depends on the order of the rows:
    give them in a canonical order.
    """
    count = len(vectors)
    k = max(0, min(k, count - 1))
    indices = np.zeros((count, k), dtype=np.int64)
    similarities = np.zeros((count, k), dtype=np.float32)
    if k == 0:
        return Neighbours(indices, similarities)
    size = max(32, min(_BLOCK, _CELLS // count))
    for start in range(0, count, size):
        block = vectors[start : start + size] @ vectors.T
        rows = np.arange(len(block))
        block[rows, start + rows] = -np.inf
        found = np.argpartition(-block, k - 1, axis=1)[:, :k]
        values = np.take_along_axis(block, found, axis=1)
        least = values.min(axis=1)
        # Where more rows than fit are equally the k-th nearest, the partition keeps any of them.
        for row in np.flatnonzero((block >= least[:, None]).sum(axis=1) > k):
            found[row] = np.argsort(-block[row], kind="stable")[:k]
            values[row] = block[row, found[row]]
        order = np.lexsort((found, -values), axis=1)
        indices[start : start + size] = np.take_along_axis(found, order, axis=1)
        similarities[start : start + size] = np.take_along_axis(values, order, axis=1)
    return Neighbours(indices, similarities)


def alike(vectors: FloatArray, *, of: IntArray, k: int, least: float) -> Neighbours:
    """Of some rows the k nearest others whose cosine is `least` or more (to five digits).

    Where there are fewer, the rest has similarity -1 and index 0. Much cheaper than `nearest` where
    few are alike. Equal similarities are ordered by row index.

    Args:
        vectors: unit rows, shape (n, d).
        of: the rows whose neighbours are wanted, by index, shape (m,).
    """
    indices = np.zeros((of.size, k), dtype=np.int64)
    similarities = np.full((of.size, k), -1.0, dtype=np.float32)
    size = max(32, min(_BLOCK, _CELLS // max(len(vectors), 1)))
    for start in range(0, of.size, size):
        own = of[start : start + size]
        block = vectors[own] @ vectors.T
        block[np.arange(own.size), own] = -np.inf
        rows, others = np.nonzero(block >= least - 5e-6)
        values = block[rows, others]
        order = np.lexsort((others, -values, rows))
        rows, others, values = rows[order], others[order], values[order]
        place = np.arange(rows.size) - np.searchsorted(rows, rows)
        kept = place < k
        indices[start + rows[kept], place[kept]] = others[kept]
        similarities[start + rows[kept], place[kept]] = values[kept]
    return Neighbours(indices, similarities)


def neighbour_graph(neighbours: Neighbours) -> Graph:
    """Join each row to its neighbours; an edge weighs the greater of the two similarities.

    Similarities below 0.001 are raised to it: a weight must be positive to keep a node attached.
    """
    count, k = neighbours.indices.shape
    rows = np.repeat(np.arange(count, dtype=np.int64), k)
    others = neighbours.indices.ravel()
    keys = np.minimum(rows, others) * count + np.maximum(rows, others)
    edges, inverse = np.unique(keys, return_inverse=True)
    weights = np.full(len(edges), 1e-3)
    np.maximum.at(weights, inverse, neighbours.similarities.ravel().astype(np.float64))
    return Graph(count, edges // count, edges % count, weights)
