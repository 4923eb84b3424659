from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from nlp.rates import dispersion, mid_p, shrunken_ratio, two_sided, upper_tail


@given(st.integers(0, 60), st.integers(0, 60), st.floats(0.01, 0.99))
def test_tails_are_the_binomials(count: int, rest: int, share: float) -> None:
    total = count + rest
    a, n, pi = np.array([float(count)]), np.array([float(total)]), np.array([share])
    assert upper_tail(a, n, pi)[0] == pytest.approx(binom.sf(count - 1, total, share), abs=1e-12)
    upper, lower = mid_p(a, n, pi)
    half = 0.5 * binom.pmf(count, total, share)
    assert upper[0] == pytest.approx(binom.sf(count, total, share) + half, abs=1e-9)
    assert lower[0] == pytest.approx(binom.cdf(count, total, share) - half, abs=1e-9)


def test_two_sided_holds_its_level() -> None:
    random = np.random.default_rng(3)
    a = random.poisson(12.0, 20_000).astype(float)
    b = random.poisson(96.0, 20_000).astype(float)
    p = two_sided(a, a + b, np.full(20_000, 1 / 9))
    assert 0.04 < float((p <= 0.05).mean()) < 0.056


def test_ratio_interval_holds_the_truth_and_is_finite_from_zero() -> None:
    random = np.random.default_rng(4)
    a = random.poisson(30.0, 4000).astype(float)
    b = random.poisson(80.0, 4000).astype(float)
    found = shrunken_ratio(a, b, np.full(4000, 1 / 9))  # truth: 30 / 10 = 3
    assert 0.93 < float(((found.low <= 3) & (found.high >= 3)).mean()) < 0.97
    nothing = shrunken_ratio(np.array([8.0]), np.array([0.0]), np.array([1 / 9]))
    assert np.isfinite(nothing.ratio[0])
    assert nothing.low[0] > 1


def test_dispersion_is_one_in_noise_and_found_where_planted() -> None:
    random = np.random.default_rng(5)
    calm = random.poisson(20.0, (60, 8)).astype(float)
    wild = random.poisson(20.0 * random.gamma(4.0, 0.25, (60, 8))).astype(float)

    def spread(counts: np.typing.NDArray[np.float64]) -> float:
        expected = np.repeat(counts.mean(axis=1, keepdims=True), 8, axis=1)
        return float(np.median(dispersion(counts, expected, free=7)))

    assert spread(calm) < 1.2
    assert 3.5 < spread(wild) < 8.0  # truth: 1 + 20 / 4 = 6
