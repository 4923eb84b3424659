from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from nlp.granularity import GranularityConfig
from nlp.leiden import LeidenConfig, by_size
from nlp.neighbours import FloatArray, IntArray
from nlp.partition import Partition, PartitionConfig, adjusted_rand, join, partition

Gaussian = Callable[..., tuple[FloatArray, IntArray]]

CONFIG = PartitionConfig(
    granularity=GranularityConfig(
        widths=(4, 5, 6, 7, 8, 10, 12, 15, 18),
        resolutions=(0.5, 1.0, 2.0, 4.0, 8.0),
        cut=LeidenConfig(trials=1, iterations=2),
    ),
    samples=5,
    share=0.8,
    most_sampled=6_000,
    most_rows=30_000,
    neighbours=15,
    cut=LeidenConfig(trials=2, iterations=3),
    bisections=9,
    seed=7,
    least_nodes=12,
)


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
    assert adjusted_rand(found.labels, truth) > 0.9


def test_the_same_rows_give_the_same_partition_another_seed_another_one(
    gaussian: Gaussian,
) -> None:
    vectors, _ = gaussian([1] * 150, seed=9)
    first, second = partition(vectors, config=CONFIG), partition(vectors, config=CONFIG)
    assert_same(first, second)
    other = partition(vectors, config=replace(CONFIG, seed=8))
    assert not np.array_equal(first.labels, other.labels)


def assert_same(left: Partition, right: Partition) -> None:
    assert np.array_equal(left.labels, right.labels)
    assert (left.resolution, left.agreement, left.counts, left.stability) == (
        right.resolution,
        right.agreement,
        right.counts,
        right.stability,
    )


@pytest.mark.parametrize("rows", [12, 13, 40, 200])
def test_clusters_are_numbered_by_size_and_each_has_a_stability(
    gaussian: Gaussian, rows: int
) -> None:
    found = partition(gaussian([40] * 3 + [1] * 80, seed=3)[0][:rows], config=CONFIG)
    assert len(found.labels) == rows
    assert np.array_equal(by_size(found.labels), found.labels)
    assert len(found.stability) == found.count
    assert all(0 < stability <= 1 for stability in found.stability)
    assert len(found.counts) == CONFIG.samples


def test_what_everybody_sees_is_stable_and_agreed_on(gaussian: Gaussian) -> None:
    vectors, truth = gaussian([40] * 5, seed=1, spread=0.3)
    found = partition(vectors, config=CONFIG)
    assert np.array_equal(found.labels, by_size(truth))
    assert found.stability == (1.0,) * 5
    assert found.agreement == 1.0
    assert found.counts == (5,) * 5


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_where_there_is_nothing_to_see_samples_disagree(gaussian: Gaussian, seed: int) -> None:
    """A few large clusters overlap by chance; what they agree on beyond that is little."""
    vectors, _ = gaussian([1] * 200, seed=seed)
    found = partition(vectors, config=CONFIG)
    assert max(found.stability) < 0.65
    assert found.agreement < 0.4


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_more_clusters_run_into_each_other_the_less_stable_they_are(
    gaussian: Gaussian, seed: int
) -> None:
    found = [
        partition(gaussian([25] * 8, seed=seed, spread=spread)[0], config=CONFIG)
        for spread in (0.3, 1.5, 2.0, 2.5)
    ]
    for measured in (
        [float(np.mean(one.stability)) for one in found],
        [one.agreement for one in found],
    ):
        assert measured == sorted(set(measured), reverse=True)
        assert measured[0] == 1.0
        assert measured[-1] < 0.7


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_count_is_that_of_the_middle_sample(gaussian: Gaussian, seed: int) -> None:
    """Samples count differently where clusters run into each other."""
    vectors, _ = gaussian([25] * 8, seed=seed, spread=2.5)
    found = partition(vectors, config=CONFIG)
    assert len(set(found.counts)) > 2
    assert found.count == sorted(found.counts)[2]


