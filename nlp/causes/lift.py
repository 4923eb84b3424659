"""Empirical-Bayes shrinkage of lifts: how much of a ratio to believe, learnt from all of them.

A theme's `total` votes fall into a segment with probability theta; with exposure share pi, no
effect means theta = pi. The prior is a mixture of beta distributions that all have mean pi and
strengths s_j = a_j / pi, that is, lifts with mean 1 and variance about 1 / a_j, from "nothing ever
happens" (a = 1000) to "anything may" (a = 0.5). Its weights are the maximum likelihood over all
segments tested, found by EM. In noise everything is drawn to 1; where real effects exist, strong
ones are left nearly alone. (The idea: DuMouchel 1999, gamma-Poisson shrinker; Stephens 2017, a
mixture of fixed components centred on no effect.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betainc, betaln

from nlp.rates import FloatArray, Ratios

STRENGTHS: FloatArray = np.array([1000.0, 100.0, 30.0, 10.0, 4.0, 1.5, 0.5])
_EM_STEPS = 100
_BISECTIONS = 50
# Part of the prior that the mixture may never take away from the widest component: with a handful
# of segments EM can decide that no effect exists at all, and then nothing could change its mind.
_LEAST_WIDE = 0.01


@dataclass(frozen=True, slots=True)
class LiftPrior:
    """Weights of the components of `STRENGTHS`; they sum to 1."""

    weights: FloatArray


def fit_prior(votes: FloatArray, totals: FloatArray, shares: FloatArray) -> LiftPrior:
    """Weights of the prior's components by maximum likelihood (EM), all arrays shape (n,)."""
    weights = np.full(STRENGTHS.size, 1.0 / STRENGTHS.size)
    if votes.size == 0:
        return LiftPrior(weights)
    log_evidence = _log_evidence(votes, totals, shares)
    evidence = np.exp(log_evidence - log_evidence.max(axis=1, keepdims=True))
    for _ in range(_EM_STEPS):
        belongs = evidence * weights
        belongs /= belongs.sum(axis=1, keepdims=True)
        weights = belongs.mean(axis=0)
    weights[-1] += _LEAST_WIDE
    return LiftPrior(weights / weights.sum())


def shrink(
    prior: LiftPrior,
    votes: FloatArray,
    totals: FloatArray,
    shares: FloatArray,
    *,
    level: float = 0.95,
) -> Ratios:
    """Lift of each segment over elsewhere: posterior median and credible interval, shape (n,).

    lift = theta / (1 - theta) * (1 - pi) / pi: the theme's rate inside over its rate outside.
    """
    log_evidence = _log_evidence(votes, totals, shares)
    belongs = np.exp(log_evidence - log_evidence.max(axis=1, keepdims=True)) * prior.weights
    belongs /= belongs.sum(axis=1, keepdims=True)
    a, b = _parameters(shares)
    a, b = a + votes[:, None], b + (totals - votes)[:, None]
    tail = (1.0 - level) / 2.0
    low, middle, high = (_quantile(belongs, a, b, x) for x in (tail, 0.5, 1.0 - tail))
    odds = (1.0 - shares) / shares
    return Ratios(
        ratio=middle / (1.0 - middle) * odds,
        low=low / (1.0 - low) * odds,
        high=high / (1.0 - high) * odds,
    )


def _parameters(shares: FloatArray) -> tuple[FloatArray, FloatArray]:
    a = np.broadcast_to(STRENGTHS, (shares.size, STRENGTHS.size))
    return a, a * ((1.0 - shares) / shares)[:, None]


def _log_evidence(votes: FloatArray, totals: FloatArray, shares: FloatArray) -> FloatArray:
    a, b = _parameters(shares)
    found = betaln(a + votes[:, None], b + (totals - votes)[:, None]) - betaln(a, b)
    return np.asarray(found, dtype=np.float64)


def _quantile(belongs: FloatArray, a: FloatArray, b: FloatArray, at: float) -> FloatArray:
    low, high = np.zeros(a.shape[0]), np.ones(a.shape[0])
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2.0
        below = (belongs * betainc(a, b, middle[:, None])).sum(axis=1) < at
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return np.clip((low + high) / 2.0, 1e-12, 1.0 - 1e-12)
