"""Score loss and recontact in one number per mention: the impact in a score."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from nlp.impact import Impact
from nlp.rates import FloatArray


@dataclass(frozen=True, slots=True)
class Harm:
    """Harm per mention on 0..1, never below 0, with its interval; draws shape (resamples,)."""

    point: float
    low: float
    high: float
    draws: FloatArray = field(compare=False, repr=False)


def weights_of(
    recontact: float | None, *, score_weight: float, recontact_weight: float
) -> tuple[float, float]:
    """Weights of score loss and recontact, summing to 1; without recontact loss has it all."""
    total = score_weight + recontact_weight
    if recontact is None or recontact_weight <= 0 or total <= 0:
        return 1.0, 0.0
    return score_weight / total, recontact_weight / total


def harm(impact: Impact, *, score_weight: float, recontact_weight: float, level: float) -> Harm:
    """The weighted mean of score loss (gains count as none) and recontact rate."""
    again = impact.recontact_rate
    a, b = weights_of(again, score_weight=score_weight, recontact_weight=recontact_weight)
    point, draws = a * max(impact.loss, 0.0), a * np.maximum(impact.draws, 0.0)
    if again is not None and b > 0:
        point = point + b * again
        draws = draws + b * impact.recontact_draws
    tail = (1.0 - level) / 2.0
    low, high = np.quantile(draws, [tail, 1.0 - tail]).tolist() if draws.size else (0.0, 1.0)
    return Harm(
        point=round(point, 6),
        low=round(min(low, point), 6),
        high=round(max(high, point), 6),
        draws=draws,
    )
