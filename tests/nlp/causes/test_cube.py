"""Localisation in cubes: laws, planted elements, noise."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.random import Generator

from nlp.causes.cube import Cube, localise
from nlp.causes.cube_lattice import build_lattice, sums
from nlp.causes.cube_search import CubeConfig

SIZES = (6, 5, 4)
Element = tuple[tuple[int, ...], tuple[int, ...]]


def grid(sizes: tuple[int, ...] = SIZES) -> np.typing.NDArray[np.int64]:
    return np.array(list(itertools.product(*(range(size) for size in sizes))), dtype=np.int64)


def inside(codes: np.typing.NDArray[np.int64], element: Element) -> np.typing.NDArray[np.bool_]:
    attributes, values = element
    return np.asarray((codes[:, list(attributes)] == values).all(axis=1))


def cube(rng: Generator, *planted: tuple[Element, float], noise: float = 0.05) -> Cube:
    """Each planted (element, ratio of value to forecast); the last one counts."""
    codes = grid()
    expected = np.exp(rng.normal(4.0, 1.0, len(codes)))
    actual = expected * (1.0 + rng.normal(0.0, noise, len(codes)))
    for element, ratio in planted:
        at = inside(codes, element)
        actual[at] = (expected * ratio * (1.0 + rng.normal(0.0, noise, len(codes))))[at]
    return Cube(codes, np.maximum(actual, 0.0), expected)


def told(found: Cube, config: CubeConfig | None = None) -> set[Element]:
    return {(one.attributes, one.values) for one in localise(found, config=config or CubeConfig())}


@pytest.mark.parametrize("seed", range(10))
def test_noise_alone_is_no_finding(seed: int) -> None:
    assert localise(cube(np.random.default_rng(seed))) == ()


def test_all_as_forecast_and_nothing_at_all() -> None:
    codes = grid()
    amount = np.full(len(codes), 7.0)
    assert localise(Cube(codes, amount, amount)) == ()
    assert localise(Cube(codes, 0 * amount, 0 * amount)) == ()
    assert localise(Cube(codes[:0], amount[:0], amount[:0])) == ()


@pytest.mark.parametrize(
    "element",
    [((0,), (2,)), ((1,), (4,)), ((0, 1), (3, 0)), ((1, 2), (1, 3)), ((0, 2), (5, 1))],
)
@pytest.mark.parametrize("ratio", [0.5, 1.8])
def test_one_planted_element_is_found_exactly(element: Element, ratio: float) -> None:
    found = localise(cube(np.random.default_rng(5), (element, ratio)))
    assert [(one.attributes, one.values) for one in found] == [element]
    assert found[0].direction == ("fell" if ratio < 1 else "rose")
    assert found[0].actual / found[0].expected == pytest.approx(ratio, rel=0.1)
    size = int(inside(grid(), element).sum())
    assert found[0].leaves == size
    assert found[0].gain > 0


def test_a_lone_leaf_far_off_is_found() -> None:
    element: Element = ((0, 1, 2), (1, 1, 1))
    assert told(cube(np.random.default_rng(2), (element, 0.2))) == {element}


def test_the_parent_is_named_instead_of_all_its_children() -> None:
    children = [(((0, 1), (2, value)), 0.5) for value in range(SIZES[1])]
    assert told(cube(np.random.default_rng(1), *children)) == {((0,), (2,))}


def test_some_children_are_named_instead_of_their_parent() -> None:
    children: list[tuple[Element, float]] = [(((0, 1), (2, value)), 0.4) for value in (0, 3)]
    assert told(cube(np.random.default_rng(1), *children)) == {one for one, _ in children}


def test_causes_in_different_cuboids_that_cross() -> None:
    planted: list[tuple[Element, float]] = [(((0,), (2,)), 0.5), (((1,), (3,)), 0.2)]
    assert told(cube(np.random.default_rng(4), *planted)) == {one for one, _ in planted}


def test_up_and_down_at_once() -> None:
    planted: list[tuple[Element, float]] = [(((0,), (2,)), 0.5), (((0,), (4,)), 2.0)]
    assert told(cube(np.random.default_rng(4), *planted)) == {one for one, _ in planted}


def test_everything_deviates() -> None:
    codes = grid()
    rng = np.random.default_rng(0)
    expected = np.exp(rng.normal(4.0, 1.0, len(codes)))
    actual = 0.5 * expected * (1.0 + rng.normal(0.0, 0.03, len(codes)))
    # Where nothing follows its forecast, no noise can be seen; a normal quarter must remain.
    normal = codes[:, 2] == 0
    actual[normal] = expected[normal] * (1.0 + rng.normal(0.0, 0.03, int(normal.sum())))
    assert told(Cube(codes, actual, expected)) == {((2,), (value,)) for value in (1, 2, 3)}


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_the_leaves_does_not_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    made = cube(rng, (((0, 1), (3, 0)), 0.5), (((2,), (1,)), 0.7))
    mixed = rng.permutation(len(made.codes))
    shuffled = Cube(made.codes[mixed], made.actual[mixed], made.expected[mixed])
    assert localise(shuffled) == localise(made)


@pytest.mark.parametrize("mean", [0.8, 3.0, 30.0])
def test_counts_scatter_without_being_found(mean: float) -> None:
    for seed in range(6):
        rng = np.random.default_rng(seed)
        codes = grid((8, 6, 5, 7))
        expected = np.exp(rng.normal(np.log(mean), 1.0, len(codes)))
        actual = rng.poisson(expected).astype(np.float64)
        assert localise(Cube(codes, actual, expected, counts=True)) == ()


@pytest.mark.parametrize("mean", [0.8, 3.0, 30.0])
@pytest.mark.parametrize("ratio", [0.4, 2.5])
def test_a_segment_of_few_counts_per_leaf_is_found(mean: float, ratio: float) -> None:
    rng = np.random.default_rng(3)
    codes = grid((8, 6, 5, 7))
    expected = np.exp(rng.normal(np.log(mean), 1.0, len(codes)))
    element: Element = ((1,), (2,))
    rate = np.where(inside(codes, element), ratio, 1.0) * expected
    found = localise(Cube(codes, rng.poisson(rate).astype(np.float64), expected, counts=True))
    assert [(one.attributes, one.values) for one in found] == [element]
    assert found[0].direction == ("fell" if ratio < 1 else "rose")


def test_a_large_cube_is_searched_in_a_sample_and_summed_in_full() -> None:
    element: Element = ((0, 1), (3, 0))
    rng = np.random.default_rng(3)
    codes = grid((8, 6, 5, 7, 9))
    expected = np.exp(rng.normal(4.0, 1.0, len(codes)))
    actual = expected * (1.0 + rng.normal(0.0, 0.05, len(codes)))
    at = inside(codes, element)
    actual[at] *= 0.5
    mixed = rng.permutation(len(codes))
    config = CubeConfig(sample=3000)
    found = localise(Cube(codes, actual, expected), config=config)
    assert [(one.attributes, one.values) for one in found] == [element]
    assert found[0].leaves == int(at.sum())
    assert found[0].expected == pytest.approx(expected[at].sum())
    assert localise(Cube(codes[mixed], actual[mixed], expected[mixed]), config=config) == found


def test_depth_is_bounded() -> None:
    made = cube(np.random.default_rng(5), (((0, 1), (3, 0)), 0.3))
    assert all(len(at) <= 1 for at, _ in told(made, CubeConfig(max_depth=1)))


@pytest.mark.parametrize("bad", [-1.0, np.nan, np.inf])
def test_values_must_be_finite_and_not_negative(bad: float) -> None:
    codes = grid()
    amount = np.full(len(codes), 7.0)
    wrong = amount.copy()
    wrong[3] = bad
    with pytest.raises(ValueError, match="finite and not negative"):
        localise(Cube(codes, wrong, amount))
    with pytest.raises(ValueError, match="must be"):
        localise(Cube(codes, amount[1:], amount))


def test_sums_over_every_cuboid_agree_with_plain_masks() -> None:
    rng = np.random.default_rng(0)
    codes = grid()[rng.permutation(len(grid()))[:70]]
    values = rng.normal(size=70)
    lattice = build_lattice(codes, max_depth=3)
    assert len(lattice) == 8
    for cuboid, added in sums(lattice, values):
        for cell, total in zip(cuboid.codes.tolist(), added, strict=True):
            at = inside(codes, (cuboid.attributes, tuple(cell)))
            assert at.any()
            assert total == pytest.approx(values[at].sum())
