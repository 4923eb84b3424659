"""Greedy search for the elements of a cube that share a deviation; the method is in `cube`."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from scipy.special import expit

from nlp.causes.cube_lattice import (
    Cuboid,
    FloatArray,
    IntArray,
    build_lattice,
    leaves_of,
    sums,
)
from nlp.causes.cube_noise import CountNoise, NoiseConfig, RelativeNoise


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
    # A change under one in twenty is nobody's incident.
    least_deviation: float = 0.05
    # A common deviation is this many times its spread; else the leaves have little in common.
    least_common: float = 1.5
    # Elements of each round's ranking that are fitted exactly.
    tried: int = 80
    # An exact fit gains at most about this more than the ranking promised, which knows the
    # deviation and the spread only roughly.
    slack: float = 20.0
    # More findings than this are not a localisation.
    most: int = 20
    # More leaves than this are searched in a sample of about so many: what is left out are elements
    # of a handful of leaves.
    sample: int = 120_000
    # How noise is estimated.
    noise: NoiseConfig = field(default_factory=NoiseConfig)


@dataclass(frozen=True, slots=True)
class Element:
    """A combination with its fitted law; score: nats gained, less cost."""

    attributes: tuple[int, ...]
    values: tuple[int, ...]
    rows: IntArray
    law: FloatArray  # log density of its leaves under its own deviation
    mean: float
    cost: float
    score: float

    @property
    def order(self) -> tuple[float, int, tuple[int, ...], tuple[int, ...]]:
        """Sort key: the greatest score, then the shortest and first combination."""
        return (-round(self.score, 6), len(self.attributes), self.attributes, self.values)


class Search:
    """Forward selection of elements of one cube.

    current: each leaf's log density as explained so far; told: whether an element explains it.
    """

    def __init__(
        self, codes: IntArray, noise: CountNoise | RelativeNoise, config: CubeConfig
    ) -> None:
        self.codes, self.noise, self.config = codes, noise, config
        self.lattice = build_lattice(codes, max_depth=config.max_depth)
        self.base = noise.unexplained()
        self.current = self.base.copy()
        self.told = np.zeros(len(codes), dtype=np.bool_)
        self.laws = [
            noise.tried(sign * level, width)
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

    def run(self) -> list[Element]:
        """The elements that pay, each with what it adds to the others as its score."""
        chosen: list[Element] = []
        while len(chosen) < self.config.most:
            best = self._best()
            if best is None:
                break
            chosen.append(best)
            self._take(best)
        return self._pruned(chosen)

    def _take(self, element: Element) -> None:
        """Explain its leaves; where two elements overlap, either may have set the leaf."""
        rows = element.rows
        self.current[rows] += self._gain(element.law, rows)
        self.told[rows] = True

    def _best(self) -> Element | None:
        """The best element of the round; exact fits go down the ranking while it promises more."""
        best: Element | None = None
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

    def _fit(self, cuboid: Cuboid, cell: int) -> Element | None:
        values = tuple(cuboid.codes[cell].tolist())
        rows = leaves_of(self.codes, cuboid.attributes, values)
        return self._fitted(cuboid.attributes, values, rows)

    def _fitted(
        self, attributes: tuple[int, ...], values: tuple[int, ...], rows: IntArray
    ) -> Element | None:
        """The element with its own mean and spread, by EM against the strays."""
        config, noise = self.config, self.noise
        own = ~self.told[rows]
        if not own.any():
            return None
        mean, spread = noise.start(rows[own])
        for _ in range(6):
            core = noise.explained(rows, mean, spread)
            part = own * expit(core - self.current[rows] - np.log(config.stray))
            mean, spread = noise.refit(rows, part, mean)
        if abs(mean) < max(config.least_deviation, config.least_common * spread):
            return None
        law = noise.explained(rows, mean, spread)
        # A wide spread covers leaves that follow their forecast; but these still prefer the noise.
        sides = float((law > self.current[rows])[own].mean())
        if sides < config.least_part * noise.siding(rows, mean, spread):
            return None
        cost = self.place_cost[attributes] + noise.precision(rows, spread) + config.margin
        score = float(self._gain(law, rows).sum()) - cost
        return Element(attributes, values, rows, law, mean, cost, score)

    def _gain(self, core: FloatArray, rows: IntArray | slice) -> FloatArray:
        """What an element's law adds to each leaf, never under log(stray).

        A share of the leaves keeps the law it had: another cause may have set it. A leaf that is
        told already counts neither for nor against.
        """
        stray = self.config.stray
        gain = np.logaddexp(np.log(1.0 - stray) + core - self.current[rows], np.log(stray))
        return np.where(self.told[rows], 0.0, gain)

    def _homogeneous(self, element: Element) -> bool:
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

    def _pruned(self, chosen: list[Element]) -> list[Element]:
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

    def _explained(self, elements: list[Element]) -> float:
        """Log likelihood of all leaves under these elements."""
        self.current, self.told = self.base.copy(), np.zeros(len(self.codes), dtype=np.bool_)
        for element in elements:
            self._take(element)
        return float(self.current.sum())
