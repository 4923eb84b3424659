"""Which of many vectors may be near one: a first look at a quarter of the bytes, that misses none.

Each vector is kept as one byte a number and a scale; so is the one they are compared with. With
v = s I + e and q = t J + f (I, J whole numbers, e and f what rounding left), the cosine differs
from s t (I . J) by at most |e| |q| + |s I| |f| (Cauchy-Schwarz). What is not near even so is left
out; all others are for the caller to look at in full. The whole numbers are multiplied by torch,
which is the one library here that has a fast product of bytes; it is proved on extreme values
before it is used, as processors without that instruction may cut off sums.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray

Int8 = NDArray[np.int8]
Int32 = NDArray[np.int32]
FloatArray = NDArray[np.float32]

_MOST = 127  # the largest whole number used; -128 has no counterpart
_ROWS = 8_192  # rounded at a time, to need no second copy of all vectors
# Bounds are worked out in 32 bits: far more than their rounding can be.
_SLACK = 1e-5


@dataclass(frozen=True, slots=True)
class Coarse:
    """Vectors in whole numbers.

    whole: shape (n, d). scale: of each row, shape (n,). left: length of what rounding left of each,
    rounded up, shape (n,). longest: length of the longest rounded row.
    """

    whole: Int8
    scale: FloatArray
    left: FloatArray
    longest: float

    @property
    def nbytes(self) -> int:
        """Memory of the arrays."""
        return int(self.whole.nbytes + self.scale.nbytes + self.left.nbytes)


def build_coarse(vectors: FloatArray) -> Coarse | None:
    """Round vectors of finite numbers, shape (n, d); None where this machine cannot use them."""
    if not is_exact():
        return None
    rows, width = vectors.shape
    whole = np.empty((rows, width), dtype=np.int8)
    scale, left = np.empty(rows, dtype=np.float32), np.empty(rows, dtype=np.float32)
    longest = 0.0
    for start in range(0, rows, _ROWS):
        at = slice(start, start + _ROWS)
        whole[at], scale[at], rest, length = _rounded(vectors[at])
        left[at] = np.nextafter(rest.astype(np.float32), np.float32(np.inf))
        longest = max(longest, float(length.max()))
    return Coarse(whole, scale, left, longest)


def may_reach(coarse: Coarse, vector: FloatArray, least: float) -> NDArray[np.bool_]:
    """Which rows' product with a vector may be `least` or more; all that are, and a few more."""
    whole, scale, left, _ = _rounded(vector[np.newaxis])
    length = float(np.linalg.norm(vector.astype(np.float64)))
    product = _products(coarse.whole, whole[0]).astype(np.float32)
    product *= coarse.scale
    product *= scale[0]
    highest = coarse.left * np.float32(length)
    highest += product
    # The exact product is a sum in 32 bits, too: its own rounding is at most d eps |v| |q|.
    own = vector.size * float(np.finfo(np.float32).eps) * (coarse.longest + 1.0) * length
    slack = coarse.longest * float(left[0]) + own + _SLACK * (1.0 + coarse.longest * length)
    found: NDArray[np.bool_] = highest >= np.float32(least - slack)
    return found


@cache
def is_exact() -> bool:
    """Whether whole numbers are multiplied here as they should be, at their extremes, too."""
    signs = np.where(np.arange(384) % 3 == 0, -1, 1).astype(np.int8)
    extreme = np.stack([np.full(384, _MOST, np.int8), signs * np.int8(_MOST), signs])
    try:
        got = [_products(np.tile(extreme, (16, 1)), vector) for vector in (extreme[0], extreme[1])]
    except (AttributeError, RuntimeError, NotImplementedError):
        return False
    exact = extreme.astype(np.int64)
    return all(
        np.array_equal(found, np.tile(exact @ vector.astype(np.int64), 16))
        for found, vector in zip(got, extreme[:2], strict=True)
    )


def _rounded(
    vectors: FloatArray,
) -> tuple[Int8, FloatArray, NDArray[np.float64], NDArray[np.float64]]:
    """Whole numbers, scales, lengths of what is left, and of the rounded rows."""
    scale = (np.abs(vectors).max(axis=1) / _MOST).astype(np.float32)
    scale[scale == 0] = 1.0
    whole = np.clip(np.rint(vectors / scale[:, np.newaxis]), -_MOST, _MOST).astype(np.int8)
    told = whole.astype(np.float64) * scale.astype(np.float64)[:, np.newaxis]
    left = np.linalg.norm(vectors.astype(np.float64) - told, axis=1)
    return whole, scale, left, np.linalg.norm(told, axis=1)


def _products(rows: Int8, vector: Int8) -> Int32:
    # Not public yet, but the only product of bytes in torch that is not deprecated; `is_exact`
    # finds out should it go or change.
    products = torch._int_mm(  # noqa: SLF001
        torch.from_numpy(rows), torch.from_numpy(vector)[:, None]
    )
    found: Int32 = products.numpy()[:, 0]
    return found
