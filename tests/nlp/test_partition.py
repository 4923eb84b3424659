from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.neighbours import FloatArray, Graph, IntArray, nearest, neighbour_graph
from nlp.partition import (
    PartitionConfig,
    by_size,
    description_length,
    leiden,
    partition,
    usable_widths,
)

Gaussian = Callable[..., tuple[FloatArray, IntArray]]

CONFIG = PartitionConfig(
    neighbours=15,
    widths=(4, 5, 6, 7, 8, 10, 12, 15, 18, 22, 27),
    least_ratio=3.2,
    resolutions=(0.5, 1.0, 2.0, 4.0, 8.0),
    trials=3,
    iterations=5,
    seed=7,
    least_nodes=12,
)


def agreement(found: IntArray, truth: IntArray) -> float:
    """Share of pairs that both put together among the pairs that either does (Jaccard)."""
    same_found = found[:, None] == found[None, :]
    same_truth = truth[:, None] == truth[None, :]
    upper = np.triu_indices(len(found), k=1)
    both = (same_found & same_truth)[upper].sum()
    return float(both / (same_found | same_truth)[upper].sum())


@pytest.mark.parametrize(
    ("sizes", "seed"),
    [
        ([60] * 4, 1),
        ([30] * 10, 2),
        ([30] * 10, 3),
        ([80, 60, 50, 40, 30, 25, 20, 20], 4),
        ([25] * 20, 5),
        ([120, 120, 120, 60, 60, 60, 60, 40, 40, 40, 40, 40, 30, 30, 30, 30, 30, 30, 30, 30], 6),
    ],
)
def test_planted_clusters_are_found_and_counted(
    gaussian: Gaussian, sizes: list[int], seed: int
) -> None:
    vectors, truth = gaussian(sizes, seed=seed)
    found = partition(vectors, config=CONFIG)
    assert abs(found.count - len(sizes)) <= 0.2 * len(sizes)
    assert agreement(found.labels, truth) > 0.8


def test_the_same_rows_give_the_same_cut(gaussian: Gaussian) -> None:
    vectors, _ = gaussian([30] * 6, seed=9, spread=0.9)
    first, second = partition(vectors, config=CONFIG), partition(vectors, config=CONFIG)
    assert np.array_equal(first.labels, second.labels)
    assert first.resolution == second.resolution
    assert first.description_length == second.description_length


def test_the_cut_with_the_least_description_is_kept(gaussian: Gaussian) -> None:
    """The best of the ladder is no worse than any rung alone."""
    vectors, _ = gaussian([40, 30, 20, 20], seed=10, spread=0.8)
    config = replace(CONFIG, widths=(5,))
    best = partition(vectors, config=config)
    graph = neighbour_graph(nearest(vectors, k=5))
    cuts = {
        resolution: description_length(graph, leiden(graph, resolution=resolution, config=config))
        for resolution in config.resolutions
    }
    assert best.width == 5
    assert best.description_length == min(cuts.values())
    assert cuts[best.resolution] == best.description_length
    assert len(set(cuts.values())) > 1


@pytest.mark.parametrize(("ratio", "width"), [(0.0, 7), (1e9, 4)])
def test_the_widest_neighbourhood_that_its_clusters_can_hold(
    gaussian: Gaussian, ratio: float, width: int
) -> None:
    """220 rows allow widths up to 7; clusters too small for all of them leave the narrowest."""
    vectors, _ = gaussian([40] * 5 + [20], seed=12)
    assert usable_widths(220, config=CONFIG)[-1] == 7
    found = partition(vectors, config=replace(CONFIG, least_ratio=ratio))
    assert found.width == width


def test_the_graph_that_is_cut_has_no_more_neighbours_than_allowed(gaussian: Gaussian) -> None:
    vectors, _ = gaussian([40] * 5 + [20], seed=12)
    found = partition(vectors, config=replace(CONFIG, least_ratio=0.0, neighbours=6))
    assert found.width == 6


