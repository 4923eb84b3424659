"""Votes and exposure of every attribute combination, for all themes at once."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlp.causes.attributes import Column
from nlp.causes.votes import Votes
from nlp.population import IntArray
from nlp.rates import FloatArray

# Two segments of which a hundredth of the feedback differs cannot be told apart.
_ALIKE = 0.01


@dataclass(frozen=True, slots=True)
class Cells:
    """The segments of one attribute combination that are large enough for some theme.

    columns: numbers of the attributes; codes: their value codes, shape (cells, depth).
    votes: shape (themes, cells); heads: customers, shape (themes, cells), those whose mentions lie
    in several cells in part; shares: exposure share, shape (buckets, cells).
    """

    columns: tuple[int, ...]
    codes: IntArray
    votes: FloatArray
    heads: FloatArray
    shares: FloatArray


def iterate_cells(
    votes: Votes,
    columns: Sequence[Column],
    *,
    depths: int,
    least_expected: Sequence[float],
    hidden: Sequence[Column] = (),
) -> Iterator[Cells]:
    """Every combination of up to `depths` attributes, fewer first, in order of their names.

    Left out are cells in which not even the largest theme would have `least_expected` customers
    (by depth), cells that hold all but a hundredth of one of their parents, and all but one of
    the values of different attributes that stand for the same feedback: "version: (missing)"
    where "device: (missing)" says it, too. What is told by a value goes before what is missing, and
    what is missing because of a value of a `hidden` column is not told at all.
    """
    if not votes.themes:
        return
    largest = np.array(
        [votes.totals[votes.bucket == b].max() for b in range(votes.exposure.shape[0])]
    )
    doubles = _doubles(votes.exposure[0], [*columns, *hidden])
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
                count, heads = _tally(votes, code, cells, size)
                yield Cells(
                    columns=chosen,
                    codes=np.stack(np.unravel_index(cells, shape), axis=1).astype(np.int64),
                    votes=count,
                    heads=heads,
                    shares=shares[:, cells],
                )
        shorter = tables


def _joint(columns: Sequence[Column], chosen: Sequence[int]) -> tuple[IntArray, tuple[int, ...]]:
    parts = [columns[number] for number in chosen]
    shape = tuple(len(part.values) for part in parts)
    code = parts[0].codes
    for part in parts[1:]:
        code = code * len(part.values) + part.codes
    return code, shape


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


def _tally(
    votes: Votes, code: IntArray, cells: IntArray, size: int
) -> tuple[FloatArray, FloatArray]:
    """Votes and heads of each theme in each cell."""
    place = np.full(size, -1, dtype=np.int64)
    place[cells] = np.arange(cells.size)
    at = place[code[votes.row]]
    inside = at >= 0
    flat = votes.theme[inside] * cells.size + at[inside]
    shape = (len(votes.themes), cells.size)

    def sums(of: FloatArray) -> FloatArray:
        found = np.bincount(flat, weights=of[inside], minlength=shape[0] * shape[1])
        return np.asarray(found.reshape(shape), dtype=np.float64)

    return sums(votes.weight), sums(votes.heads)


def segment_mask(
    columns: Sequence[Column], segment: Sequence[tuple[int, int]]
) -> NDArray[np.bool_]:
    """Which feedback lies in a segment of (column number, value code) pairs, shape (n,)."""
    number, code = segment[0]
    mask = columns[number].codes == code
    for number, code in segment[1:]:
        mask = mask & (columns[number].codes == code)
    return np.asarray(mask, dtype=np.bool_)
