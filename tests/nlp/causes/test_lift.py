from __future__ import annotations

import numpy as np

from nlp.causes.lift import fit_prior, shrink


def _segments(
    lifts: np.typing.NDArray[np.float64], seed: int
) -> tuple[np.typing.NDArray[np.float64], ...]:
    random = np.random.default_rng(seed)
    shares = random.uniform(0.02, 0.3, lifts.size)
    totals = random.integers(20, 400, lifts.size)
    inside = lifts * shares / (lifts * shares + 1 - shares)
    return random.binomial(totals, inside).astype(float), totals.astype(float), shares


def test_noise_is_drawn_to_one() -> None:
    votes, totals, shares = _segments(np.ones(3000), 1)
    found = shrink(fit_prior(votes, totals, shares), votes, totals, shares)
    assert float(np.quantile(found.ratio, 0.99)) < 1.15
    assert float((found.low > 1).mean()) < 0.002


def test_rare_strong_effects_are_left_nearly_alone_and_intervals_hold_the_truth() -> None:
    lifts = np.ones(3000)
    lifts[:150] = np.exp(np.random.default_rng(2).normal(1.0, 0.3, 150))
    votes, totals, shares = _segments(lifts, 3)
    found = shrink(fit_prior(votes, totals, shares), votes, totals, shares)
    held = (found.low <= lifts) & (lifts <= found.high)
    strong = (totals * shares > 15) & (lifts > 2)
    assert strong.sum() > 40
    assert float(held[strong].mean()) > 0.85
    error = np.log(found.ratio[strong] / lifts[strong])
    assert abs(float(np.median(error))) < 0.1


def test_a_handful_of_segments_can_still_show_an_effect() -> None:
    votes, totals, shares = np.array([60.0, 5.0]), np.array([100.0, 100.0]), np.array([0.1, 0.1])
    found = shrink(fit_prior(votes[1:], totals[1:], shares[1:]), votes, totals, shares)
    assert found.low[0] > 5
    assert found.low[1] < 1 < found.high[1]
