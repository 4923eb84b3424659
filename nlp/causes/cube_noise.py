"""How far each leaf of a cube lies from its forecast, and how far noise alone would carry it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

_ROOT_2PI = float(np.sqrt(2.0 * np.pi))
# Median of |X| for a standard normal X.
_MEDIAN = 0.6745
# Where the quieter side shows no stray, one in a thousand million: a lone leaf may be a cause.
_LEAST_STRAY = 1e-9
# A stray leaf may lie anywhere on [-1, 1].
_UNIFORM = 0.5


@dataclass(frozen=True, slots=True)
class Noise:
    """The law of leaves that follow their forecast: normal around 0, and a few strays anywhere.

    scale: standard deviation of each leaf's deviation, shape (n,); stray: share of strays.
    """

    scale: FloatArray
    stray: float

    def log_density(self, deviation: FloatArray) -> FloatArray:
        """Log density of each leaf's deviation under noise alone, shape (n,)."""
        normal = np.exp(-0.5 * (deviation / self.scale) ** 2) / (self.scale * _ROOT_2PI)
        return np.asarray(np.log((1.0 - self.stray) * normal + self.stray * _UNIFORM))


def deviations(actual: FloatArray, expected: FloatArray) -> FloatArray:
    """(f - v) / max(|f|, |v|): 1 where all is lost, 0 as forecast, -0.5 where it doubled.

    A monotone function of Squeeze's deviation score d = 2 (f - v) / (f + v) (Li et al. 2019),
    namely 2 d / (2 + |d|); bounded, and exactly r where the actual value is (1 - r) times the
    forecast. Leaves where both are 0 tell nothing: 0.
    """
    largest = np.maximum(np.abs(actual), np.abs(expected))
    gap = expected - actual
    return np.clip(np.divide(gap, largest, out=np.zeros_like(gap), where=largest > 0), -1.0, 1.0)


def log_core(deviation: FloatArray, mean: float, spread: FloatArray | float) -> FloatArray:
    """Log density of leaves that share a deviation: normal, one in ten thrice as wide."""
    distance = 0.5 * ((deviation - mean) / spread) ** 2
    narrow = np.log(0.9) - distance
    wide = np.log(0.1 / 3.0) - distance / 9.0
    return np.asarray(np.logaddexp(narrow, wide) - np.log(spread * _ROOT_2PI))


def fit_noise(
    deviation: FloatArray, size: FloatArray, *, bins: int, least_in_bin: int, least: float
) -> Noise:
    """Noise from the side of the forecast that deviates less, in bins of size.

    What deviates lies mostly on one side, and may be most of the leaves; the other side still
    shows the noise (RiskLoc, Kalander 2022, takes its threshold there). So the scale is the lesser
    of both sides' median absolute deviation. Small values are often noisier than large ones, so
    that it is taken in bins of size and interpolated over its logarithm.

    Args:
        deviation: shape (n,), leaves with data only.
        size: the larger of forecast and actual value, shape (n,), above 0.
        bins: at most so many bins of size. least_in_bin: leaves a bin must hold.
        least: a scale is never under this.
    """
    count = max(1, min(bins, len(deviation) // least_in_bin))
    log_size = np.log(size)
    edges = np.quantile(log_size, np.linspace(0.0, 1.0, count + 1))
    place = np.clip(np.searchsorted(edges[1:-1], log_size, side="right"), 0, count - 1)
    middles, scales = [], []
    for number in range(count):
        inside = place == number
        if inside.any():
            middles.append(float(np.median(log_size[inside])))
            scales.append(_one_sided(deviation[inside]))
    scale = np.maximum(np.interp(log_size, middles, scales), least)
    far = np.abs(deviation) > 5.0 * scale
    below, above = int((far & (deviation < 0)).sum()), int((far & (deviation > 0)).sum())
    stray = 2 * min(below, above) / len(deviation) + _LEAST_STRAY
    return Noise(scale=scale, stray=min(stray, 0.2))


def _one_sided(deviation: FloatArray) -> float:
    """The lesser of both sides' median distance from 0, as a standard deviation."""
    sides = [
        float(np.median(np.abs(side))) / _MEDIAN
        for side in (deviation[deviation >= 0], deviation[deviation <= 0])
        if 10 * len(side) >= len(deviation)
    ]
    return min(sides)
