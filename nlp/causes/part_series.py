"""Daily series of themes inside one segment, the segment's own volume as exposure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlp.causes.attributes import Column
from nlp.causes.cells import segment_mask
from nlp.causes.segments import Segment
from nlp.population import IntArray, Population
from nlp.rates import FloatArray


@dataclass(frozen=True, slots=True)
class Firsts:
    """The first message of each customer on each day: of each theme, and of all feedback.

    theme, row, day: shape (m,), theme numbers and feedback rows, days from 0; all_row, all_day:
    shape (k,).
    """

    themes: int
    days: int
    theme: IntArray
    row: IntArray
    day: IntArray
    all_row: IntArray
    all_day: IntArray


@dataclass(frozen=True, slots=True)
class Part:
    """One segment: customers a day of each theme (themes, days), and of all feedback (days,)."""

    segment: Segment
    counts: FloatArray
    total: FloatArray


def firsts(population: Population, themes: Sequence[str], *, start: int, days: int) -> Firsts:
    """One row per theme, customer and day, from ordinal `start` on for `days` days."""

    def of(rows: IntArray) -> IntArray:
        at = population.days[rows] - start
        kept = rows[(at >= 0) & (at < days)]
        pair = population.customers[kept] * days + (population.days[kept] - start)
        return kept[np.unique(pair, return_index=True)[1]]

    parts = [of(population.members[name]) for name in themes]
    row = np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)
    whole = of(np.arange(len(population), dtype=np.int64))
    return Firsts(
        themes=len(parts),
        days=days,
        theme=np.repeat(np.arange(len(parts), dtype=np.int64), [part.size for part in parts]),
        row=row,
        day=population.days[row] - start,
        all_row=whole,
        all_day=population.days[whole] - start,
    )


def value_parts(first: Firsts, columns: Sequence[Column]) -> Iterator[Part]:
    """Every value of every attribute, in order."""
    for number, column in enumerate(columns):
        values = len(column.values)
        at = (column.codes[first.row] * first.themes + first.theme) * first.days + first.day
        counts = np.bincount(at, minlength=values * first.themes * first.days)
        counts = counts.reshape(values, first.themes, first.days).astype(np.float64)
        place = column.codes[first.all_row] * first.days + first.all_day
        totals = np.bincount(place, minlength=values * first.days).astype(np.float64)
        for code in range(values):
            yield Part(((number, code),), counts[code], totals.reshape(values, first.days)[code])


def segment_part(first: Firsts, columns: Sequence[Column], segment: Segment, theme: int) -> Part:
    """One segment for one theme: `counts` has shape (1, days)."""
    mask: NDArray[np.bool_] = segment_mask(columns, segment)
    mine = (first.theme == theme) & mask[first.row]
    counts = np.bincount(first.day[mine], minlength=first.days).astype(np.float64)
    total = np.bincount(first.all_day[mask[first.all_row]], minlength=first.days)
    return Part(segment, counts[None, :], total.astype(np.float64))
