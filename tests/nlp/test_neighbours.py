from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp import neighbours
from nlp.neighbours import FloatArray, IntArray, Neighbours, alike, nearest, neighbour_graph

Gaussian = Callable[..., tuple[FloatArray, IntArray]]

# Dimensions that are powers of two apart make many equal cosines, exact in binary.
CORNERS = np.array(
    [[a, b, c, d] for a in (-0.5, 0.5) for b in (-0.5, 0.5) for c in (-0.5, 0.5) for d in (0.5,)],
    dtype=np.float32,
)
picks = st.lists(st.integers(0, len(CORNERS) - 1), min_size=1, max_size=40)


def brute(vectors: FloatArray, k: int) -> list[list[int]]:
    """By the definition: every other row, greatest cosine first, equal ones by index."""
    found = []
    for row in range(len(vectors)):
        cosines = [float(vectors[row] @ vectors[other]) for other in range(len(vectors))]
        others = [other for other in range(len(vectors)) if other != row]
        found.append(sorted(others, key=lambda other: (-cosines[other], other))[:k])
    return found


def test_more_equals_than_fit_are_taken_by_index() -> None:
    """Among many rows too, where a partial sort would keep any of the equals."""
    vectors = CORNERS[np.random.default_rng(3).integers(0, len(CORNERS), 300)]
    assert nearest(vectors, k=5).indices.tolist() == brute(vectors, 5)


@given(picks=picks, k=st.one_of(st.integers(0, 5), st.integers(0, 45)))
def test_equal_to_brute_force_with_ties_by_index(picks: list[int], k: int) -> None:
    vectors = CORNERS[picks]
    found = nearest(vectors, k=k)
    width = min(k, len(picks) - 1)
    assert found.indices.shape == found.similarities.shape == (len(picks), width)
    assert found.indices.tolist() == brute(vectors, width)
    rows = np.arange(len(picks))[:, None]
    assert np.array_equal(
        found.similarities, np.einsum("ijk,ijk->ij", vectors[rows], vectors[found.indices])
    )


@given(seed=st.integers(0, 10_000), n=st.integers(2, 60), k=st.integers(1, 10))
def test_equal_to_brute_force_on_any_directions(seed: int, n: int, k: int) -> None:
    vectors = np.random.default_rng(seed).normal(size=(n, 5)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    assert nearest(vectors, k=k).indices.tolist() == brute(vectors, min(k, n - 1))


def test_blocks_do_not_show(gaussian: Gaussian, monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, _ = gaussian([40, 40, 21], seed=1)
    whole = nearest(vectors, k=7)
    monkeypatch.setattr(neighbours, "_BLOCK", 16)
    parts = nearest(vectors, k=7)
    assert np.array_equal(whole.indices, parts.indices)
    np.testing.assert_allclose(whole.similarities, parts.similarities, atol=1e-6)


def test_first_is_the_nearest_of_the_nearest(gaussian: Gaussian) -> None:
    vectors, _ = gaussian([30, 30], seed=2)
    some, more = nearest(vectors, k=3), nearest(vectors, k=9).first(3)
    assert np.array_equal(some.indices, more.indices)
    assert np.array_equal(some.similarities, more.similarities)


def test_one_row_and_no_row_have_no_neighbours() -> None:
    assert nearest(CORNERS[:1], k=3).indices.shape == (1, 0)
    assert nearest(CORNERS[:0], k=3).indices.shape == (0, 0)


@given(picks=picks, k=st.integers(1, 6))
def test_a_graph_holds_each_edge_once_and_both_directions(picks: list[int], k: int) -> None:
    found = nearest(CORNERS[picks], k=k)
    graph = neighbour_graph(found)
    edges = list(zip(graph.left.tolist(), graph.right.tolist(), strict=True))
    assert graph.nodes == len(picks)
    assert edges == sorted(set(edges))
    assert all(left < right for left, right in edges)
    asked = {
        (min(row, other), max(row, other))
        for row, others in enumerate(found.indices.tolist())
        for other in others
    }
    assert set(edges) == asked
    assert (graph.weights > 0).all()


def test_an_edge_weighs_its_greater_similarity_and_never_nothing() -> None:
    found = Neighbours(
        np.array([[1], [0], [0]]), np.array([[0.25], [0.75], [-0.5]], dtype=np.float32)
    )
    graph = neighbour_graph(found)
    assert list(zip(graph.left, graph.right, graph.weights, strict=True)) == [
        (0, 1, 0.75),
        (0, 2, 0.001),
    ]


def test_alike_is_nearest_above_a_bound(gaussian: Gaussian) -> None:
    vectors, _ = gaussian([30, 30, 30], seed=3)
    rows = np.array([5, 2, 70], dtype=np.int64)
    every = nearest(vectors, k=len(vectors) - 1)
    found = alike(vectors, of=rows, k=8, least=0.7)
    for at, row in enumerate(rows.tolist()):
        near = every.similarities[row] >= 0.7
        wanted = every.indices[row][near][:8]
        told = found.similarities[at] > 0
        assert found.indices[at][told].tolist() == wanted.tolist()
        assert told.sum() == wanted.size
        assert (found.similarities[at][~told] == -1.0).all()
