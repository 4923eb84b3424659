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

Adtributor (Bhagwan et al. 2014) does this for single attributes with explanatory power and surprise.
A localisation says where the deviation is, not why.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtri

from nlp.causes.cube_lattice import (
    Cuboid,
    FloatArray,
    IntArray,
    build_lattice,
    leaves_of,
    sums,
)
from nlp.causes.cube_noise import Noise, deviations, fit_noise, log_core

__all__ = ["Cube", "CubeConfig", "Localised", "localise"]


@dataclass(frozen=True, slots=True)
class Cube:
    """Leaf cells. codes: shape (n, d), value numbers from 0; actual, expected: shape (n,), >= 0."""

    codes: IntArray
    actual: FloatArray
    expected: FloatArray


@dataclass(frozen=True, slots=True)
class CubeConfig:
    """Thresholds of the search."""

    # Deeper combinations are too narrow to act on, and there are too many of them.
    max_depth: int = 4
    # Centres and widths of the deviations tried, both signs. Neighbours overlap, so that none falls
    # between; finer steps cost time and find the same elements.
    levels: tuple[float, ...] = (
        0.06, 0.11, 0.17, 0.24, 0.32, 0.40, 0.49, 0.58, 0.68, 0.78, 0.89, 1.0,
    )  # fmt: skip
    widths: tuple[float, ...] = (
        0.02, 0.03, 0.035, 0.04, 0.05, 0.05, 0.05, 0.05, 0.06, 0.06, 0.06, 0.06,
    )  # fmt: skip
    # Share of an element's leaves that may lie anywhere: another cause may overlap it.
    stray: float = 1e-5
    # Of the share of an element's leaves that should side with it, this part must; the rest may
    # belong to a cause that is yet to be found.
    least_part: float = 0.7
    # Extra nats an element must gain: most combinations are no cause.
    margin: float = 2.0
    # Spread inside an element: a belief worth two leaves, and a floor under it.
    spread: float = 0.05
    least_spread: float = 0.01
    # A change under one in twenty is nobody's incident.
    least_deviation: float = 0.05
    # Elements of each round's ranking that are fitted exactly.
    tried: int = 80
    # An exact fit gains at most about this more than the ranking promised, which knows the
    # deviation and the spread only roughly.
    slack: float = 20.0
    # More findings than this are not a localisation.
    most: int = 20
    # Noise: bins of size, the leaves each must hold, and the least scale.
    bins: int = 8
    least_in_bin: int = 400
    least_scale: float = 0.005


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
        """ "fell" or "rose", against the forecast."""
        return "fell" if self.deviation > 0 else "rose"


_DEFAULT = CubeConfig()
# Quantiles of the standard normal, evenly spaced in probability.
_QUANTILES = ndtri((np.arange(40) + 0.5) / 40.0)


@dataclass(frozen=True, slots=True)
class _Element:
    attributes: tuple[int, ...]
    values: tuple[int, ...]
    rows: IntArray
    law: FloatArray  # log density of its leaves under its own deviation
    mean: float
    cost: float
    score: float

    @property
    def order(self) -> tuple[float, int, tuple[int, ...], tuple[int, ...]]:
        return (-round(self.score, 6), len(self.attributes), self.attributes, self.values)


def localise(cube: Cube, *, config: CubeConfig = _DEFAULT) -> tuple[Localised, ...]:
    """The combinations whose values deviate from their forecast, the strongest first.

    The order of the leaves does not matter. Leaves with neither forecast nor value tell nothing.

    Raises:
        ValueError: when shapes disagree, or a value is negative or not finite.
    """
    codes, actual, expected = _checked(cube)
    if len(codes) == 0:
        return ()
    deviation = deviations(actual, expected)
    noise = fit_noise(
        deviation,
        np.maximum(actual, expected),
        bins=config.bins,
        least_in_bin=config.least_in_bin,
        least=config.least_scale,
    )
    search = _Search(codes, deviation, noise, config)
    chosen = search.run()
    found = []
    for element in chosen:
        rows = element.rows
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


