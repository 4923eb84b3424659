from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.granularity import (
    GranularityConfig,
    best_cut,
    description_length,
    misfit,
    tightness,
    usable_widths,
)
from nlp.leiden import LeidenConfig, by_size, edge_list, leiden
from nlp.neighbours import FloatArray, Graph, IntArray, nearest, neighbour_graph

Gaussian = Callable[..., tuple[FloatArray, IntArray]]

# 1,600 rows, 40 clusters, width 10: ratio 4 and a quarter of the square root, as CONFIG has it.
USUAL = (1600, 40, 10)
CONFIG = GranularityConfig(
    usual_width=0.25,
    cuts=(5, 8, 15),
    widths=(4, 5, 6, 7, 8, 10, 12),
    widest=0.75,
    resolutions=(0.5, 1.0, 2.0, 4.0, 8.0),
    ratio=4.0,
    ratio_spread=0.25,
    tightness=0.60,
    tightness_spread=0.05,
    tightness_reach=0.06,
    cut=LeidenConfig(trials=1, iterations=2),
)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_best_cut_finds_and_counts_planted_clusters(gaussian: Gaussian, seed: int) -> None:
    vectors, truth = gaussian([30] * 8, seed=seed, spread=0.8)  # cosine .61 within
    found = best_cut(vectors, nearest(vectors, k=12), seed=seed, config=CONFIG)
    assert np.array_equal(found.labels, by_size(truth))
    assert found.count == 8
    assert found.tightness == pytest.approx(0.61, abs=0.03)


def test_each_width_keeps_the_rung_that_tells_its_graph_in_the_fewest_nats(
    gaussian: Gaussian,
) -> None:
    vectors, _ = gaussian([40, 30, 20, 20], seed=10, spread=1.2)
    near = nearest(vectors, k=12)
    for width, at_most in ((4, 5), (5, 5), (7, 5), (8, 8), (12, 8)):
        # Width 4 has no graph so narrow among those that are cut: the narrowest serves.
        edges = edge_list(neighbour_graph(near.first(at_most)))
        judge = neighbour_graph(near.first(width))
        cuts = {
            resolution: leiden(
                edges, 110, resolution=resolution, config=replace(CONFIG.cut, seed=3)
            )
            for resolution in CONFIG.resolutions
        }
        lengths = {key: description_length(judge, labels) for key, labels in cuts.items()}
        assert len(set(lengths.values())) > 1
        best = min(lengths, key=lengths.__getitem__)
        found = best_cut(vectors, near, seed=3, config=replace(CONFIG, widths=(width,)))
        assert found.width == width
        assert found.resolution == best
        assert np.array_equal(found.labels, cuts[best])
        assert found.tightness == tightness(vectors, cuts[best])
        assert found.misfit == misfit(110, found.count, width, found.tightness, config=CONFIG)


@pytest.mark.parametrize("ratio", [1.0, 2.0, 4.0, 8.0])
def test_the_width_of_the_least_misfit_is_kept_the_widest_of_equals(
    gaussian: Gaussian, ratio: float
) -> None:
    vectors, _ = gaussian([40, 30, 30, 25, 25], seed=12, spread=0.9)
    near = nearest(vectors, k=12)
    config = replace(CONFIG, ratio=ratio)
    widths = usable_widths(150, config=config)
    alone = [best_cut(vectors, near, seed=1, config=replace(config, widths=(w,))) for w in widths]
    least = min(round(cut.misfit, 9) for cut in alone)
    wanted = [cut for cut in alone if round(cut.misfit, 9) == least][-1]
    found = best_cut(vectors, near, seed=1, config=config)
    assert (found.width, found.resolution, found.misfit) == (
        wanted.width,
        wanted.resolution,
        wanted.misfit,
    )
    assert np.array_equal(found.labels, wanted.labels)


def test_of_equally_fitting_widths_the_widest_is_kept(gaussian: Gaussian) -> None:
    """With so wide a spread, and tightness mute, every width fits the same to nine places."""
    vectors, _ = gaussian([30] * 4, seed=1, spread=0.4)
    flat = replace(CONFIG, ratio_spread=1e9, usual_spread=1e9, tightness_reach=0.0)
    found = best_cut(vectors, nearest(vectors, k=12), seed=1, config=flat)
    assert found.width == usable_widths(120, config=flat)[-1] == 8


def test_where_size_is_mute_the_cut_of_the_wanted_tightness_is_kept(gaussian: Gaussian) -> None:
    """Families of five: narrow neighbourhoods see the children, wide ones the families."""
    random = np.random.default_rng(3)
    families, _ = gaussian([1] * 8, seed=3)
    children = np.repeat(families, 5, axis=0) + random.normal(size=(40, 48)) / 48**0.5 * 0.8
    rows = np.repeat(children, 6, axis=0) + random.normal(size=(240, 48)) / 48**0.5 * 0.7
    vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    near = nearest(vectors, k=12)
    mute = replace(CONFIG, ratio_spread=1e9, usual_spread=1e9, tightness_reach=9.0)
    alone = [
        best_cut(vectors, near, seed=1, config=replace(mute, widths=(width,))).tightness
        for width in usable_widths(240, config=mute)
    ]
    kept = {}
    for wanted in (0.45, 0.75):
        found = best_cut(vectors, near, seed=1, config=replace(mute, tightness=wanted))
        assert found.tightness == min(alone, key=lambda one: abs(one - wanted))
        kept[wanted] = found.count
    assert kept[0.45] < 20 < kept[0.75]


