"""Bootstrap weights per customer: the unit that is drawn, since one customer's messages agree."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nlp.rates import FloatArray


def customer_weights(customers: int, *, resamples: int, seed: int) -> Iterator[FloatArray]:
    """Bayesian bootstrap (Rubin 1981): exponential weights with mean 1, shape (customers,).

    Smooth where the ordinary bootstrap drops a small theme altogether. The same seed gives the same
    weights, so that impact and reach, drawn apart, vary together.
    """
    for number in range(resamples):
        drawn = np.random.default_rng([seed, number]).standard_exponential(customers)
        yield drawn * (customers / max(float(drawn.sum()), 1e-300))
