from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.hierarchy import HierarchyConfig, families, nearest_family
from nlp.neighbours import FloatArray, IntArray

Gaussian = Callable[..., tuple[FloatArray, IntArray]]

CONFIG = HierarchyConfig(least_similarity=0.5)


def pair(cosine: float) -> FloatArray:
    return np.array([[1, 0], [cosine, (1 - cosine**2) ** 0.5]], dtype=np.float32)


@pytest.mark.parametrize(("cosine", "together"), [(0.49, False), (0.5, True), (0.51, True)])
def test_two_leaves_share_a_parent_when_near_enough(cosine: float, *, together: bool) -> None:
    assert families(pair(cosine), config=CONFIG).tolist() == ([0, 0] if together else [0, 1])


def test_planted_families_are_found_and_numbered_by_their_first_member(
    gaussian: Gaussian,
) -> None:
    rows, truth = gaussian([4, 5, 3, 1], seed=1)
    found = families(rows, config=CONFIG)
    assert np.array_equal(found[:, None] == found[None, :], truth[:, None] == truth[None, :])
    firsts = [int(np.argmax(found == family)) for family in range(4)]
    assert firsts == sorted(firsts)
    assert found[0] == 0


def test_a_chain_is_not_one_family() -> None:
    """Average linkage: 40 degrees from one to the next, the ends 160 degrees apart."""
    angles = np.radians([0, 40, 80, 120, 160])
    rows = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    found = families(rows, config=CONFIG)
    assert found[0] != found[-1]
    assert found[0] == found[1]


def test_no_leaf_and_one_leaf() -> None:
    assert families(np.zeros((0, 3), dtype=np.float32), config=CONFIG).tolist() == []
    assert families(pair(0)[:1], config=CONFIG).tolist() == [0]


@given(seed=st.integers(0, 500), count=st.integers(2, 12))
def test_families_do_not_depend_on_the_order_of_leaves(seed: int, count: int) -> None:
    random = np.random.default_rng(seed)
    rows = random.normal(size=(count, 3)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    order = random.permutation(count)
    found, moved = families(rows, config=CONFIG), families(rows[order], config=CONFIG)
    assert np.array_equal(
        found[order][:, None] == found[order][None, :], moved[:, None] == moved[None, :]
    )
    assert found.max() + 1 == len(set(found.tolist()))


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
