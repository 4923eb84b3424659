"""The cuboids of a cube, and sums of leaf values over every cell of each of them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Cuboid:
    """All combinations of values of some attributes that occur.

    attributes: their numbers, sorted; codes: shape (cells, depth), sorted; base: which cuboid's
    cells (position in the lattice, -1 for the leaves) add up to these; into: each base cell's
    cell, shape (base cells,).
    """

    attributes: tuple[int, ...]
    codes: IntArray
    base: int
    into: IntArray

    def __len__(self) -> int:
        return len(self.codes)


def build_lattice(codes: IntArray, *, max_depth: int) -> tuple[Cuboid, ...]:
    """All cuboids from deep to shallow, the empty one (everything) last.

    A cuboid is summed from the smallest cuboid that has one attribute more, so that only the
    deepest ones touch the leaves.

    Args:
        codes: shape (n, d), values from 0.
    """
    lattice: list[Cuboid] = []
    width = codes.shape[1]
    for depth in range(min(max_depth, width), -1, -1):
        for attributes in itertools.combinations(range(width), depth):
            base = _smallest(lattice, attributes)
            source = codes if base < 0 else lattice[base].codes
            own = range(width) if base < 0 else lattice[base].attributes
            kept = source[:, [at for at, name in enumerate(own) if name in attributes]]
            cells, into = _distinct(kept)
            lattice.append(Cuboid(attributes, cells, base, into))
    return tuple(lattice)


def sums(lattice: tuple[Cuboid, ...], values: FloatArray) -> Iterator[tuple[Cuboid, FloatArray]]:
    """Each cuboid with the sums of the leaves' values, shape (cells,), in the lattice's order."""
    done: list[FloatArray] = []
    for cuboid in lattice:
        source = values if cuboid.base < 0 else done[cuboid.base]
        added = np.bincount(cuboid.into, weights=source, minlength=len(cuboid))
        done.append(np.asarray(added, dtype=np.float64))
        yield cuboid, done[-1]


def leaves_of(codes: IntArray, attributes: tuple[int, ...], values: tuple[int, ...]) -> IntArray:
    """Rows of the leaves in which these attributes have these values."""
    if not attributes:
        return np.arange(len(codes))
    rows = np.flatnonzero(codes[:, attributes[0]] == values[0])
    for attribute, value in zip(attributes[1:], values[1:], strict=True):
        rows = rows[codes[rows, attribute] == value]
    return rows


def _smallest(lattice: list[Cuboid], attributes: tuple[int, ...]) -> int:
    one_more = [
        (len(cuboid), at)
        for at, cuboid in enumerate(lattice)
        if len(cuboid.attributes) == len(attributes) + 1
        and set(attributes) < set(cuboid.attributes)
    ]
    return min(one_more)[1] if one_more else -1


def _distinct(codes: IntArray) -> tuple[IntArray, IntArray]:
    if codes.shape[1] == 0:
        return np.zeros((1, 0), dtype=np.int64), np.zeros(len(codes), dtype=np.int64)
    sizes = [int(top) + 1 for top in codes.max(axis=0)]
    flat = np.ravel_multi_index(tuple(codes.T), sizes)
    if np.prod(sizes, dtype=np.float64) <= 4.0 * len(codes) + 1000.0:
        used = np.flatnonzero(np.bincount(flat, minlength=int(np.prod(sizes))))
        place = np.zeros(int(np.prod(sizes)), dtype=np.int64)
        place[used] = np.arange(len(used))
        into = place[flat]
    else:
        used, into = np.unique(flat, return_inverse=True)
    return np.stack(np.unravel_index(used, sizes), axis=1).astype(np.int64), into
