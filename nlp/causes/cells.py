"""Votes and exposure of every attribute combination, for all themes at once."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlp.causes.attributes import Column
from nlp.population import IntArray, Population
from nlp.rates import FloatArray

# Rates at which the weight of customers who write often is worked out; between, it moves little.
_RATES: FloatArray = 4.0 ** -np.arange(0.5, 8.0)


@dataclass(frozen=True, slots=True)
class Votes:
    """One vote per customer and theme, split evenly over the customer's messages on the theme.

    Exposure is all feedback. A message of a customer with m messages weighs (1 - (1 - p)^m) / m,
    p being the theme's rate per message: what the message would add to the theme's customers if
    every message were equally likely to be on the theme. For rare themes that is one message, one
    unit; for common ones a customer who writes ten times does not count ten times. Without it a
    segment of frequent writers would look concentrated, or diluted, for no reason.

    theme, row, weight: shape (mentions,); the vote that feedback `row` gives to theme number
        `theme`.
    totals: distinct customers per theme, shape (themes,).
    bucket: row of `exposure` that fits each theme, shape (themes,).
    exposure: shape (buckets, n), each row summing to 1.
    """

    themes: tuple[str, ...]
    theme: IntArray
    row: IntArray
    weight: FloatArray
    totals: FloatArray
    bucket: IntArray
    exposure: FloatArray


@dataclass(frozen=True, slots=True)
class Cells:
    """The segments of one attribute combination that are large enough for some theme.

    columns: numbers of the attributes; codes: their value codes, shape (cells, depth).
    votes: shape (themes, cells); shares: exposure share, shape (buckets, cells).
    """

    columns: tuple[int, ...]
    codes: IntArray
    votes: FloatArray
    shares: FloatArray


def count_votes(population: Population, themes: Sequence[str]) -> Votes:
    """Votes of the themes that have a mention, sorted by id."""
    names = tuple(sorted(name for name in set(themes) if name in population.members))
    parts: list[tuple[IntArray, FloatArray]] = []
    for name in names:
        rows = population.members[name]
        _, who, often = np.unique(
            population.customers[rows], return_inverse=True, return_counts=True
        )
        parts.append((rows, 1.0 / often[who]))
    sizes = [rows.size for rows, _ in parts]
    totals = np.array([weights.sum() for _, weights in parts], dtype=np.float64)
    bucket, exposure = _exposure(population, totals)
    return Votes(
        themes=names,
        theme=np.repeat(np.arange(len(names), dtype=np.int64), sizes),
        row=np.concatenate([rows for rows, _ in parts]) if parts else np.empty(0, dtype=np.int64),
        weight=np.concatenate([weights for _, weights in parts]) if parts else np.empty(0),
        totals=totals,
        bucket=bucket,
        exposure=exposure,
    )


def _exposure(population: Population, totals: FloatArray) -> tuple[IntArray, FloatArray]:
    per_customer = np.bincount(population.customers).astype(np.float64)
    often = per_customer[population.customers]
    if often.size == 0 or often.max() <= 1:
        flat = np.full((1, often.size), 1.0 / max(often.size, 1))
        return np.zeros(totals.size, dtype=np.int64), flat
    levels, members = np.unique(per_customer, return_counts=True)
    expected = ((1.0 - (1.0 - _RATES[:, None]) ** levels) * members).sum(axis=1)
    nearest = np.abs(np.log(np.maximum(totals, 1.0))[:, None] - np.log(expected)[None, :])
    used, bucket = np.unique(nearest.argmin(axis=1), return_inverse=True)
    weights = (1.0 - (1.0 - _RATES[used][:, None]) ** often[None, :]) / often[None, :]
    return bucket.astype(np.int64), weights / weights.sum(axis=1, keepdims=True)


def iterate_cells(
    votes: Votes, columns: Sequence[Column], *, depth: int, least_expected: float
) -> Iterator[Cells]:
    """Every combination of `depth` attributes, in order of their names.

    Cells with a missing value, and cells in which not even the largest theme would have
    `least_expected` customers, are left out.
    """
    if not votes.themes:
        return
    largest = np.array(
        [votes.totals[votes.bucket == b].max() for b in range(votes.exposure.shape[0])]
    )
    for chosen in itertools.combinations(range(len(columns)), depth):
        parts = [columns[number] for number in chosen]
        shape = tuple(len(part.values) for part in parts)
        code = np.ravel_multi_index(tuple(part.codes for part in parts), shape)
        size = int(np.prod(shape))
        shares = np.array(
            [np.bincount(code, weights=row, minlength=size) for row in votes.exposure]
        )
        keep = (shares * largest[:, None]).max(axis=0) >= least_expected
        keep &= shares[0] < 1.0 - 1e-9
        cells = np.flatnonzero(keep)
        levels = np.stack(np.unravel_index(cells, shape), axis=1)
        missing = np.array([part.missing for part in parts])
        told = ~np.any(levels == missing, axis=1)
        cells, levels = cells[told], levels[told].astype(np.int64)
        if cells.size:
            yield Cells(
                columns=chosen,
                codes=levels,
                votes=_votes(votes, code, cells, size),
                shares=shares[:, cells],
            )


def _votes(votes: Votes, code: IntArray, cells: IntArray, size: int) -> FloatArray:
    place = np.full(size, -1, dtype=np.int64)
    place[cells] = np.arange(cells.size)
    at = place[code[votes.row]]
    inside = at >= 0
    flat = votes.theme[inside] * cells.size + at[inside]
    length = len(votes.themes) * cells.size
    counts = np.bincount(flat, weights=votes.weight[inside], minlength=length)
    return np.asarray(counts.reshape(len(votes.themes), cells.size), dtype=np.float64)


def segment_mask(
    columns: Sequence[Column], segment: Sequence[tuple[int, int]]
) -> NDArray[np.bool_]:
    """Which feedback lies in a segment of (column number, value code) pairs, shape (n,)."""
    number, code = segment[0]
    mask = columns[number].codes == code
    for number, code in segment[1:]:
        mask = mask & (columns[number].codes == code)
    return np.asarray(mask, dtype=np.bool_)