@pytest.mark.parametrize("rows", [0, 1, 11])
def test_fewer_rows_than_anybody_can_tell_apart_make_one_cluster(
    gaussian: Gaussian, rows: int
) -> None:
    found = partition(gaussian([6, 6], seed=11)[0][:rows], config=CONFIG)
    assert found.labels.tolist() == [0] * rows
    assert found.resolution == 0.0
    assert found.count == len(found.stability) == min(1, rows)


@pytest.mark.parametrize("rows", [12, 13])
def test_just_enough_rows_are_cut(gaussian: Gaussian, rows: int) -> None:
    found = partition(gaussian([7, 6], seed=11, spread=0.2)[0][:rows], config=CONFIG)
    assert found.resolution > 0
    assert found.count > 1


def test_a_sample_has_its_share_of_the_rows_and_never_more_than_allowed(
    gaussian: Gaussian,
) -> None:
    """Rows of 20 planted clusters: a sample of 12 rows cannot see nearly as many."""
    vectors, _ = gaussian([10] * 20, seed=2, spread=0.3)
    few = partition(vectors, config=replace(CONFIG, most_sampled=12))
    many = partition(vectors, config=CONFIG)
    assert max(few.counts) <= 4
    assert min(many.counts) > 12


def test_rows_beyond_those_that_are_cut_join_the_clusters_of_their_kind(
    gaussian: Gaussian,
) -> None:
    vectors, truth = gaussian([60, 50, 40, 30], seed=4)
    for most_rows in (100, 179):
        found = partition(vectors, config=replace(CONFIG, most_rows=most_rows))
        assert np.array_equal(found.labels, by_size(truth))
        assert found.stability == pytest.approx((1.0,) * 4, abs=0.05)
    whole = partition(vectors, config=replace(CONFIG, most_rows=180))
    assert_same(whole, partition(vectors, config=CONFIG))


def test_the_rows_that_are_cut_are_spread_evenly_over_all_and_keep_their_cluster(
    gaussian: Gaussian,
) -> None:
    vectors, _ = gaussian([30] * 4 + [1] * 60, seed=6, spread=1.0)
    config = replace(CONFIG, most_rows=60)
    chosen = np.linspace(0, 179, 60).astype(int)
    core = partition(vectors[chosen], config=config)
    found = partition(vectors, config=config)
    assert np.array_equal(by_size(found.labels[chosen]), core.labels)
    assert (found.resolution, found.counts) == (core.resolution, core.counts)
    # Clusters are numbered by all rows; each keeps the stability it had among those cut.
    for row, old in zip(chosen.tolist(), core.labels.tolist(), strict=True):
        assert found.stability[found.labels[row]] == core.stability[old]
    assert np.array_equal(by_size(found.labels), found.labels)


def test_progress_is_told(gaussian: Gaussian) -> None:
    vectors, _ = gaussian([50] * 3, seed=1)
    told: list[str] = []
    partition(vectors, config=replace(CONFIG, most_rows=100), tell=told.append)
    assert told == [f"sample {number} of 5: 3 clusters" for number in (1, 2, 3, 4, 5)]
    told.clear()
    labels = np.zeros(150, dtype=np.int64)
    join(vectors, vectors, labels, config=CONFIG, block=50, tell=told.append)
    assert told == ["50 of 150 texts joined", "100 of 150 texts joined"]


def at(*cosines: Sequence[float]) -> FloatArray:
    """Rows with these cosines to the axes; the rest points away from all of them."""
    rows = np.array([[*row, np.sqrt(1 - float(np.square(row).sum()))] for row in cosines])
    return rows.astype(np.float32)


AXES = np.eye(4, 5, dtype=np.float32)


