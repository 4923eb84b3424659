"""Bootstrap weights per customer: the unit that is drawn, since one customer's messages agree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np

from nlp.rates import FloatArray

_STREAMS = {"impact": 0, "reach": 1}


def customer_weights(
    customers: int, *, of: Literal["impact", "reach"], resamples: int, seed: int
) -> Iterator[FloatArray]:
    """Bayesian bootstrap (Rubin 1981): exponential weights with mean 1, shape (customers,).

    Smooth where the ordinary bootstrap drops a small theme altogether. Impact and reach are drawn
    independently: they are measured over different weeks, in each of which customers are numbered
    anew, so equal weights would tie customers together that have nothing to do with each other.
    What the customers of both have in common is therefore not in a score's interval.
    """
    draw = np.random.default_rng([seed, _STREAMS[of]])
    for _ in range(resamples):
        drawn = draw.standard_exponential(customers)
        yield drawn * (customers / max(float(drawn.sum()), 1e-300))