def _checked(cube: Cube) -> tuple[IntArray, FloatArray, FloatArray]:
    codes = np.asarray(cube.codes, dtype=np.int64)
    actual, expected = np.asarray(cube.actual, float), np.asarray(cube.expected, float)
    if codes.ndim != 2 or actual.shape != (len(codes),) or expected.shape != (len(codes),):
        raise ValueError(
            f"codes {codes.shape}, actual {actual.shape} and expected {expected.shape} must be"
            " (n, d), (n,) and (n,)"
        )
    for name, values in (("actual", actual), ("expected", expected)):
        if not np.isfinite(values).all() or (values < 0).any():
            raise ValueError(f"{name} values must be finite and not negative")
    told = np.flatnonzero((actual > 0) | (expected > 0))
    order = told[np.lexsort((expected[told], actual[told], *codes[told].T[::-1]))]
    return codes[order], actual[order], expected[order]


class _Search:
    """Forward selection of elements. `current` is each leaf's log density as explained so far."""

    def __init__(
        self, codes: IntArray, deviation: FloatArray, noise: Noise, config: CubeConfig
    ) -> None:
        self.codes, self.deviation, self.noise, self.config = codes, deviation, noise, config
        self.lattice = build_lattice(codes, max_depth=config.max_depth)
        self.base = noise.log_density(deviation)
        self.current = self.base.copy()
        self.told = np.zeros(len(codes), dtype=np.bool_)
        self.laws = [
            log_core(deviation, sign * level, self._widths(width, level))
            for level, width in zip(config.levels, config.widths, strict=True)
            for sign in (-1.0, 1.0)
        ]
        depths = [len(cuboid.attributes) for cuboid in self.lattice]
        self.place_cost = {
            cuboid.attributes: float(
                np.log(len(cuboid)) + np.log(depths.count(depth)) + np.log(1 + max(depths))
            )
            for cuboid, depth in zip(self.lattice, depths, strict=True)
        }

    def _widths(self, width: float, level: float) -> FloatArray:
        left = 0.5 * (1.0 - level) * self.noise.scale
        return np.asarray(np.sqrt(width**2 + left**2))

    def run(self) -> list[_Element]:
        chosen: list[_Element] = []
        while len(chosen) < self.config.most:
            best = self._best()
            if best is None:
                break
            chosen.append(best)
            self._take(best)
        return self._pruned(chosen)

    def _take(self, element: _Element) -> None:
        """Explain its leaves; where two elements overlap, either may have set the leaf."""
        before = np.where(self.told[element.rows], self.current[element.rows], -np.inf)
        self.current[element.rows] = np.maximum(before, element.law)
        self.told[element.rows] = True

    def _take(self, element: _Element) -> None:
        """Explain its leaves; where two elements overlap, either may have set the leaf."""
        rows = element.rows
        self.current[rows] += self._gain(element.law, rows)
        self.told[rows] = True

    def _best(self) -> _Element | None:
        """The best element of the round; exact fits go down the ranking while it promises more."""
        best: _Element | None = None
        for promise, cuboid, cell in self._ranked():
            if best is not None and best.score >= promise + self.config.slack:
                break
            element = self._fit(cuboid, cell)
            better = element is not None and (best is None or element.order < best.order)
            if element is not None and better and element.score > 0 and self._homogeneous(element):
                best = element
        return best

    def _ranked(self) -> list[tuple[float, Cuboid, int]]:
        """The cells that promise most at any level, best first."""
        best: list[FloatArray] = [np.full(len(cuboid), -np.inf) for cuboid in self.lattice]
        for law in self.laws:
            for at, (_, gain) in enumerate(sums(self.lattice, self._gain(law, slice(None)))):
                np.maximum(best[at], gain, out=best[at])
        offers: list[tuple[float, int, int]] = []
        for at, cuboid in enumerate(self.lattice):
            score = np.round(best[at] - self.place_cost[cuboid.attributes], 6)
            top = np.flatnonzero(score > 0)
            if len(top) > self.config.tried:
                top = top[np.argsort(-score[top], kind="stable")[: self.config.tried]]
            offers.extend((float(score[cell]), at, int(cell)) for cell in top)
        offers.sort(key=lambda one: (-one[0], len(self.lattice[one[1]].attributes), one[1:]))
        return [(score, self.lattice[at], cell) for score, at, cell in offers[: self.config.tried]]

    def _fit(self, cuboid: Cuboid, cell: int) -> _Element | None:
        values = tuple(cuboid.codes[cell].tolist())
        rows = leaves_of(self.codes, cuboid.attributes, values)
        return self._fitted(cuboid.attributes, values, rows)

    def _fitted(
        self, attributes: tuple[int, ...], values: tuple[int, ...], rows: IntArray
    ) -> _Element | None:
        """The element with its own mean and spread, by EM against the strays."""
        config = self.config
        inside = self.deviation[rows]
        own = inside[~self.told[rows]]
        if len(own) == 0:
            return None
        mean = float(np.median(own))
        spread = max(float(np.median(np.abs(own - mean))) * 1.48, config.least_spread)
        for _ in range(6):
            core = log_core(inside, mean, spread)
            part = 1.0 / (1.0 + np.exp(np.log(config.stray) + self.current[rows] - core))
            part *= ~self.told[rows]
            weight = float(part.sum())
            if weight > 0.5:
                mean = float((part * inside).sum() / weight)
            square = float((part * (inside - mean) ** 2).sum())
            spread = float(np.sqrt((square + 2.0 * config.spread**2) / (weight + 2.0)))
            spread = max(spread, config.least_spread)
        if abs(mean) < config.least_deviation:
            return None
        law = log_core(inside, mean, spread)
        if not self._takes_part(law, rows, mean, spread):
            return None
        # Laplace's approximation with a flat prior for the mean, Schwarz's half log n for the spread.
        precision = np.log(1.0 + 2.0 * np.sqrt(len(rows)) / (2.5 * spread))
        cost = self.place_cost[attributes] + float(precision) + 0.5 * float(np.log(len(rows)))
        cost += config.margin
        score = float(self._gain(law, rows).sum()) - cost
        return _Element(attributes, values, rows, law, mean, cost, score)

    def _gain(self, core: FloatArray, rows: IntArray | slice) -> FloatArray:
        """What an element's law adds to each leaf, never under log(stray).

        A share of the leaves keeps the law it had: another cause may have set it. A leaf that is
        told already counts neither for nor against.
        """
        stray = self.config.stray
        gain = np.logaddexp(np.log(1.0 - stray) + core - self.current[rows], np.log(stray))
        return np.where(self.told[rows], 0.0, gain)

    def _takes_part(self, law: FloatArray, rows: IntArray, mean: float, spread: float) -> bool:
        """Whether as many leaves side with the element as do where all belong to it.

        A wide spread covers leaves that follow their forecast; but these still prefer the noise.
        """
        own = ~self.told[rows]
        sides = float((law > self.current[rows])[own].mean())
        belonging = mean + spread * _QUANTILES
        scale = float(np.median(self.noise.scale[rows]))
        noise = Noise(np.full(len(belonging), scale), self.noise.stray).log_density(belonging)
        expected = float((log_core(belonging, mean, spread) > noise).mean())
        return sides >= self.config.least_part * expected

    def _homogeneous(self, element: _Element) -> bool:
        """Whether no further attribute's values, some in and some out, tell it more shortly."""
        gain = self._gain(element.law, element.rows)
        whole = float(gain.sum()) - self.place_cost[element.attributes]
        for attribute in range(self.codes.shape[1]):
            child = tuple(sorted({*element.attributes, attribute}))
            if child not in self.place_cost or child == element.attributes:
                continue
            parts = np.bincount(self.codes[element.rows, attribute], weights=gain)
            each = self.place_cost[child] + self.config.margin
            if float(np.maximum(parts - each, 0.0).sum()) > whole:
                return False
        return True

    def _pruned(self, chosen: list[_Element]) -> list[_Element]:
        """Without the elements that the others made idle; scores are what each adds to the rest."""
        kept = list(chosen)
        while kept:
            whole = self._explained(kept)
            added = [
                whole - self._explained(kept[:at] + kept[at + 1 :]) - element.cost
                for at, element in enumerate(kept)
            ]
            worst = min(range(len(kept)), key=lambda at: (round(added[at], 6), at))
            if added[worst] > 0:
                return [replace(one, score=gain) for one, gain in zip(kept, added, strict=True)]
            kept.pop(worst)
        return kept

    def _explained(self, elements: list[_Element]) -> float:
        """Log likelihood of all leaves under these elements."""
        self.current, self.told = self.base.copy(), np.zeros(len(self.codes), dtype=np.bool_)
        for element in elements:
            self._take(element)
        return float(self.current.sum())