@pytest.mark.parametrize(
    ("row", "labels", "cluster"),
    [
        ((0.5, 0.3, 0.1, 0.0), [0, 1, 1, 1], 0),  # .5 against .4
        ((0.5, 0.3, 0.3, 0.0), [0, 1, 1, 1], 1),  # .5 against .6
        ((0.5, 0.25, 0.25, 0.0), [0, 1, 1, 2], 0),  # equal votes go to the larger cluster
        ((0.5, 0.25, 0.25, 0.0), [1, 0, 0, 2], 0),
        ((0.1, 0.2, 0.3, 0.25), [0, 0, 1, 1], 1),
        ((-0.5, -0.5, -0.5, 0.1), [0, 0, 0, 1], 1),  # who is unlike does not count against
        ((-0.5, -0.5, -0.5, -0.4), [0, 0, 0, 1], 0),  # unlike all: the most of them
    ],
)
def test_a_row_joins_by_vote_of_its_nearest_weighed_by_similarity(
    row: Sequence[float], labels: list[int], cluster: int
) -> None:
    config = replace(CONFIG, neighbours=4)
    assert join(at(row), AXES, np.array(labels), config=config).tolist() == [cluster]


@pytest.mark.parametrize(("voters", "cluster"), [(1, 1), (2, 1), (3, 0), (4, 0), (99, 0)])
def test_only_so_many_vote(voters: int, cluster: int) -> None:
    """.4 against nobody, .3, .5 and .6."""
    row = at((0.4, 0.3, 0.2, 0.1))
    config = replace(CONFIG, neighbours=voters)
    assert join(row, AXES, np.array([1, 0, 0, 0]), config=config).tolist() == [cluster]


@given(seed=st.integers(0, 10_000), voters=st.integers(1, 12), groups=st.integers(1, 4))
def test_joining_is_that_vote_whatever_the_blocks_and_the_order_of_the_known(
    seed: int, voters: int, groups: int
) -> None:
    random = np.random.default_rng(seed)
    vectors = random.normal(size=(31, 6)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    rows, known = vectors[:20], vectors[20:]
    labels = random.integers(0, groups, len(known))
    labels[0] = groups - 1
    config = replace(CONFIG, neighbours=voters)
    found = join(rows, known, labels, config=config)
    for row, cluster in zip(rows, found.tolist(), strict=True):
        similar = known @ row
        nearest = np.argsort(-similar)[:voters]
        votes = [
            sum(max(float(similar[one]), 1e-6) for one in nearest if labels[one] == group)
            for group in range(groups)
        ]
        assert votes[cluster] == pytest.approx(max(votes), abs=1e-4)
    assert np.array_equal(join(rows, known, labels, config=config, block=3), found)
    order = random.permutation(len(known))
    assert np.array_equal(join(rows, known[order], labels[order], config=config), found)


@given(data=st.data())
def test_equal_votes_go_to_the_lower_cluster_in_whatever_order_voters_stand(
    data: st.DataObject,
) -> None:
    """The same similarities for two clusters: .1 + .2 + .3 is not .3 + .2 + .1 in floats."""
    cosines = data.draw(
        st.lists(st.integers(1, 40).map(lambda n: n / 100), min_size=1, max_size=6), label="each"
    )
    known = np.eye(2 * len(cosines), 2 * len(cosines) + 1, dtype=np.float32)
    pairs = [(label, n) for label in (0, 1) for n in range(len(cosines))]
    order = data.draw(st.permutations(pairs), label="order")
    row = np.zeros((1, known.shape[1]), dtype=np.float32)
    row[0, :-1] = [cosines[n] for _, n in order]
    labels = np.array([label for label, _ in order])
    assert join(row, known, labels, config=CONFIG).tolist() == [0]


@given(pairs=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=2, max_size=60))
def test_agreement_is_the_adjusted_rand_index(pairs: list[tuple[int, int]]) -> None:
    left, right = (np.array(side, dtype=np.int64) for side in zip(*pairs, strict=True))
    found = adjusted_rand(left, right)
    assert found == pytest.approx(adjusted_rand_score(left, right), abs=1e-9)
    assert found == pytest.approx(adjusted_rand(right, left), abs=1e-12)
    assert adjusted_rand(left, 5 - left) == 1.0  # names of clusters mean nothing


def test_two_cuts_at_random_agree_no_more_than_by_chance() -> None:
    random = np.random.default_rng(1)
    left, right = random.integers(0, 8, 20_000), random.integers(0, 5, 20_000)
    assert abs(adjusted_rand(left, right)) < 0.002
