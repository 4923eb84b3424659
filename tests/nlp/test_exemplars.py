from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.exemplars import (
    ExemplarConfig,
    calibrate,
    choose_exemplars,
    grown,
    loosest_out,
    member_score,
    vote_score,
)
from nlp.neighbours import FloatArray, IntArray

Gaussian = Callable[..., tuple[FloatArray, IntArray]]

CONFIG = ExemplarConfig(
    most=8,
    pool=100,
    vote=3,
    vote_share=1.0,
    founding_quantile=0.1,
    quantile=0.1,
    foreign=0.1,
    least_others=20,
    least_threshold=0.5,
    most_threshold=0.75,
    grow=2,
    too_alike=0.95,
)


def at(cosines: Sequence[float]) -> FloatArray:
    """Unit rows with the given cosines to the first axis, each in a plane of its own."""
    rows = np.zeros((len(cosines), 1 + len(cosines)))
    rows[:, 0] = cosines
    rows[np.arange(len(cosines)), 1 + np.arange(len(cosines))] = np.sqrt(
        1 - np.square(np.asarray(cosines, dtype=float))
    )
    return rows.astype(np.float32)


def axis(dimensions: int) -> FloatArray:
    return np.eye(1, dimensions, dtype=np.float32)


def coverage(vectors: FloatArray, chosen: Sequence[int]) -> float:
    return float((vectors @ vectors[list(chosen)].T).max(axis=1).sum() + len(vectors))


def test_the_first_exemplar_is_the_most_central_the_next_covers_what_is_left(
    gaussian: Gaussian,
) -> None:
    vectors, truth = gaussian([30, 12, 5], seed=1, spread=0.4)
    chosen = choose_exemplars(vectors, config=replace(CONFIG, most=3))
    assert chosen[0] == np.argmax((vectors @ vectors.T).sum(axis=1))
    assert truth[chosen].tolist() == [0, 1, 2]  # one of each: largest first


