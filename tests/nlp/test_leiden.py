from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.leiden import LeidenConfig, by_size, edge_list, leiden
from nlp.neighbours import FloatArray, Graph, IntArray, nearest, neighbour_graph

Gaussian = Callable[..., tuple[FloatArray, IntArray]]

CONFIG = LeidenConfig(trials=2, iterations=3, seed=7)


def cliques(*sizes: int) -> Graph:
    """Complete graphs side by side, each tied to the next by one edge; nodes in order."""
    edges: list[tuple[int, int]] = []
    start = 0
    for size in sizes:
        edges += [(a, b) for a in range(start, start + size) for b in range(a + 1, start + size)]
        start += size
        edges.append((start - 1, start))
    pairs = np.array(sorted(edges[:-1]))
    return Graph(start, pairs[:, 0], pairs[:, 1], np.ones(len(pairs)))


def test_cliques_are_communities_numbered_by_size() -> None:
    labels = leiden(edge_list(cliques(5, 9, 7)), 21, resolution=1.0, config=CONFIG)
    assert labels.tolist() == [2] * 5 + [0] * 9 + [1] * 7


def test_equally_large_communities_are_numbered_by_their_first_node() -> None:
    labels = leiden(edge_list(cliques(6, 6, 6)), 18, resolution=1.0, config=CONFIG)
    assert labels.tolist() == [0] * 6 + [1] * 6 + [2] * 6


def test_weights_decide_where_the_edges_do_not() -> None:
    """A ring of six: heavy edges pair its nodes."""
    left, right = np.array([0, 0, 1, 2, 3, 4]), np.array([1, 5, 2, 3, 4, 5])
    for heavy, expected in (
        ([9.0, 1, 1, 9, 1, 9], [0, 0, 1, 1, 2, 2]),
        ([1.0, 9, 9, 1, 9, 1], [0, 1, 1, 2, 2, 0]),
    ):
        graph = Graph(6, left, right, np.array(heavy))
        labels = leiden(edge_list(graph), 6, resolution=1.0, config=CONFIG)
        assert labels.tolist() == expected


def test_a_higher_resolution_gives_more_communities(gaussian: Gaussian) -> None:
    vectors, _ = gaussian([40] * 5, seed=1, spread=1.6)
    edges = edge_list(neighbour_graph(nearest(vectors, k=8)))
    counts = [
        int(leiden(edges, 200, resolution=resolution, config=CONFIG).max()) + 1
        for resolution in (0.01, 1.0, 8.0, 64.0)
    ]
    assert counts == sorted(set(counts))
    assert counts[1] == 5


def test_the_same_seed_gives_the_same_communities(gaussian: Gaussian) -> None:
    """Noise has many cuts that are nearly as good: seeds differ, one seed does not."""
    vectors, _ = gaussian([1] * 150, seed=2)
    edges = edge_list(neighbour_graph(nearest(vectors, k=6)))
    cuts = [
        leiden(edges, 150, resolution=1.0, config=replace(CONFIG, seed=seed)).tolist()
        for seed in (7, 7, 8)
    ]
    assert cuts[0] == cuts[1] != cuts[2]


def test_edges_keep_ends_and_weights() -> None:
    graph = Graph(3, np.array([0, 1]), np.array([2, 2]), np.array([0.5, 0.25]))
    assert edge_list(graph) == [("0", "2", 0.5), ("1", "2", 0.25)]


@given(st.lists(st.integers(-3, 8), min_size=1, max_size=40))
def test_by_size_renumbers_and_regroups_nothing(raw: list[int]) -> None:
    labels = np.array(raw, dtype=np.int64)
    renumbered = by_size(labels)
    assert np.array_equal(
        labels[:, None] == labels[None, :], renumbered[:, None] == renumbered[None, :]
    )
    groups = [np.flatnonzero(renumbered == label) for label in range(len(set(raw)))]
    assert sum(map(len, groups)) == len(raw)
    keys = [(-len(group), int(group[0])) for group in groups]
    assert keys == sorted(keys)
    assert np.array_equal(by_size(renumbered), renumbered)


@pytest.mark.parametrize("nodes", [4, 5])
def test_a_node_without_an_edge_is_refused(nodes: int) -> None:
    """Every node needs an edge: one that has none is an error and not quietly left out."""
    edges = edge_list(cliques(4))
    if nodes == 4:
        assert len(leiden(edges, nodes, resolution=1.0, config=CONFIG)) == 4
        return
    with pytest.raises(KeyError, match="4"):
        leiden(edges, nodes, resolution=1.0, config=CONFIG)
