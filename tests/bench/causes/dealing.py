"""Dealing: how many messages of each theme fall to which customer on which day, given the truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tests.bench.causes.customers import BoolArray, Customers, FloatArray
from tests.bench.causes.truth import Cell, Truth

IntArray = NDArray[np.int64]

# Of the texts of a label so many are dealt on average: how often a theme comes is chance, too.
DEALT = 0.88
# Of a companion's mentions so many stand in messages of the harmful theme.
_TOGETHER = 0.6


@dataclass(frozen=True, slots=True, eq=False)
class Board:
    """Where messages may fall. `days`: volume of each day; `drift`: theme -> factor of each day."""

    customers: Customers
    days: FloatArray
    available: Mapping[str, int]
    drift: Mapping[str, FloatArray]


@dataclass(frozen=True, slots=True, eq=False)
class Dealt:
    """Messages of one theme: customer, day and whether they lie in the planted cell.

    `joins`: number of the companion's message that the mention is a part of, -1 for its own.
    """

    customer: IntArray
    day: IntArray
    inside: BoolArray
    joins: IntArray


def make_days(weeks: int, *, seed: int) -> FloatArray:
    """Volume of each day: weekends are quiet, weeks differ."""
    rng = np.random.default_rng([seed, 2])
    weekday = np.array([1.15, 1.1, 1.0, 1.0, 0.95, 0.5, 0.45])
    by_week = rng.lognormal(0.0, 0.12, weeks)
    found = by_week[:, None] * weekday[None, :] * rng.lognormal(0.0, 0.05, (weeks, 7))
    return np.asarray(found.ravel(), dtype=np.float64)


def make_drift(weeks: int, *, rng: np.random.Generator, spread: float = 0.3) -> FloatArray:
    """A factor that wanders from week to week about 1, autoregressive; shape (days,)."""
    level, found = 0.0, []
    for _ in range(weeks):
        level = 0.6 * level + 0.8 * float(rng.normal(0.0, spread))
        found.append(level)
    return np.repeat(np.exp(found), 7)


def deal(board: Board, truth: Truth, *, seed: int) -> dict[str, Dealt]:
    """Deal all labels; another seed deals another stream of the same truth."""
    found: dict[str, Dealt] = {}
    plain = sorted(board.available)
    plain.sort(key=lambda name: bool(_companion(truth, name)))
    for number, name in enumerate(plain):
        rng = np.random.default_rng([seed, 3, number])
        size = min(int(rng.poisson(DEALT * board.available[name])), board.available[name])
        planted = truth.plantings.get(name)
        cells = planted.cells if planted else ()
        dealt = _deal_theme(board, cells, size, board.drift.get(name), rng)
        other = found.get(_companion(truth, name))
        found[name] = _join(dealt, other, rng) if other is not None else dealt
    return found


def _companion(truth: Truth, name: str) -> str:
    planted = truth.plantings.get(name)
    return planted.companion if planted else ""


def _deal_theme(
    board: Board,
    cells: tuple[Cell, ...],
    size: int,
    drift: FloatArray | None,
    rng: np.random.Generator,
) -> Dealt:
    """Customers first, by how much the cells lift them over all days; then days, given those."""
    days = board.days if drift is None else board.days * drift
    weights = board.customers.writes.copy()
    who = [cell_customers(board.customers, cell) for cell in cells]
    then = [cell_days(days.size, cell) for cell in cells]
    for cell, people, window in zip(cells, who, then, strict=True):
        weights *= 1.0 + (cell.lift - 1.0) * _share(days, window) * people
    customer = _pick(weights, size, rng)
    draws = rng.random(size)
    if not cells:
        nowhere = np.zeros(size, dtype=np.bool_)
        return Dealt(customer, _at(days, draws), nowhere, np.full(size, -1, dtype=np.int64))
    day = np.zeros(size, dtype=np.int64)
    lies_in = np.array([people[customer] for people in who]).reshape(len(cells), size)
    for pattern in np.unique(lies_in, axis=1).T:
        rows = np.flatnonzero((lies_in == pattern[:, None]).all(axis=0))
        lifted = days.copy()
        for cell, window, applies in zip(cells, then, pattern, strict=True):
            lifted *= 1.0 + (cell.lift - 1.0) * window * bool(applies)
        day[rows] = _at(lifted, draws[rows])
    inside = lies_in[0] & then[0][day]
    return Dealt(customer, day, inside, np.full(size, -1, dtype=np.int64))


def cell_customers(customers: Customers, cell: Cell) -> BoolArray:
    """Which customers lie in the cell's segment."""
    found = np.ones(len(customers.names), dtype=np.bool_)
    for condition in cell.segment:
        found &= customers.mask(condition)
    return found


def cell_days(days: int, cell: Cell) -> BoolArray:
    """Which days lie in the cell's window."""
    found = np.ones(days, dtype=np.bool_)
    if cell.onset is not None:
        found[:] = False
        found[cell.onset.first : cell.onset.last + 1] = True
    return found


def _join(dealt: Dealt, other: Dealt, rng: np.random.Generator) -> Dealt:
    """Put a part of the mentions into messages of another theme, each into one of its own."""
    own = np.flatnonzero(other.joins < 0)
    count = min(int(_TOGETHER * dealt.customer.size), own.size)
    mine = rng.permutation(dealt.customer.size)[:count]
    into = rng.permutation(own)[:count]
    customer, day, joins = dealt.customer.copy(), dealt.day.copy(), dealt.joins.copy()
    customer[mine], day[mine], joins[mine] = other.customer[into], other.day[into], into
    return Dealt(customer, day, dealt.inside, joins)


def _share(weights: FloatArray, mask: BoolArray) -> float:
    return float(weights[mask].sum() / weights.sum())


def _pick(weights: FloatArray, size: int, rng: np.random.Generator) -> IntArray:
    return _at(weights, rng.random(size))


def _at(weights: FloatArray, draws: FloatArray) -> IntArray:
    upto = np.cumsum(weights)
    found = np.searchsorted(upto, draws * upto[-1], side="right")
    return np.asarray(np.minimum(found, weights.size - 1), dtype=np.int64)
