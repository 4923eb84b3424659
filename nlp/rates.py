"""Rates against exposure: exact conditional tests, shrunken ratios, over-dispersion.

All of it rests on one fact: when two counts a and b are Poisson with exposures e_a and e_b and the
same rate, then a given a + b is binomial with share e_a / (e_a + e_b). Tails are written with the
regularised incomplete beta function, so that counts may be fractions: a customer's one vote split
over messages (a sum of independent votes in [0, 1] is less spread than the binomial of the same
mean: Hoeffding 1956), or a count divided by its over-dispersion (quasi-likelihood).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, betaincinv
from scipy.stats import chi2

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ratios:
    """Shrunken rate ratios with intervals; each array has the shape of the counts."""

    ratio: FloatArray
    low: FloatArray
    high: FloatArray


def upper_tail(count: FloatArray, total: FloatArray, share: FloatArray) -> FloatArray:
    """P(X >= count) for X ~ Binomial(total, share): I_share(count, total - count + 1)."""
    count, total, share = np.broadcast_arrays(
        np.asarray(count, dtype=np.float64), np.asarray(total, float), np.asarray(share, float)
    )
    rest = np.maximum(total - count, 0.0)
    found = betainc(np.where(count > 0, count, 1.0), rest + 1.0, np.clip(share, 0.0, 1.0))
    return np.asarray(np.where(count > 0, found, 1.0), dtype=np.float64)


def mid_p(count: FloatArray, total: FloatArray, share: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mid-p values (upper, lower) of the binomial: half the point's own probability is left out.

    The mid-p (Lancaster 1961) keeps close to its nominal level where the exact tail is far below.
    """
    count, total, share = np.broadcast_arrays(
        np.asarray(count, dtype=np.float64), np.asarray(total, float), np.asarray(share, float)
    )
    rest = np.maximum(total - count, 0.0)
    # P(X >= count + 1) = I_share(count + 1, rest), which goes to 0 with the rest
    beyond = betainc(count + 1.0, np.where(rest > 0, rest, 1.0), np.clip(share, 0.0, 1.0))
    one_more = np.where(rest > 0, beyond, 0.0)
    upper = 0.5 * (upper_tail(count, total, share) + one_more)
    return upper, 1.0 - upper


def two_sided(count: FloatArray, total: FloatArray, share: FloatArray) -> FloatArray:
    """Twice the lesser mid-p tail, at most 1."""
    upper, lower = mid_p(count, total, share)
    return np.minimum(1.0, 2.0 * np.minimum(upper, lower))


def shrunken_ratio(
    count: FloatArray,
    other: FloatArray,
    share: FloatArray,
    *,
    prior: float = 0.5,
    level: float = 0.95,
) -> Ratios:
    """Rate of `count` over the rate of `other`, shrunken to 1, with a credible interval.

    theta, the part of all counts that falls to `count`, has the posterior Beta(count + prior,
    other + prior (1 - share) / share): `prior` expected customers worth of belief that nothing
    differs. The ratio is theta / (1 - theta) * (1 - share) / share, at the posterior's median and
    its (1 - level) / 2 quantiles. Finite when `other` is 0.

    Args:
        count, other: counts >= 0, same shape.
        share: exposure of `count` as a share of both exposures, in (0, 1).
    """
    share = np.asarray(share, dtype=np.float64)
    odds = (1.0 - share) / share
    a = np.asarray(count, float) + prior
    b = np.asarray(other, float) + prior * odds
    tail = (1.0 - level) / 2.0
    low, middle, high = (betaincinv(a, b, x) for x in (tail, 0.5, 1.0 - tail))

    def ratio(theta: FloatArray) -> FloatArray:
        kept = np.minimum(theta, 1.0 - 1e-12)
        return np.asarray(kept / (1.0 - kept) * odds, dtype=np.float64)

    return Ratios(ratio=ratio(middle), low=ratio(low), high=ratio(high))


def dispersion(
    counts: FloatArray,
    expected: FloatArray,
    *,
    free: int,
    prior_free: float = 10.0,
    least: float = 10.0,
    pooled_from: NDArray[np.bool_] | None = None,
) -> FloatArray:
    """How many times wider than Poisson each theme's counts spread about their expectation.

    Per theme Pearson's X2 = sum (k - e)^2 / e over `free` degrees of freedom, squeezed towards the
    median of all themes as if that were worth `prior_free` degrees (the squeeze of Smyth 2004;
    quasi-likelihood after McCullagh & Nelder 1989, 4.5). Never below 1.

    Args:
        counts, expected: shape (themes, periods); rows of `expected` sum to those of `counts`.
        free: periods less the parameters fitted to them.
        least: themes with fewer counts take no part in the pooled value.
        pooled_from: which themes take part in it at all, shape (themes,); by default all.

    Returns:
        shape (themes,), each >= 1.
    """
    if free < 1 or counts.size == 0:
        return np.ones(counts.shape[0], dtype=np.float64)
    safe = np.where(expected > 0, expected, 1.0)
    pearson = np.where(expected > 0, (counts - expected) ** 2 / safe, 0.0).sum(axis=1)
    told = counts.sum(axis=1) >= least
    if pooled_from is not None:
        told &= pooled_from
    pooled = 1.0
    if told.any():
        pooled = max(1.0, float(np.median(pearson[told])) / float(chi2.ppf(0.5, free)))
    squeezed = (prior_free * pooled + pearson) / (prior_free + free)
    return np.asarray(np.maximum(1.0, squeezed), dtype=np.float64)
