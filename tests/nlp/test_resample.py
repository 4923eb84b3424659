from __future__ import annotations

from typing import Literal

import numpy as np
import pytest

from nlp.rates import FloatArray
from nlp.resample import customer_weights


def drawn(of: Literal["impact", "reach"]) -> FloatArray:
    return np.array(list(customer_weights(50, of=of, resamples=200, seed=3)))


@pytest.mark.parametrize("of", ["impact", "reach"])
def test_weights_have_mean_one_and_are_the_same_every_time(of: Literal["impact", "reach"]) -> None:
    weights = drawn(of)
    assert weights.shape == (200, 50)
    assert (weights > 0).all()
    assert np.allclose(weights.mean(axis=1), 1.0)
    assert np.array_equal(weights, drawn(of))


def test_impact_and_reach_are_drawn_independently() -> None:
    together = np.corrcoef(drawn("impact").ravel(), drawn("reach").ravel())[0, 1]
    assert abs(together) < 0.03