@given(seed=st.integers(0, 10_000), rows=st.integers(1, 9), most=st.integers(1, 4))
def test_greedy_cover_is_within_its_bound_of_the_best(seed: int, rows: int, most: int) -> None:
    vectors = np.random.default_rng(seed).normal(size=(rows, 3)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    chosen = choose_exemplars(vectors, config=replace(CONFIG, most=most)).tolist()
    assert len(chosen) == len(set(chosen)) == min(most, rows)
    best = max(coverage(vectors, some) for some in itertools.combinations(range(rows), len(chosen)))
    assert coverage(vectors, chosen) >= (1 - 1 / np.e) * best - 1e-4
    gains = [coverage(vectors, chosen[: n + 1]) for n in range(len(chosen))]
    for n in range(len(chosen)):  # no other next choice would have gained more
        others = [coverage(vectors, [*chosen[:n], row]) for row in range(rows)]
        assert gains[n] >= max(others) - 1e-4


def test_equally_central_rows_are_taken_by_index() -> None:
    corners = np.eye(4, dtype=np.float32)
    assert choose_exemplars(corners, config=replace(CONFIG, most=2)).tolist() == [0, 1]


def test_only_the_pool_is_looked_at(gaussian: Gaussian) -> None:
    vectors, _ = gaussian([40], seed=2)
    small = replace(CONFIG, pool=10, most=40)
    assert sorted(choose_exemplars(vectors, config=small)) == list(range(10))


@given(
    seed=st.integers(0, 1000), width=st.integers(1, 7), vote=st.integers(1, 5), n=st.integers(1, 4)
)
def test_a_score_is_the_mean_of_the_nearest_votes(seed: int, width: int, vote: int, n: int) -> None:
    similar = np.random.default_rng(seed).uniform(-1, 1, size=(n, width)).astype(np.float32)
    expected = [np.mean(sorted(row)[::-1][:vote]) for row in similar.tolist()]
    np.testing.assert_allclose(vote_score(similar, vote=vote), expected, atol=1e-6)


@pytest.mark.parametrize(("share", "score"), [(1.0, 0.8), (0.0, 0.5**0.5), (0.5, 0.753553)])
def test_belonging_is_part_vote_part_nearness_to_the_centre(share: float, score: float) -> None:
    """(0.8, 0.2 ...) between two exemplars at right angles, of which one may vote."""
    exemplars = np.eye(2, 3, dtype=np.float32)
    row = np.array([[0.8, 0.2, 0.565685]], dtype=np.float32)
    config = replace(CONFIG, vote=1, vote_share=share)
    assert member_score(row, exemplars, config=config) == pytest.approx([score], abs=1e-5)


def test_a_threshold_is_calibrated_on_the_score_that_is_compared_with_it(
    gaussian: Gaussian,
) -> None:
    """A member that is no exemplar counts with what it will score; others do so, too."""
    vectors, _ = gaussian([100], seed=4, spread=0.8)
    members, others = vectors[:40], vectors[40:]  # others so near that they decide
    exemplars, rest = members[:6], members[6:]
    for share in (0.0, 0.5, 1.0):
        config = replace(CONFIG, vote_share=share, least_threshold=0.0, most_threshold=1.0)
        own = member_score(rest, exemplars, config=config)
        assert calibrate(rest, exemplars, config=config) == pytest.approx(
            float(np.quantile(own, config.quantile)), abs=1e-4
        )
        few = replace(config, foreign=0.0)
        foreign = member_score(others, exemplars, config=config)
        assert foreign.max() > np.quantile(own, config.quantile)
        assert calibrate(rest, exemplars, others=others, config=few) == pytest.approx(
            float(foreign.max()), abs=1e-4
        )


@pytest.mark.parametrize(
    ("lowest", "threshold"),
    [(0.49, 0.5), (0.5, 0.5), (0.51, 0.51), (0.74, 0.74), (0.75, 0.75), (0.76, 0.75)],
)
def test_a_threshold_is_the_loosest_members_score_within_its_limits(
    lowest: float, threshold: float
) -> None:
    members = at([0.9, lowest, 0.8])
    config = replace(CONFIG, quantile=0.0)
    assert calibrate(members, axis(4), config=config) == pytest.approx(threshold, abs=1e-4)


def test_the_quantile_is_the_share_of_members_turned_away() -> None:
    members = at([0.55 + 0.01 * step for step in range(11)])
    scores = vote_score(members @ axis(12).T, vote=3)
    for quantile, refused in ((0.0, 0), (0.1, 1), (0.3, 3), (0.5, 5)):
        level = calibrate(members, axis(12), config=replace(CONFIG, quantile=quantile))
        assert int((scores < level - 1e-3).sum()) == refused


@given(seed=st.integers(0, 1000), low=st.floats(0, 1), high=st.floats(0, 1))
def test_a_greater_quantile_never_lowers_a_threshold(seed: int, low: float, high: float) -> None:
    random = np.random.default_rng(seed)
    members = at(random.uniform(0.3, 0.95, size=15).tolist())
    low, high = sorted((low, high))
    wide = replace(CONFIG, least_threshold=0.0, most_threshold=1.0)
    assert calibrate(members, axis(16), config=replace(wide, quantile=low)) <= calibrate(
        members, axis(16), config=replace(wide, quantile=high)
    )


@pytest.mark.parametrize(("count", "raised"), [(19, False), (20, True), (21, True)])
def test_others_raise_a_threshold_when_there_are_enough(count: int, *, raised: bool) -> None:
    rows = at([0.6] * 10 + [0.65] * count)
    members, others = rows[:10], rows[10:]
    exemplars = axis(rows.shape[1])
    alone = calibrate(members, exemplars, config=CONFIG)
    level = calibrate(members, exemplars, others=others, config=CONFIG)
    assert alone == pytest.approx(0.6, abs=1e-4)
    assert level == pytest.approx(0.65 if raised else 0.6, abs=1e-4)


def test_no_more_others_pass_than_may() -> None:
    rows = at([0.6] * 10 + [0.1] * 34 + [0.7] * 6)  # 6 of 40 are more than a tenth
    level = calibrate(rows[:10], axis(rows.shape[1]), others=rows[10:], config=CONFIG)
    assert level == pytest.approx(0.7, abs=1e-4)


def test_others_far_away_change_nothing_and_few_may_pass() -> None:
    rows = at([0.6] * 10 + [0.1] * 38 + [0.7] * 2)  # 2 of 40 are within the tenth that may pass
    exemplars = axis(rows.shape[1])
    assert calibrate(rows[:10], exemplars, others=rows[10:], config=CONFIG) == calibrate(
        rows[:10], exemplars, config=CONFIG
    )


def test_an_exemplar_does_not_vote_for_itself() -> None:
    """Two members that are exemplars are 0.6 alike: neither reaches more than the other gives."""
    pair = np.array([[1, 0], [0.6, 0.8]], dtype=np.float32)
    assert calibrate(pair, pair, config=CONFIG) == pytest.approx(0.6, abs=1e-4)


def test_a_theme_of_one_text_is_as_strict_as_may_be() -> None:
    only = axis(3)
    assert calibrate(only, only, config=CONFIG) == CONFIG.most_threshold


def test_calibrating_leaves_the_vectors_as_they_are(gaussian: Gaussian) -> None:
    members, _ = gaussian([20], seed=3)
    before = members.copy()
    calibrate(members, members[:5], others=members, config=CONFIG)
    assert np.array_equal(before, members)


@pytest.mark.parametrize(
    ("quantile", "out"), [(0.0, 0), (0.09, 0), (0.1, 1), (0.11, 1), (0.3, 3), (0.5, 5)]
)
def test_founders_are_all_but_the_loosest_quantile(quantile: float, out: int) -> None:
    """Eleven members, the loosest last: who lies below the quantile stays out, at it stays in."""
    members = at([0.65 - 0.01 * step for step in range(11)])
    config = replace(CONFIG, founding_quantile=quantile)
    kept = loosest_out(members, axis(12), config=config)
    assert kept.tolist() == list(range(11 - out))


def test_equally_loose_members_stay_together() -> None:
    rows = np.repeat(at([0.8, 0.5]), [2, 8], axis=0)
    kept = loosest_out(rows, axis(3), config=replace(CONFIG, founding_quantile=0.5))
    assert kept.tolist() == list(range(10))


@given(seed=st.integers(0, 1000), count=st.integers(1, 60), quantile=st.floats(0, 1))
def test_so_many_founders_at_least_and_none_looser_than_who_is_left_out(
    seed: int, count: int, quantile: float
) -> None:
    members = at(np.random.default_rng(seed).uniform(-0.5, 0.99, size=count).tolist())
    config = replace(CONFIG, founding_quantile=quantile)
    exemplars = axis(members.shape[1])
    kept = loosest_out(members, exemplars, config=config)
    scores = member_score(members, exemplars, config=config)
    out = np.setdiff1d(np.arange(count), kept)
    assert len(kept) >= 1
    assert len(out) <= quantile * count
    assert not len(out) or scores[out].max() < scores[kept].min()
    assert kept.tolist() == sorted(kept.tolist())


def test_memory_grows_in_the_order_of_preference_and_not_by_more_than_its_step() -> None:
    rows = np.eye(6, dtype=np.float32)
    assert grown(rows[:1], rows[1:], [3, 0, 4, 1], config=CONFIG) == (3, 0)


@pytest.mark.parametrize(("held", "taken"), [(6, 2), (7, 1), (8, 0), (9, 0)])
def test_memory_grows_only_while_it_has_room(held: int, taken: int) -> None:
    rows = np.eye(12, dtype=np.float32)
    assert len(grown(rows[:held], rows[held:], range(3), config=CONFIG)) == taken


@pytest.mark.parametrize(("alike", "taken"), [(0.94, (0,)), (0.95, ()), (0.96, ())])
def test_what_is_too_alike_teaches_nothing(alike: float, taken: tuple[int, ...]) -> None:
    candidate = at([alike])
    exact = replace(CONFIG, too_alike=float(candidate[0, 0]) if alike == 0.95 else 0.95)
    assert grown(axis(2), candidate, [0], config=exact) == taken


def test_two_copies_are_learnt_once() -> None:
    rows = np.eye(3, dtype=np.float32)
    assert grown(rows[:1], rows[[1, 1, 2]], [0, 1, 2], config=CONFIG) == (0, 2)