def test_the_same_rows_give_the_same_cut(gaussian: Gaussian) -> None:
    vectors, _ = gaussian([1] * 150, seed=9)
    near = nearest(vectors, k=12)
    first = best_cut(vectors, near, seed=1, config=CONFIG)
    again = best_cut(vectors, near, seed=1, config=CONFIG)
    other = best_cut(vectors, near, seed=2, config=CONFIG)
    assert np.array_equal(first.labels, again.labels)
    assert (first.width, first.resolution, first.misfit) == (
        again.width,
        again.resolution,
        again.misfit,
    )
    assert not np.array_equal(first.labels, other.labels)


@pytest.mark.parametrize("tight", [0.54, 0.66, 0.3, 0.99])
def test_at_its_reach_and_beyond_tightness_says_no_more(tight: float) -> None:
    assert misfit(*USUAL, tight, config=CONFIG) == pytest.approx((0.06 / 0.05) ** 2)


@pytest.mark.parametrize("off", [0.0, 0.01, 0.05, 0.0599])
def test_within_its_reach_it_counts_as_a_squared_deviation(off: float) -> None:
    for tight in (0.60 - off, 0.60 + off):
        assert misfit(*USUAL, tight, config=CONFIG) == pytest.approx((off / 0.05) ** 2, abs=1e-12)
    assert misfit(*USUAL, 0.60 + off, config=CONFIG) < misfit(*USUAL, 0.66, config=CONFIG)


@given(factor=st.integers(1, 40), tight=st.floats(0.0, 1.0))
def test_too_many_and_too_few_clusters_by_the_same_factor_fit_equally_badly(
    factor: int, tight: float
) -> None:
    rows, count, width = 400**2, 400 * 100, 1
    config = replace(CONFIG, usual_width=1 / 400)
    many = misfit(rows, count * factor, width, tight, config=config)
    few = misfit(rows * factor, count, width, tight, config=replace(config, usual_spread=1e9))
    assert many == pytest.approx(few, rel=1e-6, abs=1e-9)
    # One spread off is one, added to what tightness says.
    assert many - misfit(rows, count, width, tight, config=config) == pytest.approx(
        (np.log(factor) / 0.25) ** 2, rel=1e-6, abs=1e-9
    )


@pytest.mark.parametrize(("width", "worse"), [(10, 0.0), (20, np.log(2)), (40, np.log(4))])
def test_an_unusual_width_is_a_hint_against_it(width: int, worse: float) -> None:
    """400 clusters of 4 x width rows: only the width is off."""
    found = misfit(1600, 1600 // (4 * width), width, 0.60, config=CONFIG)
    assert found == pytest.approx((worse / 1.5) ** 2)


@given(count=st.integers(2, 300_000))
def test_the_widths_looked_at_grow_with_the_rows(count: int) -> None:
    widths = usable_widths(count, config=CONFIG)
    assert widths == CONFIG.widths[: len(widths)]
    assert widths
    assert widths[-1] == CONFIG.widths[0] or widths[-1] <= count**0.5 * 0.75
    later = usable_widths(count + 1, config=CONFIG)
    assert later[: len(widths)] == widths


@pytest.mark.parametrize(
    ("count", "widest"), [(2, 4), (44, 4), (45, 5), (63, 5), (64, 6), (255, 10), (256, 12)]
)
def test_no_width_over_three_quarters_of_the_square_root(count: int, widest: int) -> None:
    assert usable_widths(count, config=CONFIG)[-1] == widest


@given(seed=st.integers(0, 1000), raw=st.lists(st.integers(0, 6), min_size=1, max_size=30))
def test_tightness_is_the_mean_over_members_of_their_clusters_pairs(
    seed: int, raw: list[int]
) -> None:
    labels = by_size(np.array(raw, dtype=np.int64))
    vectors = np.random.default_rng(seed).normal(size=(len(raw), 5)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    own = [
        np.mean([vectors[row] @ vectors[other] for other in same if other != row])
        for row in range(len(raw))
        if len(same := np.flatnonzero(labels == labels[row])) > 1
    ]
    expected = float(np.mean(own)) if own else 1.0
    assert tightness(vectors, labels) == pytest.approx(expected, abs=1e-5)


def test_copies_are_as_tight_as_can_be_and_opposites_are_not() -> None:
    rows = np.array([[1, 0], [1, 0], [0, 1], [0, -1]], dtype=np.float32)
    assert tightness(rows, np.array([0, 0, 1, 2])) == pytest.approx(1.0)
    assert tightness(rows, np.array([0, 0, 1, 1])) == pytest.approx(0.0)


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


def test_a_graph_without_structure_is_one_cluster() -> None:
    """A random graph is told in the fewest nats without any groups."""
    random = np.random.default_rng(5)
    pairs = np.array([(a, b) for a in range(60) for b in range(a + 1, 60)])
    edges = pairs[np.sort(random.permutation(len(pairs))[:240])]
    graph = Graph(60, edges[:, 0], edges[:, 1], np.ones(240))
    one = description_length(graph, np.zeros(60, dtype=np.int64))
    for groups in (2, 3, 6):
        assert description_length(graph, random.integers(0, groups, 60)) > one
