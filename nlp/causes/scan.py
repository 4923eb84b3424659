"""Scan of a daily series for the window in which a theme stands out, exposure given.

A window is either a burst (up to `longest` days) or a level shift (from its first day to the end
of the data). Each is scored by Kulldorff's (1997) likelihood ratio; the p-value of the best window
is corrected for having looked at all of them by simulating the scan on noise: the maxima of 199
noise series of the same exposure are fitted with a Gumbel law (Abrams, Kleinman & Kulldorff 2010),
so that p-values far below 1/199 can be told, as many themes need.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from nlp.population import IntArray
from nlp.rates import FloatArray

_EULER = 0.5772156649015329
_SIMULATIONS = 199  # the Gumbel fit moves p by less than a fifth against 999
_SEED = 20240229  # any fixed number: the noise must be the same on every run
# Sizes between which a theme's Gumbel parameters are interpolated on the log scale.
_SIZES: tuple[int, ...] = (5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560)


@dataclass(frozen=True, slots=True)
class Windows:
    """All windows looked at: first and last day (both included), shape (windows,)."""

    first: IntArray
    last: IntArray


@dataclass(frozen=True, slots=True)
class Best:
    """The window with the greatest log likelihood ratio."""

    first: int
    last: int
    score: float


def windows(days: int, *, before: int, longest: int, shortest_shift: int) -> Windows:
    """Windows of a series of `days` days that begin at day `before` or later.

    Bursts last 1 to `longest` days and end before the series does; level shifts last to its end
    and have `shortest_shift` days or more.
    """
    first, last = [], []
    for start in range(before, days):
        ends = list(range(start, min(start + longest, days)))
        if days - start > longest:
            ends.append(days - 1)
        for end in ends:
            if end < days - 1 or days - start >= shortest_shift:
                first.append(start)
                last.append(end)
    return Windows(np.array(first, dtype=np.int64), np.array(last, dtype=np.int64))


def scores(counts: FloatArray, shares: FloatArray, over: Windows) -> FloatArray:
    """Log likelihood ratio of every window, 0 where there is no excess.

    c log(c / mu) + (C - c) log((C - c) / (C - mu)), c counted in the window, mu = C * its share.

    Args:
        counts: shape (series, days). shares: expected part of each day, summing to 1; shape (days,)
            for all series, or (series, days).

    Returns:
        shape (series, windows).
    """
    edge = np.zeros((counts.shape[0], 1))
    summed = np.concatenate([edge, np.cumsum(counts, axis=1)], axis=1)
    reach = np.cumsum(np.atleast_2d(shares), axis=1)
    reach = np.concatenate([np.zeros((reach.shape[0], 1)), reach], axis=1)
    inside = summed[:, over.last + 1] - summed[:, over.first]
    part = np.clip(reach[:, over.last + 1] - reach[:, over.first], 1e-12, 1.0 - 1e-12)
    total = summed[:, -1:]
    expected = total * part
    outside = np.maximum(total - inside, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        a = np.where(inside > 0, inside * np.log(inside / expected), 0.0)
        b = np.where(outside > 1e-9, outside * np.log(outside / (total - expected)), 0.0)
    return np.asarray(np.where(inside > expected, a + b, 0.0), dtype=np.float64)


def best_window(counts: FloatArray, shares: FloatArray, over: Windows) -> Best:
    """The best window of one series, counts shape (days,); the earliest and longest of equals."""
    found = np.round(scores(counts[None, :], shares, over)[0], 9)
    at = int(np.lexsort((-over.last, over.first, -found))[0])
    return Best(first=int(over.first[at]), last=int(over.last[at]), score=float(found[at]))


def best_by_start(counts: FloatArray, shares: FloatArray, over: Windows) -> dict[int, Best]:
    """For each day on which a window begins the best window that does, of one series."""
    found = np.round(scores(counts[None, :], shares, over)[0], 9)
    best: dict[int, Best] = {}
    for at in np.lexsort((-over.last, over.first, -found)).tolist():
        first = int(over.first[at])
        if first not in best:
            best[first] = Best(first, int(over.last[at]), float(found[at]))
    return best


@dataclass(frozen=True, slots=True)
class NoiseLaw:
    """Gumbel location and scale of the best score in noise, by number of customers."""

    sizes: FloatArray
    location: FloatArray
    scale: FloatArray

    def p_value(self, score: float, size: float) -> float:
        """P(best score of a noise series with `size` customers is at least `score`)."""
        at = math.log(min(max(size, float(self.sizes[0])), float(self.sizes[-1])))
        grid = np.log(self.sizes)
        location = float(np.interp(at, grid, self.location))
        scale = float(np.interp(at, grid, self.scale))
        return -math.expm1(-math.exp(-(score - location) / scale))


def noise_law(shares: FloatArray, over: Windows) -> NoiseLaw:
    """Simulate the scan on multinomial noise with the given shares, for sizes of 5 to 2560."""
    location, scale = [], []
    for size in _SIZES:
        random = np.random.default_rng([_SEED, size])
        noise = random.multinomial(size, shares, size=_SIMULATIONS).astype(np.float64)
        # In portions, so that long series do not fill the memory.
        greatest = np.concatenate(
            [scores(part, shares, over).max(axis=1) for part in np.array_split(noise, 20)]
        )
        width = max(float(greatest.std(ddof=1)) * math.sqrt(6.0) / math.pi, 1e-6)
        location.append(float(greatest.mean()) - _EULER * width)
        scale.append(width)
    return NoiseLaw(np.array(_SIZES, dtype=np.float64), np.array(location), np.array(scale))
