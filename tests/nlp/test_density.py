"""HDBSCAN behind one function: finds dense groups, leaves noise, and ignores row order."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from nlp.density import NOISE, density_clusters


def rows(seed: int, sizes: list[int], spread: float, together: float = 0.0) -> NDArray[np.float32]:
    random = np.random.default_rng(seed)
    centres = np.repeat(random.normal(size=(len(sizes), 64)), sizes, axis=0)
    found = centres + together + spread * random.normal(size=centres.shape)
    unit: NDArray[np.float32] = found / np.linalg.norm(found, axis=1, keepdims=True)
    return unit.astype(np.float32)


def test_dense_groups_are_found_and_scattered_rows_are_noise() -> None:
    vectors = np.concatenate([rows(0, [30, 20], 0.2, 1.0), rows(1, [1] * 10, 0.0)])
    labels = density_clusters(vectors, min_size=5)
    assert len(set(labels[:30])) == len(set(labels[30:50])) == 1
    assert labels[0] != labels[30]
    assert set(labels[50:]) == {NOISE}


def test_order_of_rows_changes_no_label() -> None:
    vectors = rows(2, [25, 15, 10], 0.5)
    order = np.random.default_rng(3).permutation(len(vectors))
    labels = density_clusters(vectors, min_size=4)
    assert len(set(labels.tolist())) > 2
    assert density_clusters(vectors[order], min_size=4).tolist() == labels[order].tolist()


@pytest.mark.parametrize(("smallest", "found"), [(11, 3), (12, 3), (13, 0)])
def test_smallest_cluster_just_below_at_and_above(smallest: int, found: int) -> None:
    labels = density_clusters(rows(4, [12, 12, 12], 0.2), min_size=smallest, min_samples=3)
    assert len(set(labels.tolist()) - {NOISE}) == found


def test_too_few_rows_are_all_noise_and_a_cluster_of_one_is_refused() -> None:
    assert density_clusters(rows(5, [3], 0.1), min_size=4).tolist() == [NOISE] * 3
    assert density_clusters(np.empty((0, 8), dtype=np.float32), min_size=4).tolist() == []
    with pytest.raises(ValueError, match="min_size is 1"):
        density_clusters(rows(6, [3], 0.1), min_size=1)
