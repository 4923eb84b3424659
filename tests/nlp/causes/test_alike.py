"""Grouping of clauses: what is common is taken out, strangers stay alone, order does not matter."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from nlp.causes.alike import AlikeConfig, common_part, group_alike, without_common

Vectors = NDArray[np.float32]


def unit(rows: NDArray[np.float64]) -> Vectors:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def spoken(groups: int, each: int, *, shared: float, seed: int = 0) -> Vectors:
    """Groups of clauses that all hold a share of one direction, as the product's name gives."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(groups, 384))
    product = rng.normal(size=384)
    rows = np.repeat(centres, each, axis=0) + shared * product
    return unit(rows + 0.7 * rng.normal(size=rows.shape))


def partition(labels: NDArray[np.int64]) -> set[frozenset[int]]:
    return {frozenset(np.flatnonzero(labels == one).tolist()) for one in set(labels.tolist())}


@pytest.mark.parametrize("shared", [0.0, 0.5, 1.0])
def test_reasons_stay_apart_although_all_name_the_product(shared: float) -> None:
    rows = spoken(12, 8, shared=shared)
    labels = group_alike(without_common(rows, common_part([rows])))
    assert partition(labels) == {frozenset(range(at, at + 8)) for at in range(0, 96, 8)}


def test_a_reason_that_everybody_gives_is_not_taken_away() -> None:
    rows = spoken(1, 200, shared=0.0)
    labels = group_alike(without_common(rows, common_part([rows])))
    assert max(len(one) for one in partition(labels)) >= 150


def test_few_clauses_keep_nearly_all_they_have() -> None:
    rows = spoken(1, 3, shared=0.0)
    left = without_common(rows, common_part([rows]))
    assert float((left * rows).sum(axis=1).min()) > 0.99


def test_order_changes_nothing() -> None:
    rows = spoken(6, 5, shared=1.0)
    mixed = np.random.default_rng(1).permutation(len(rows))
    first = group_alike(without_common(rows, common_part([rows])))
    second = group_alike(without_common(rows[mixed], common_part([rows[mixed]])))
    assert partition(first) == {
        frozenset(int(mixed[at]) for at in one) for one in partition(second)
    }


@pytest.mark.parametrize(("cosine", "together"), [(0.27, False), (0.29, True)])
def test_pairs_just_below_and_above_the_cosine(cosine: float, together: bool) -> None:
    rows = np.array([[1.0, 0.0], [cosine, np.sqrt(1 - cosine**2)]], dtype=np.float32)
    labels = group_alike(rows, config=AlikeConfig())
    assert (labels[0] == labels[1]) == together


def test_one_clause_is_one_group() -> None:
    assert group_alike(np.eye(1, 4, dtype=np.float32)).tolist() == [0]
