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
from numpy.typing import NDArray

from nlp.population import IntArray
from nlp.rates import FloatArray

BoolArray = NDArray[np.bool_]
# A burst may end on any day, a level shift only lasts: e times as rare, the more so the shorter it
# is (there are more places for short ones; by the square root, as these seldom show).
_BURST = 1.0
_EULER = 0.5772156649015329
_SIMULATIONS = 199  # the Gumbel fit moves p by less than a fifth against 999
_SEED = 20240229  # any fixed number: the noise must be the same on every run
# Sizes between which a theme's Gumbel parameters are interpolated on the log scale.
_SIZES: tuple[int, ...] = (5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560)


@dataclass(frozen=True, slots=True)
class Windows:
    """All windows looked at, shape (windows,): first and last day (both included).

    rare: log units by which a window is less believable than a level shift before the data are
    seen, as there are more of its kind.
    """

    first: IntArray
    last: IntArray
    rare: FloatArray

    def only(self, kept: BoolArray) -> Windows:
        """Some of them."""
        return Windows(self.first[kept], self.last[kept], self.rare[kept])


@dataclass(frozen=True, slots=True)
class Best:
    """A window, and in log units what speaks for it (see where it is made)."""

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
    start_day, end_day = np.array(first, dtype=np.int64), np.array(last, dtype=np.int64)
    length = end_day - start_day + 1.0
    burst = _BURST + 0.5 * np.log(longest / length)
    return Windows(start_day, end_day, np.where(end_day == days - 1, 0.0, burst))


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


def over_spread(
    counts: FloatArray, shares: FloatArray, over: Windows, spread: FloatArray
) -> FloatArray:
    """`scores` divided by the over-dispersion, shape (series,); rounded, so equals are equal."""
    return np.round(scores(counts, shares, over) / spread[:, None], 9)


def most_believed(ratios: FloatArray, over: Windows) -> Best:
    """The most believable window of one series; of equals the earliest and longest.

    score: the greatest log likelihood ratio, be it of another window: the scan's noise is so, too.

    Args:
        ratios: of every window (`over_spread`), shape (windows,).
    """
    at = int(np.lexsort((-over.last, over.first, over.rare - ratios))[0])
    return Best(int(over.first[at]), int(over.last[at]), float(ratios.max()))


def best_window(counts: FloatArray, shares: FloatArray, over: Windows, *, spread: float) -> Best:
    """The most believable window of one series, counts shape (days,)."""
    ratios = over_spread(counts[None, :], shares, over, np.array([spread]))[0]
    return most_believed(ratios, over)


def belief_by_start(
    counts: FloatArray, shares: FloatArray, over: Windows, *, spread: float
) -> dict[int, Best]:
    """For each day the most believable window that begins then; score: log belief in the day.

    Belief in a day is the sum over all windows that begin then, whenever they end: a window that
    fits one chance end very well does not outweigh a day that does well with most.
    """
    believed = over_spread(counts[None, :], shares, over, np.array([spread]))[0] - over.rare
    order = np.lexsort((-over.last, -believed, over.first))
    firsts, begin = np.unique(over.first[order], return_index=True)
    top = believed[order[begin]]
    belief = np.add.reduceat(
        np.exp(believed[order] - np.repeat(top, np.diff([*begin, order.size]))), begin
    )
    return {
        first: Best(first, int(over.last[order[at]]), round(score, 9))
        for first, at, score in zip(
            firsts.tolist(), begin.tolist(), (top + np.log(belief)).tolist(), strict=True
        )
    }


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
