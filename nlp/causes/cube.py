"""Which attribute combinations deviate from their forecast: localisation in a cube of leaf cells.

Volumes or score sums per segment, beside what was expected of them, form a cube: each leaf is one
value of every attribute. When something breaks in (region EU, plan Pro), all leaves under it move
by about the same proportion (the ripple effect of HotSpot, Sun et al. 2018; generalised to several
deviations at once by Squeeze, Li et al. 2019, and PSqueeze, 2022), and all their ancestors move a
little. Asked is the shortest set of combinations that explains the leaves.

Method, in the terms of minimum description length (Rissanen 1978):

1. Each leaf's deviation (`cube_noise.deviations`) is judged against noise estimated from the side
   of the forecast that deviates less (as RiskLoc does, Kalander 2022).
2. An element (a combination) gains the log likelihood ratio, summed over its leaves, of a common
   own deviation against noise. Every leaf under it must take part: a leaf that follows its forecast
   counts against it, which is the potential score of HotSpot and Squeeze as a likelihood.
3. It costs the logarithm of how many elements its cuboid has and how many cuboids there are, and
   the precision of its own deviation and spread (Schwarz 1978).
4. Greedy: the element with the greatest gain less cost, unless the values of one further attribute
   tell it better (then it is not homogeneous: its children are meant); its leaves are re-centred
   on it; again, until nothing pays. Then what the later ones made idle is dropped.

Adtributor (Bhagwan et al. 2014) does this for single attributes with explanatory power
and surprise.
A large cube is searched in a sample of its leaves. A localisation says where the deviation is, not
why.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlp.causes.cube_lattice import FloatArray, IntArray, leaves_of
from nlp.causes.cube_noise import CountNoise, RelativeNoise
from nlp.causes.cube_search import CubeConfig, Element, Search

__all__ = ["Cube", "CubeConfig", "Localised", "localise"]


@dataclass(frozen=True, slots=True)
class Cube:
    """Leaf cells.

    codes: shape (n, d), value numbers from 0; actual, expected: shape (n,), 0 or more; counts:
    whether actual values are counts of things (few are noisy), not amounts or ratios.
    """

    codes: IntArray
    actual: FloatArray
    expected: FloatArray
    counts: bool = False


@dataclass(frozen=True, slots=True)
class Localised:
    """One combination that deviates.

    attributes, values: its attribute numbers and value codes (empty: the whole cube deviates);
    deviation: mean of (f - v) / max(f, v) over its leaves, above 0 where values fell; actual,
    expected: sums over its leaves; leaves: how many; gain: nats of likelihood it adds to the
    others, less its cost.
    """

    attributes: tuple[int, ...]
    values: tuple[int, ...]
    deviation: float
    actual: float
    expected: float
    leaves: int
    gain: float

    @property
    def direction(self) -> str:
        """Whether values "fell" or "rose" against the forecast."""
        return "fell" if self.deviation > 0 else "rose"


_DEFAULT = CubeConfig()
# An odd constant (the golden ratio's) whose products spread over all 64 bits (Knuth 1973).
_MIX = np.uint64(0x9E3779B97F4A7C15)


def localise(cube: Cube, *, config: CubeConfig = _DEFAULT) -> tuple[Localised, ...]:
    """The combinations whose values deviate from their forecast, the strongest first.

    The order of the leaves does not matter. Leaves with neither forecast nor value tell nothing.

    Raises:
        ValueError: when shapes disagree, or a value is negative or not finite.
    """
    codes, actual, expected = _checked(cube)
    told = (actual > 0) | (expected > 0)
    kept = np.flatnonzero(told)
    if len(kept) > config.sample:
        kept = _sampled(codes, told, config.sample)
    if len(kept) == 0:
        return ()
    chosen = _search(codes[kept], actual[kept], expected[kept], cube.counts, config)
    found = []
    for element in chosen:
        rows = leaves_of(codes, element.attributes, element.values)
        rows = rows[told[rows]]
        found.append(
            Localised(
                attributes=element.attributes,
                values=element.values,
                deviation=round(element.mean, 6),
                actual=round(float(actual[rows].sum()), 6),
                expected=round(float(expected[rows].sum()), 6),
                leaves=len(rows),
                gain=round(element.score, 3),
            )
        )
    return tuple(sorted(found, key=lambda one: (-one.gain, one.attributes, one.values)))


def _search(
    codes: IntArray, actual: FloatArray, expected: FloatArray, counts: bool, config: CubeConfig
) -> list[Element]:
    """Search leaves that are sorted first, so that sums do not depend on their order."""
    order = np.lexsort((expected, actual, *codes.T[::-1]))
    codes, actual, expected = codes[order], actual[order], expected[order]
    noise: CountNoise | RelativeNoise
    if counts:
        noise = CountNoise.fit(actual, expected, config.noise)
    else:
        noise = RelativeNoise.fit(actual, expected, config.noise)
    return Search(codes, noise, config).run()


def _sampled(codes: IntArray, told: NDArray[np.bool_], wanted: int) -> IntArray:
    """About so many of the leaves told, picked by a hash of their codes: the same in any order."""
    limit = np.uint64(wanted / int(told.sum()) * float(2**64 - 1))
    mixed = np.zeros(len(codes), dtype=np.uint64)
    for column in codes.T:
        mixed ^= column.view(np.uint64)
        mixed *= _MIX
        mixed ^= mixed >> np.uint64(29)
    return np.flatnonzero((mixed < limit) & told)


def _checked(cube: Cube) -> tuple[IntArray, FloatArray, FloatArray]:
    codes = np.asarray(cube.codes, dtype=np.int64)
    actual, expected = np.asarray(cube.actual, float), np.asarray(cube.expected, float)
    if codes.ndim != 2 or actual.shape != (len(codes),) or expected.shape != (len(codes),):
        raise ValueError(
            f"codes {codes.shape}, actual {actual.shape} and expected {expected.shape} must be"
            " (n, d), (n,) and (n,)"
        )
    for name, values in (("actual", actual), ("expected", expected)):
        # One pass each: a value that is not a number fails both.
        if len(values) and not (values.min() >= 0 and values.max() < np.inf):
            raise ValueError(f"{name} values must be finite and not negative")
    return codes, actual, expected
