"""Score loss and recontact in one number per mention: the impact in a score."""

from __future__ import annotations

from collections.abc import Sequence
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


def harms(
    impacts: Sequence[Impact], *, score_weight: float, recontact_weight: float, level: float
) -> list[Harm]:
    """The weighted mean of score loss (gains count as none) and recontact rate, of each.

    All impacts have equally many draws.
    """
    if not impacts:
        return []
    points, draws = [], np.empty((len(impacts), impacts[0].draws.size))
    for at, impact in enumerate(impacts):
        again = impact.recontact_rate
        a, b = weights_of(again, score_weight=score_weight, recontact_weight=recontact_weight)
        point, own = a * max(impact.loss, 0.0), draws[at]
        np.multiply(np.maximum(impact.draws, 0.0), a, out=own)
        if again is not None and b > 0:
            point = point + b * again
            own += b * impact.recontact_draws
        points.append(point)
    tail = (1.0 - level) / 2.0
    lows, highs = (
        np.quantile(draws, [tail, 1.0 - tail], axis=1).tolist()
        if draws.shape[1]
        else ([0.0] * len(points), [1.0] * len(points))
    )
    return [
        Harm(
            point=round(point, 6),
            low=round(min(low, point), 6),
            high=round(max(high, point), 6),
            draws=own,
        )
        for point, low, high, own in zip(points, lows, highs, draws, strict=True)
    ]
