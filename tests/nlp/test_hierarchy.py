from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.hierarchy import HierarchyConfig, families, nearest_family
from nlp.leiden import by_size
from nlp.neighbours import FloatArray, IntArray

Gaussian = Callable[..., tuple[FloatArray, IntArray]]

CONFIG = HierarchyConfig(least_similarity=0.5)


def pair(cosine: float) -> FloatArray:
    return np.array([[1, 0], [cosine, (1 - cosine**2) ** 0.5]], dtype=np.float32)


@pytest.mark.parametrize(("cosine", "together"), [(0.49, False), (0.5, True), (0.51, True)])
def test_two_leaves_share_a_parent_when_near_enough(cosine: float, *, together: bool) -> None:
    assert families(pair(cosine), config=CONFIG).tolist() == ([0, 0] if together else [0, 1])


def test_planted_families_are_found_and_numbered_by_size_then_first_member(
    gaussian: Gaussian,
) -> None:
    rows, truth = gaussian([4, 5, 3, 3, 1], seed=1)
    found = families(rows, config=CONFIG)
    assert np.array_equal(found[:, None] == found[None, :], truth[:, None] == truth[None, :])
    keys = [(-int((found == family).sum()), int(np.argmax(found == family))) for family in range(5)]
    assert keys == sorted(keys)


@pytest.mark.parametrize("leaves", [10, 20, 40])
def test_a_chain_falls_into_families_a_reader_takes_in(leaves: int) -> None:
    """A cosine of .5 from one to the next and of 0 to all others."""
    rows = np.eye(leaves, leaves + 1) + np.eye(leaves, leaves + 1, k=1)
    near = HierarchyConfig(least_similarity=0.4)
    found = families((rows / 2**0.5).astype(np.float32), config=near)
    sizes = np.bincount(found)
    assert len(sizes) == pytest.approx(leaves / near.leaves_a_family, rel=0.35)
    assert sizes.max() <= 8
    for family in range(len(sizes)):  # links of a chain, without gaps
        members = np.flatnonzero(found == family)
        assert members[-1] - members[0] + 1 == len(members)


def test_a_large_crowd_is_divided_and_a_small_one_is_not() -> None:
    """Leaves that are all alike: one family of five, several of forty."""
    rows = np.random.default_rng(1).normal(size=(40, 24)) * 0.5 / 24**0.5
    rows[:, 0] += 1.0
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    alike = rows.astype(np.float32)
    assert set(families(alike[:5], config=CONFIG).tolist()) == {0}
    assert 4 <= len(set(families(alike, config=CONFIG).tolist())) <= 12


@pytest.mark.parametrize("pairs", [1, 20, 150])
def test_what_is_not_near_enough_ties_nobody(pairs: int) -> None:
    """However much larger families are wanted, pairs that are near nobody else stay pairs."""
    rows = np.zeros((2 * pairs + 1, 2 * pairs + 1), dtype=np.float32)
    first = np.arange(0, 2 * pairs, 2)
    rows[first, first] = 1.0
    rows[first + 1, first], rows[first + 1, first + 1] = 0.6, 0.8
    rows[-1, -1] = 1.0
    found = families(rows, config=CONFIG)
    assert found[:-1].tolist() == np.repeat(np.arange(pairs), 2).tolist()
    assert found[-1] == pairs


def test_no_leaf_and_one_leaf() -> None:
    assert families(np.zeros((0, 3), dtype=np.float32), config=CONFIG).tolist() == []
    assert families(pair(0)[:1], config=CONFIG).tolist() == [0]


@given(seed=st.integers(0, 500), count=st.integers(2, 40))
def test_members_of_a_family_are_tied_to_one_another(seed: int, count: int) -> None:
    random = np.random.default_rng(seed)
    rows = random.normal(size=(count, 5)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    found = families(rows, config=CONFIG)
    assert np.array_equal(by_size(found), found)
    assert np.array_equal(families(rows, config=CONFIG), found)
    near = (rows @ rows.T >= 0.5 - 1e-6) & ~np.eye(count, dtype=bool)
    for family in range(int(found.max()) + 1):
        inside = near[np.ix_(found == family, found == family)]
        assert len(inside) == 1 or inside.any(axis=1).all()


@given(order=st.permutations(range(16)))
def test_families_that_are_far_apart_do_not_depend_on_the_order_of_leaves(
    gaussian: Gaussian, order: list[int]
) -> None:
    rows, truth = gaussian([5, 4, 4, 3], seed=2)
    found, wanted = families(rows[order], config=CONFIG), truth[order]
    assert np.array_equal(found[:, None] == found[None, :], wanted[:, None] == wanted[None, :])


@pytest.mark.parametrize(("cosine", "joins"), [(0.499, False), (0.5, True), (0.501, True)])
def test_a_newborn_joins_a_family_that_is_near_enough(cosine: float, *, joins: bool) -> None:
    newborn, family = pair(cosine)
    assert nearest_family(newborn, [family], config=CONFIG) == (0 if joins else None)


def test_a_newborn_joins_the_nearest_family_the_first_of_equals() -> None:
    newborn, far = pair(0.6)
    near = pair(0.8)[1]
    assert nearest_family(newborn, [far, near], config=CONFIG) == 1
    assert nearest_family(newborn, [near, near], config=CONFIG) == 0
    assert nearest_family(newborn, [], config=CONFIG) is None
