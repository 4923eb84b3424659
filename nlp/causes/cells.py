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
# Two segments of which a hundredth of the feedback differs cannot be told apart.
_ALIKE = 0.01
_SEED = 20240301  # any fixed number: the noise must be the same on every run


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


def count_votes(
    population: Population, themes: Sequence[str], *, keep: NDArray[np.bool_] | None = None
) -> Votes:
    """Votes of the themes that have a mention, sorted by id.

    keep: only this feedback counts, as mention and as exposure; shape (n,).
    """
    names = tuple(sorted(name for name in set(themes) if name in population.members))
    parts: list[tuple[IntArray, FloatArray]] = []
    for name in names:
        rows = population.members[name]
        rows = rows if keep is None else rows[keep[rows]]
        _, who, often = np.unique(
            population.customers[rows], return_inverse=True, return_counts=True
        )
        parts.append((rows, 1.0 / often[who]))
    sizes = [rows.size for rows, _ in parts]
    totals = np.array([weights.sum() for _, weights in parts], dtype=np.float64)
    kept = np.ones(len(population), dtype=np.bool_) if keep is None else keep
    bucket, exposure = _exposure(population.customers, kept, totals)
    return Votes(
        themes=names,
        theme=np.repeat(np.arange(len(names), dtype=np.int64), sizes),
        row=np.concatenate([rows for rows, _ in parts]) if parts else np.empty(0, dtype=np.int64),
        weight=np.concatenate([weights for _, weights in parts]) if parts else np.empty(0),
        totals=totals,
        bucket=bucket,
        exposure=exposure,
    )


def with_noise(votes: Votes, *, noise: int, mentions: int) -> Votes:
    """The themes, then themes of noise: votes drawn from the exposure alone, sizes as the themes'.

    Args:
        noise: how many; fewer when they would come to more than `mentions` votes together.
    """
    if not votes.themes:
        return votes
    order = np.lexsort((votes.totals, votes.bucket))
    mean = float(votes.totals.mean())
    count = max(1, min(noise, int(mentions / max(mean, 1.0))))
    like = order[(np.arange(count) * order.size / count).astype(np.int64)]
    random = np.random.default_rng(_SEED)
    sizes = np.maximum(np.rint(votes.totals[like]), 1.0).astype(np.int64)
    reach = np.cumsum(votes.exposure, axis=1)
    rows = [
        np.searchsorted(reach[bucket] / reach[bucket][-1], random.random(size), side="right")
        for bucket, size in zip(votes.bucket[like].tolist(), sizes.tolist(), strict=True)
    ]
    last = len(votes.themes)
    numbers = np.repeat(np.arange(last, last + count), sizes)
    return Votes(
        themes=(*votes.themes, *("" for _ in rows)),
        theme=np.concatenate([votes.theme, numbers]),
        row=np.concatenate([votes.row, *rows]),
        weight=np.concatenate([votes.weight, np.ones(numbers.size)]),
        totals=np.concatenate([votes.totals, sizes.astype(np.float64)]),
        bucket=np.concatenate([votes.bucket, votes.bucket[like]]),
        exposure=votes.exposure,
    )


def _exposure(
    customers: IntArray, keep: NDArray[np.bool_], totals: FloatArray
) -> tuple[IntArray, FloatArray]:
    counted = keep.astype(np.float64)
    per_customer = np.bincount(customers, weights=counted)
    often = per_customer[customers]
    if often.size == 0 or often.max() <= 1:
        flat = (counted / max(float(counted.sum()), 1.0))[None, :]
        return np.zeros(totals.size, dtype=np.int64), flat
    levels, members = np.unique(per_customer[per_customer > 0], return_counts=True)
    expected = ((1.0 - (1.0 - _RATES[:, None]) ** levels) * members).sum(axis=1)
    nearest = np.abs(np.log(np.maximum(totals, 1.0))[:, None] - np.log(expected)[None, :])
    used, bucket = np.unique(nearest.argmin(axis=1), return_inverse=True)
    often = np.maximum(often, 1.0)
    weights = (1.0 - (1.0 - _RATES[used][:, None]) ** often[None, :]) / often[None, :] * counted
    return bucket.astype(np.int64), weights / weights.sum(axis=1, keepdims=True)


def iterate_cells(
    votes: Votes, columns: Sequence[Column], *, depths: int, least_expected: Sequence[float]
) -> Iterator[Cells]:
    """Every combination of up to `depths` attributes, fewer first, in order of their names.

    Left out are cells in which not even the largest theme would have `least_expected` customers
    (by depth), cells that hold all but a hundredth of one of their parents, and all but one of
    the values of different attributes that stand for the same feedback: "version: (missing)"
    where "kind: survey" says it, too. What is told by a value goes before what is missing.
    """
    if not votes.themes:
        return
    largest = np.array(
        [votes.totals[votes.bucket == b].max() for b in range(votes.exposure.shape[0])]
    )
    doubles = _doubles(votes.exposure[0], columns)
    # Shares of all cells of the combinations one condition shorter.
    shorter: dict[tuple[int, ...], FloatArray] = {(): np.ones(())}
    for depth in range(1, depths + 1):
        tables: dict[tuple[int, ...], FloatArray] = {}
        for chosen in itertools.combinations(range(len(columns)), depth):
            code, shape = _joint(columns, chosen)
            size = int(np.prod(shape))
            shares = np.array(
                [np.bincount(code, weights=row, minlength=size) for row in votes.exposure]
            )
            whole = shares[0].reshape(shape)
            tables[chosen] = whole
            keep = (shares * largest[:, None]).max(axis=0) >= least_expected[depth - 1]
            keep &= shares[0] > 0.0
            for at, number in enumerate(chosen):
                parent = np.expand_dims(shorter[chosen[:at] + chosen[at + 1 :]], at)
                keep &= (whole < (1.0 - _ALIKE) * parent).ravel()
                of_value = np.expand_dims(~doubles[number], [i for i in range(depth) if i != at])
                keep &= np.broadcast_to(of_value, shape).ravel()
            cells = np.flatnonzero(keep)
            if cells.size:
                yield Cells(
                    columns=chosen,
                    codes=np.stack(np.unravel_index(cells, shape), axis=1).astype(np.int64),
                    votes=_votes(votes, code, cells, size),
                    shares=shares[:, cells],
                )
        shorter = tables


def _joint(columns: Sequence[Column], chosen: Sequence[int]) -> tuple[IntArray, tuple[int, ...]]:
    parts = [columns[number] for number in chosen]
    shape = tuple(len(part.values) for part in parts)
    return np.ravel_multi_index(tuple(part.codes for part in parts), shape), shape


def _doubles(weights: FloatArray, columns: Sequence[Column]) -> list[NDArray[np.bool_]]:
    """Per column, which values stand for the same feedback as a value that goes before them."""
    found = [np.zeros(len(column.values), dtype=np.bool_) for column in columns]
    for first, second in itertools.combinations(range(len(columns)), 2):
        code, shape = _joint(columns, (first, second))
        both = np.bincount(code, weights=weights, minlength=int(np.prod(shape))).reshape(shape)
        either = np.maximum(both.sum(axis=1, keepdims=True), both.sum(axis=0, keepdims=True))
        for a, b in np.argwhere((both >= (1.0 - _ALIKE) * either) & (both > 0.0)).tolist():
            if a == columns[first].missing and b != columns[second].missing:
                found[first][a] = True
            else:
                found[second][b] = True
    return found


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
