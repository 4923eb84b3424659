"""How far each leaf of a cube lies from its forecast, and how far noise alone would carry it.

Two laws with the same methods: `RelativeNoise` for amounts whose forecast errs by a proportion, and
`CountNoise` for counts, which scatter the more, relatively, the fewer they are. Both speak of a
deviation (f - v) / max(f, v): 1 where all is lost, 0 as forecast, -0.5 where the value doubled. It
is a monotone function of Squeeze's deviation score d = 2 (f - v) / (f + v) (Li et al. 2019), namely
2 d / (2 + |d|); bounded, and exactly r where the value is (1 - r) times the forecast.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, pdtr

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Rows = IntArray | slice

_LOG_ROOT_2PI = 0.5 * float(np.log(2.0 * np.pi))
# Median of |X| for a standard normal X.
_MEDIAN = 0.6745
# Where the quieter side shows no stray, one in a thousand million: a lone leaf may be a cause.
_LEAST_STRAY = 1e-9
# A stray leaf may lie anywhere on [-1, 1].
_UNIFORM = 0.5
# Quantiles of the standard normal, evenly spaced in probability.
_QUANTILES = ndtri((np.arange(40) + 0.5) / 40.0)
# Ratios of value to forecast beyond these are as good as nothing and as new.
_RATIOS = (0.02, 50.0)


@dataclass(frozen=True, slots=True)
class NoiseConfig:
    """How noise is estimated."""

    # Bins of size, the leaves each must hold, and the least scale.
    bins: int = 8
    least_in_bin: int = 400
    least_scale: float = 0.005
    # Spread inside an element: a belief worth two leaves, and a floor under it.
    spread: float = 0.05
    least_spread: float = 0.01
    # A forecast of nothing is taken for this many: something new is no infinite surprise.
    least_count: float = 0.1
    # Counts this large show how far their forecast itself errs.
    telling_count: float = 5.0


def deviations(actual: FloatArray, expected: FloatArray) -> FloatArray:
    """(f - v) / max(f, v), shape (n,); 0 where both are 0."""
    largest = np.maximum(actual, expected)
    gap = expected - actual
    return np.divide(gap, largest, out=np.zeros_like(gap), where=largest > 0)


@dataclass(frozen=True, slots=True)
class RelativeNoise:
    """Leaves that follow their forecast: deviations normal around 0, and a few strays anywhere.

    scale: standard deviation of each leaf's deviation, shape (n,); stray: share of strays.
    """

    deviation: FloatArray
    scale: FloatArray
    stray: float
    config: NoiseConfig

    @classmethod
    def fit(cls, actual: FloatArray, expected: FloatArray, config: NoiseConfig) -> RelativeNoise:
        """The scale in bins of size, from the side of the forecast that deviates less.

        What deviates lies mostly on one side, and may be most of the leaves; the other side still
        shows the noise (Kalander 2022 takes RiskLoc's threshold there). Strays are counted on the
        quieter side, too.
        """
        deviation = deviations(actual, expected)
        size = np.log(np.maximum(actual, expected))
        scale = _binned(deviation, size, config)
        scale = np.maximum(scale, config.least_scale)
        far = np.abs(deviation) > 5.0 * scale
        quieter = min(int((far & (deviation < 0)).sum()), int((far & (deviation > 0)).sum()))
        stray = min(2 * quieter / len(deviation) + _LEAST_STRAY, 0.2)
        return cls(deviation, scale, stray, config)

    def unexplained(self) -> FloatArray:
        """Log density of every leaf under noise alone, shape (n,)."""
        return self._density(self.deviation, self.scale)

    def explained(self, rows: Rows, mean: float, spread: float) -> FloatArray:
        """Log density of leaves that share a deviation."""
        return _log_core(self.deviation[rows], mean, spread)

    def tried(self, mean: float, spread: float) -> FloatArray:
        """As `explained` for every leaf, with room for a part of each leaf's own noise."""
        own = 0.5 * (1.0 - abs(mean)) * self.scale
        return _log_core(self.deviation, mean, np.sqrt(spread**2 + own**2))

    def start(self, rows: IntArray) -> tuple[float, float]:
        """A robust first guess at the mean and the spread of some leaves."""
        inside = self.deviation[rows]
        mean = float(np.median(inside))
        spread = float(np.median(np.abs(inside - mean))) / _MEDIAN
        return mean, max(spread, self.config.least_spread)

    def refit(self, rows: IntArray, part: FloatArray, mean: float) -> tuple[float, float]:
        """Mean and spread of leaves that belong with weight `part`."""
        weight = float(part.sum())
        if weight > 0.5:
            mean = float((part * self.deviation[rows]).sum() / weight)
        square = float((part * (self.deviation[rows] - mean) ** 2).sum())
        believed = 2.0 * self.config.spread**2
        spread = float(np.sqrt((square + believed) / (weight + 2.0)))
        return mean, max(spread, self.config.least_spread)

    def precision(self, rows: IntArray, spread: float) -> float:
        """Nats that a mean and a spread as precise as these cost (Laplace; Schwarz 1978)."""
        error = spread / np.sqrt(len(rows))
        return float(np.log1p(2.0 / (2.5 * error)) + 0.5 * np.log(len(rows)))

    def siding(self, rows: IntArray, mean: float, spread: float) -> float:
        """The share of leaves that would prefer the element to noise if all belonged to it."""
        belonging = mean + spread * _QUANTILES
        scale = np.full(len(belonging), float(np.median(self.scale[rows])))
        core = _log_core(belonging, mean, spread)
        return float((core > self._density(belonging, scale)).mean())

    def _density(self, deviation: FloatArray, scale: FloatArray) -> FloatArray:
        normal = np.exp(-0.5 * (deviation / scale) ** 2 - np.log(scale) - _LOG_ROOT_2PI)
        return np.asarray(np.log((1.0 - self.stray) * normal + self.stray * _UNIFORM))


@dataclass(frozen=True, slots=True)
class CountNoise:
    """Counts: Poisson around the forecast, wider by the forecast's own error (quasi-likelihood).

    A leaf's variance is f (1 + cv² f), as a negative binomial's, so that its log likelihood ratio
    is divided by 1 + cv² f (McCullagh & Nelder 1989). `unexplained` is 0 and `explained` is that
    ratio: only differences matter.
    """

    actual: FloatArray
    expected: FloatArray
    dispersion: FloatArray

    @classmethod
    def fit(cls, actual: FloatArray, expected: FloatArray, config: NoiseConfig) -> CountNoise:
        """cv² from the leaves that are large enough to show it, on the quieter side."""
        expected = np.maximum(expected, config.least_count)
        large = expected >= config.telling_count
        extra = 0.0
        if int(large.sum()) >= 50:
            pearson = (actual - expected)[large] / np.sqrt(expected[large])
            wide = _binned(pearson, np.log(expected[large]), config) ** 2
            extra = max(0.0, float(np.median((wide - 1.0) / expected[large])))
        return cls(actual, expected, 1.0 + extra * expected)

    def unexplained(self) -> FloatArray:
        """Zeros, shape (n,): ratios are against noise."""
        return np.zeros(len(self.actual))

    def explained(self, rows: Rows, mean: float, spread: float) -> FloatArray:
        """Log likelihood ratio of leaves that share a deviation; counts bring their own spread."""
        del spread
        ratio = _ratio(mean)
        gain = self.actual[rows] * np.log(ratio) - self.expected[rows] * (ratio - 1.0)
        return np.asarray(gain / self.dispersion[rows])

    def tried(self, mean: float, spread: float) -> FloatArray:
        """As `explained`, for every leaf."""
        return self.explained(slice(None), mean, spread)

    def start(self, rows: IntArray) -> tuple[float, float]:
        """The deviation of the sums."""
        return self.refit(rows, np.ones(len(rows)), 0.0)

    def refit(self, rows: IntArray, part: FloatArray, _mean: float) -> tuple[float, float]:
        """The deviation of the weighted sums."""
        weight = part / self.dispersion[rows]
        actual = np.array([float((weight * self.actual[rows]).sum())])
        expected = np.array([float((weight * self.expected[rows]).sum())])
        return float(deviations(actual, expected)[0]), 0.0

    def precision(self, rows: IntArray, spread: float) -> float:
        """Nats that a mean as precise as this costs."""
        del spread  # counts bring their own
        information = float((self.expected[rows] / self.dispersion[rows]).sum())
        return float(np.log1p(2.0 * np.sqrt(information) / 2.5))

    def siding(self, rows: IntArray, mean: float, spread: float) -> float:
        """The share of leaves that would prefer the element to noise if all belonged to it."""
        del spread
        ratio = _ratio(mean)
        expected = self.expected[rows]
        # The count at which both are as likely; the Poisson probability of falling on its side.
        even = expected * (ratio - 1.0) / np.log(ratio)
        below = pdtr(np.maximum(np.ceil(even) - 1.0, 0.0), expected * ratio)
        below = np.where(even <= 0.0, 0.0, below)
        return float(below.mean() if mean > 0 else (1.0 - below).mean())


def _log_core(deviation: FloatArray, mean: float, spread: FloatArray | float) -> FloatArray:
    """Log density of leaves that share a deviation: normal, one in ten thrice as wide."""
    distance = 0.5 * ((deviation - mean) / spread) ** 2
    narrow = np.log(0.9) - distance
    wide = np.log(0.1 / 3.0) - distance / 9.0
    return np.asarray(np.logaddexp(narrow, wide) - np.log(spread) - _LOG_ROOT_2PI)


def _ratio(mean: float) -> float:
    """Value over forecast of a deviation."""
    ratio = 1.0 - mean if mean > 0 else 1.0 / max(1.0 + mean, 1e-9)
    return float(np.clip(ratio, *_RATIOS))


def _binned(deviation: FloatArray, log_size: FloatArray, config: NoiseConfig) -> FloatArray:
    """Each leaf's scale: taken in bins of size, interpolated over the logarithm of the size."""
    count = max(1, min(config.bins, len(deviation) // config.least_in_bin))
    edges = np.quantile(log_size, np.linspace(0.0, 1.0, count + 1))
    place = np.clip(np.searchsorted(edges[1:-1], log_size, side="right"), 0, count - 1)
    middles, scales = [], []
    for number in range(count):
        inside = place == number
        if inside.any():
            middles.append(float(np.median(log_size[inside])))
            scales.append(_one_sided(deviation[inside]))
    return np.asarray(np.interp(log_size, middles, scales))


def _one_sided(deviation: FloatArray) -> float:
    """The lesser of both sides' median distance from 0, as a standard deviation."""
    sides = [
        float(np.median(np.abs(side))) / _MEDIAN
        for side in (deviation[deviation >= 0], deviation[deviation <= 0])
        if 10 * len(side) >= len(deviation)
    ]
    return min(sides)