@pytest.mark.parametrize("rows", [0, 1, 11])
def test_fewer_rows_than_anybody_can_tell_apart_make_one_cluster(
    gaussian: Gaussian, rows: int
) -> None:
    found = partition(gaussian([6, 6], seed=11)[0][:rows], config=CONFIG)
    assert found.labels.tolist() == [0] * rows
    assert found.resolution == 0.0
    assert found.count == min(1, rows)


def test_just_enough_rows_are_cut(gaussian: Gaussian) -> None:
    found = partition(gaussian([6, 6], seed=11, spread=0.2)[0], config=CONFIG)
    assert found.resolution in CONFIG.resolutions
    assert len(found.labels) == 12


@given(st.lists(st.integers(-3, 8), min_size=1, max_size=40))
def test_by_size_renumbers_and_regroups_nothing(raw: list[int]) -> None:
    labels = np.array(raw, dtype=np.int64)
    renumbered = by_size(labels)
    assert agreement_of_pairs(labels, renumbered)
    groups = [np.flatnonzero(renumbered == label) for label in range(len(set(raw)))]
    assert sum(map(len, groups)) == len(raw)
    keys = [(-len(group), int(group[0])) for group in groups]
    assert keys == sorted(keys)
    assert np.array_equal(by_size(renumbered), renumbered)


def agreement_of_pairs(left: IntArray, right: IntArray) -> bool:
    return np.array_equal(left[:, None] == left[None, :], right[:, None] == right[None, :])


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_planted_partition_is_the_shortest_to_tell(gaussian: Gaussian, seed: int) -> None:
    vectors, truth = gaussian([40, 40, 30, 30, 20], seed=seed)
    graph = neighbour_graph(nearest(vectors, k=8))
    planted = description_length(graph, truth)
    merged = np.where(truth == 1, 0, np.where(truth > 1, truth - 1, truth))
    split = np.where((truth == 0) & (np.arange(len(truth)) % 2 == 0), 5, truth)
    moved = truth.copy()
    moved[np.flatnonzero(truth == 2)[:10]] = 3
    shuffled = np.random.default_rng(seed).permutation(truth)
    everything = np.zeros_like(truth)
    for other in (merged, split, moved, shuffled, everything):
        assert description_length(graph, other) > planted + 5  # nats


def test_a_description_does_not_depend_on_the_names_of_clusters(gaussian: Gaussian) -> None:
    vectors, truth = gaussian([20, 30, 10], seed=4)
    graph = neighbour_graph(nearest(vectors, k=5))
    renamed = np.array([2, 0, 1])[truth]
    assert description_length(graph, renamed) == pytest.approx(description_length(graph, truth))


def test_a_graph_without_structure_is_one_cluster(gaussian: Gaussian) -> None:
    """A random graph is told in the fewest nats without any groups."""
    random = np.random.default_rng(5)
    pairs = np.array([(a, b) for a in range(60) for b in range(a + 1, 60)])
    edges = pairs[np.sort(random.permutation(len(pairs))[:240])]
    graph = Graph(60, edges[:, 0], edges[:, 1], np.ones(240))
    one = description_length(graph, np.zeros(60, dtype=np.int64))
    for groups in (2, 3, 6):
        assert description_length(graph, random.integers(0, groups, 60)) > one


@given(count=st.integers(12, 300_000))
def test_the_widths_looked_at_grow_with_the_corpus(count: int) -> None:
    widths = usable_widths(count, config=CONFIG)
    assert widths == CONFIG.widths[: len(widths)]
    assert widths
    assert widths[-1] == CONFIG.widths[0] or widths[-1] <= count**0.5 / 2
    later = usable_widths(count + 1, config=CONFIG)
    assert later[: len(widths)] == widths


@pytest.mark.parametrize(("count", "widest"), [(99, 4), (100, 5), (255, 7), (256, 8)])
def test_no_width_over_half_the_square_root(count: int, widest: int) -> None:
    assert usable_widths(count, config=CONFIG)[-1] == widest
