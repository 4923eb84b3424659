"""Bursts of alike statements: what customers suddenly say much more often than in the weeks before.

A theme is broad and lasts; an incident often is a small part of one ("all sites are blocked since
the update" among everything about certificates), or stands between themes. So the newest week is
scanned without them: around every statement and every message of the week, balls of growing radius
in the space of meanings, each with Kulldorff's (1997) likelihood ratio of the customers of the week
against those of the weeks before. The p-value of a ball counts that all were looked at: the weeks
are dealt anew among the customers, the whole scan is repeated, and a Gumbel law is fitted to the
greatest values (Abrams, Kleinman & Kulldorff 2010), as `nlp.causes.scan` does in time.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlp.memory import Vectors
from nlp.neighbours import FloatArray as Rows
from nlp.neighbours import alike
from nlp.population import IntArray, Population
from nlp.rates import FloatArray, shrunken_ratio
from nlp.records import Statement
from nlp.weeks import shift

_EULER = 0.5772156649015329
_SEED = 20240229  # any fixed number: the weeks must be dealt alike on every run

BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class BurstConfig:
    """Thresholds of the scan, each with its reason."""

    # Half a year: what nobody said in all that time needs few voices to be new. (15 weeks told a
    # burst of four at p = .16 that eight weeks did not tell.) Under seven weeks it is not known
    # what comes round every month or two: on real tickets, the three bursts told with less were of
    # nothing that staff had marked.
    baseline_weeks: int = 26
    least_baseline_weeks: int = 7
    # Customers in a ball: what is said by more of them shows as a theme's trend.
    neighbours: int = 60
    # Statements less alike than this are seldom of one incident: on four months of support tickets
    # (weeks with bursts that staff had marked, 12 in all) .60 found 6, .50 five, .45 four or five.
    least_cosine: float = 0.6
    # Two customers who say the same in one week are a coincidence.
    min_customers: int = 3
    # The Gumbel law is fitted to as many maxima; 40 and 99 agree within a fifth of p.
    permutations: int = 99
    # One week in seven without any incident shows one burst too many: a reader can bear that, and
    # at 0.1 a breakage that five customers told (p = .13) would have been missed. It is the error
    # of the whole week's scan.
    level: float = 0.15
    most: int = 10
    # Points compared with each other, the newest week's first: bounds the memory.
    most_points: int = 40_000
    # Points around which noise is looked for; of more, every second, third ... is taken, and as
    # many dealings more are made, the greatest of each two, three ... counting as one.
    most_centres: int = 6_000


@dataclass(frozen=True, slots=True)
class Burst:
    """Alike statements of the week. The first of `statements` is the one the others stand around.

    customers: distinct customers this week; before: customers a week summed over the baseline;
    expected: customers this week if nothing had changed; ratio, low, high: shrunken, 95%.
    p_value: of the whole week's scan. cosine: the least nearness to the middle.
    """

    statements: tuple[str, ...]
    customers: int
    before: int
    expected: float
    ratio: float
    low: float
    high: float
    p_value: float
    cosine: float


@dataclass(frozen=True, slots=True)
class _Points:
    """Statements and whole messages in one space.

    vectors: (n, d); unit: number of the (customer, week) each belongs to, (n,); statement: id that
    stands for it; new: whether a unit is of the newest week, (units,).
    """

    vectors: Rows
    unit: IntArray
    statement: tuple[str, ...]
    new: BoolArray


def find_bursts(
    population: Population,
    statements: Mapping[str, Statement],
    *,
    week: str,
    vectors: Vectors,
    config: BurstConfig = BurstConfig(),
) -> tuple[Burst, ...]:
    """Bursts of `week`, the surest first; no customer's message is in two of them by half.

    Args:
        population: feedback, of the baseline weeks at least; later weeks are ignored.
        statements: id -> statement; noise is passed over.
        vectors: text digests -> unit rows.
    """
    points = _points(population, statements, week, vectors, config)
    if points is None:
        return ()
    share = float(points.new.mean())
    newest = np.flatnonzero(points.new[points.unit])
    near = _Balls.around(points, newest, config)
    scores = near.scores(points.new, share)
    law = _noise(points, share, config)
    found: list[Burst] = []
    taken = np.zeros(points.new.size, dtype=np.bool_)
    best = scores.max(axis=1).round(9)
    for row in np.lexsort((np.arange(best.size), -best)).tolist():
        p_value = -math.expm1(-math.exp(-(float(best[row]) - law[0]) / law[1]))
        if p_value > config.level or len(found) == config.most:
            break
        burst, units = _burst(points, near, row, scores[row], p_value)
        if taken[units].mean() <= 0.5:
            taken[units] = True
            found.append(burst)
    return tuple(found)


def _points(
    population: Population,
    statements: Mapping[str, Statement],
    week: str,
    vectors: Vectors,
    config: BurstConfig,
) -> _Points | None:
    first = shift(week, -config.baseline_weeks)
    inside = [i for i, name in enumerate(population.weeks) if first <= name <= week]
    if len({population.weeks[i] for i in inside} - {week}) < config.least_baseline_weeks:
        return None
    row_of = {population.feedback[i].key: i for i in inside}
    spoken: dict[str, list[Statement]] = {}
    for item in statements.values():
        if item.noise is None and item.feedback_key in row_of:
            spoken.setdefault(item.feedback_key, []).append(item)
    units: dict[tuple[bool, int, str], list[str]] = {}
    for key in spoken:
        name, customer = population.weeks[row_of[key]], int(population.customers[row_of[key]])
        units.setdefault((name != week, customer, name), []).append(key)
    order = sorted(units)
    kept = _spread(
        order, {one: sum(len(spoken[k]) + 1 for k in units[one]) for one in order}, config
    )
    shas = sorted({item.sha for unit in kept for key in units[unit] for item in spoken[key]})
    if not shas:
        return None
    row = {sha: at for at, sha in enumerate(shas)}
    known = vectors(shas)
    rows: list[Rows] = []
    unit_of: list[int] = []
    names: list[str] = []
    for number, unit in enumerate(kept):
        for key in sorted(units[unit]):
            said = sorted(spoken[key], key=lambda item: item.id)
            own = known[[row[item.sha] for item in said]]
            middle = own.mean(axis=0)
            middle /= max(float(np.linalg.norm(middle)), 1e-12)
            whole = [middle] if len(said) > 1 else []
            rows.extend([*own, *whole])
            unit_of.extend([number] * (len(said) + len(whole)))
            names.extend(item.id for item in said)
            if whole:
                names.append(said[int((own @ middle).round(5).argmax())].id)
    new = np.array([not unit[0] for unit in kept], dtype=np.bool_)
    if not new.any():
        return None
    return _Points(
        np.array(rows, dtype=np.float32), np.array(unit_of, dtype=np.int64), tuple(names), new
    )


def _spread(
    order: Sequence[tuple[bool, int, str]],
    size: Mapping[tuple[bool, int, str], int],
    config: BurstConfig,
) -> list[tuple[bool, int, str]]:
    """All units, or as many as there is room for: the newest week's, then evenly of the others."""
    total = sum(size.values())
    if total <= config.most_points:
        return list(order)
    new = [unit for unit in order if not unit[0]]
    old = [unit for unit in order if unit[0]]
    room = max(config.most_points - sum(size[unit] for unit in new), config.most_points // 2)
    step = max(1.0, sum(size[unit] for unit in old) / room)
    return [*new, *(old[int(at)] for at in np.arange(0, len(old), step))]


@dataclass(frozen=True, slots=True)
class _Balls:
    """For some points their neighbours, nearest first; each ball ends at one of them.

    centre: the points, (c,); own: their units. index, cosine: their neighbours, (c, k); unit: whose
    they are; first: the nearest of its unit, and alike enough to count.
    """

    centre: IntArray
    index: IntArray
    cosine: Rows
    unit: IntArray
    first: BoolArray
    own: IntArray
    least: int

    @classmethod
    def around(cls, points: _Points, centres: IntArray, config: BurstConfig) -> _Balls:
        found = alike(points.vectors, of=centres, k=config.neighbours, least=config.least_cosine)
        unit = points.unit[found.indices]
        seen = np.sort(unit, axis=1, kind="stable")
        first = np.ones(unit.shape, dtype=np.bool_)
        order = np.argsort(unit, axis=1, kind="stable")
        repeated = np.zeros(unit.shape, dtype=np.bool_)
        repeated[:, 1:] = seen[:, 1:] == seen[:, :-1]
        np.put_along_axis(first, order, ~repeated, axis=1)
        first &= unit != points.unit[centres][:, None]
        first &= found.similarities > 0.0
        return cls(
            centre=centres,
            index=found.indices,
            cosine=found.similarities,
            unit=unit,
            first=first,
            own=points.unit[centres],
            least=config.min_customers - 1,
        )

    def scores(self, new: BoolArray, share: float) -> FloatArray:
        """Log likelihood ratio of each ball around a point of the newest week, else 0; (c, k).

        The point itself is left out: it was chosen for being new.
        """
        scores = np.zeros(self.unit.shape)
        centres = np.flatnonzero(new[self.own])
        first = self.first[centres]
        inside = np.cumsum(new[self.unit[centres]] & first, axis=1).astype(np.float64)
        total = np.cumsum(first, axis=1).astype(np.float64)
        told = first & (inside >= self.least)
        c, n = inside[told], total[told]
        rest = n - c
        with np.errstate(divide="ignore", invalid="ignore"):
            found = c * np.log(c / (n * share)) + np.where(
                rest > 0, rest * np.log(rest / (n * (1.0 - share))), 0.0
            )
        part = np.zeros(first.shape)
        part[told] = np.where(c > n * share, found, 0.0)
        scores[centres] = part
        return scores


def _noise(points: _Points, share: float, config: BurstConfig) -> tuple[float, float]:
    """Gumbel location and scale of the greatest score when weeks are dealt at random."""
    step = -(-len(points.vectors) // config.most_centres)
    centres = np.arange(0, len(points.vectors), step, dtype=np.int64)
    near = _Balls.around(points, centres, config)
    greatest = np.empty((config.permutations, step))
    for number in range(greatest.size):
        dealt = np.random.default_rng([_SEED, number]).permutation(points.new)
        greatest.flat[number] = near.scores(dealt, share).max(initial=0.0)
    whole = greatest.max(axis=1)
    scale = max(float(whole.std(ddof=1)) * math.sqrt(6.0) / math.pi, 1e-6)
    return float(whole.mean()) - _EULER * scale, scale


def _burst(
    points: _Points, near: _Balls, row: int, scores: FloatArray, p_value: float
) -> tuple[Burst, IntArray]:
    """The burst around a point, and the units of the newest week in it."""
    last = int(scores.round(9).argmax())
    others = near.index[row, : last + 1][near.first[row, : last + 1]]
    inside = [int(near.centre[row]), *others.tolist()]
    fresh = [at for at in inside if points.new[points.unit[at]]]
    old = len(inside) - len(fresh)
    share = float(points.new.mean())
    found = shrunken_ratio(np.array([float(len(fresh))]), np.array([float(old)]), np.array([share]))
    names = dict.fromkeys(points.statement[at] for at in fresh)
    return (
        Burst(
            statements=tuple(names),
            customers=len(fresh),
            before=old,
            expected=round(old * share / (1.0 - share), 3),
            ratio=round(float(found.ratio[0]), 6),
            low=round(float(found.low[0]), 6),
            high=round(float(found.high[0]), 6),
            p_value=float(f"{p_value:.6g}"),
            cosine=round(float(near.cosine[row, last]), 5),
        ),
        points.unit[fresh],
    )
