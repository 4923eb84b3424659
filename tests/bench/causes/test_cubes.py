"""The recipes of synthetic cubes: what is planted is there, and only that; scores count rightly."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from nlp.causes.cube_noise import deviations
from tests.bench.causes.cubes import (
    RISKLOC,
    SQUEEZE,
    Case,
    Element,
    Score,
    riskloc_case,
    run,
    squeeze_case,
)

SMALL = replace(RISKLOC["S"], sizes=(6, 7, 5), noise=(0.0, 0.1))


def leaves(case: Case, element: Element) -> np.typing.NDArray[np.bool_]:
    attributes, values = element
    at = (case.cube.codes[:, list(attributes)] == values).all(axis=1)
    return np.asarray(at & ((case.cube.actual > 0) | (case.cube.expected > 0)))


@pytest.mark.parametrize("seed", range(12))
def test_planted_leaves_deviate_and_the_others_only_by_noise(seed: int) -> None:
    case = riskloc_case(np.random.default_rng(seed), SMALL)
    deviation = deviations(case.cube.actual, case.cube.expected)
    planted = np.zeros(len(deviation), dtype=np.bool_)
    for element in case.truth:
        at = leaves(case, element)
        planted |= at
        assert not at.any() or abs(float(np.median(deviation[at]))) > 0.15
    assert float(np.median(np.abs(deviation[~planted]))) < 0.1
    signs = {bool(np.median(deviation[leaves(case, one)]) > 0) for one in case.truth}
    assert len(signs) == 1


def test_the_same_seed_gives_the_same_case() -> None:
    first, second = (squeeze_case(np.random.default_rng(7), SQUEEZE["B2"]) for _ in range(2))
    assert first.truth == second.truth
    assert np.array_equal(first.cube.actual, second.cube.actual)


@pytest.mark.parametrize("name", sorted(SQUEEZE))
def test_one_to_three_elements_of_one_layer(name: str) -> None:
    for seed in range(5):
        case = squeeze_case(np.random.default_rng(seed), SQUEEZE[name])
        assert 1 <= len(case.truth) <= 3
        assert len({len(attributes) for attributes, _ in case.truth}) == 1


def test_f1_counts_elements_over_all_cases() -> None:
    assert Score(right=3, wrong=1, missed=1, seconds=(0.1,)).f1 == pytest.approx(0.75)
    assert Score(right=0, wrong=0, missed=0, seconds=()).f1 == 0.0


def test_small_cases_are_mostly_solved() -> None:
    assert run(partial(riskloc_case, recipe=SMALL), range(100, 112)).f1 > 0.8
