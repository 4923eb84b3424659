"""False discovery rate over many tests."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def benjamini_hochberg(p: FloatArray, *, tests: int | None = None) -> FloatArray:
    """Benjamini-Hochberg adjusted p-values (q-values), shape as `p`, each at least its p.

    q_(i) = min over j >= i of min(1, m p_(j) / j), p_(1) <= ... <= p_(m). Rejecting where q <= a
    keeps the expected share of false discoveries at or below a when the tests are independent or
    positively dependent (Benjamini & Hochberg 1995; Benjamini & Yekutieli 2001).

    Args:
        p: p-values, shape (n,).
        tests: how many tests were tried, when those with large p were left out of `p`. The result
            is exact as long as every p left out is at least the greatest p given.

    Raises:
        ValueError: when a p-value is not between 0 and 1, or `tests` is less than len(p).
    """
    values = np.asarray(p, dtype=np.float64)
    if not bool(np.all((values >= 0) & (values <= 1))):
        raise ValueError("p-values must lie between 0 and 1")
    count = values.size if tests is None else tests
    if count < values.size:
        raise ValueError(f"tests is {count}, but {values.size} p-values were given")
    order = np.argsort(values, kind="stable")
    raised = values[order] * (count / np.arange(1, values.size + 1))
    monotone = np.minimum.accumulate(raised[::-1])[::-1]
    q = np.empty_like(values)
    # count / size may round just below 1: q is never less than p
    q[order] = np.maximum(np.minimum(monotone, 1.0), values[order])
    return q
