"""Ridge regression of scores on theme mentions, and how each customer moves its effects."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.linalg import cholesky
from scipy.linalg.lapack import dpotri
from scipy.sparse import csr_matrix, hstack

from nlp.design import Design
from nlp.population import IntArray
from nlp.rates import FloatArray

# Weight of the anchor that stands for the reference where too few messages have no theme.
_ANCHOR = 20.0
# Only keeps the levels solvable when a group hardly has messages.
_TINY = 1e-6
# No message explains itself by more than this: with 1 its residual would say nothing at all.
_MOST_LEVERAGE = 0.95
# Customers of the dense part at a time: 300 columns of these are 20 megabytes.
_CHUNK = 8192


@dataclass(frozen=True, slots=True)
class Fit:
    """Effects of all columns, and how each customer moves those of the themes.

    effects: shape (width,). customers: codes of those with a score, shape (c,).
    pushes: shape (c, told): what a customer adds to each told column. turned: shape (told, themes):
        how the effects answer to it.
    freedom: degrees of freedom of each theme's standard error, shape (themes,).
    anchored: how the effects move with each anchor's score, shape (anchors, themes).
    """

    effects: FloatArray
    customers: IntArray = field(repr=False)
    pushes: csr_matrix = field(repr=False)
    turned: FloatArray = field(repr=False)
    freedom: FloatArray
    anchored: FloatArray = field(repr=False)

    def moved(self, weights: FloatArray) -> FloatArray:
        """Changes of the themes' effects, to first order, when customers have other weights than 1.

        Args:
            weights: of all customers, shape (resamples, customers).

        Returns:
            Shape (resamples, themes).
        """
        pushed = (self.pushes.T @ (weights[:, self.customers] - 1.0).T).T
        return np.asarray(pushed @ self.turned, dtype=np.float64)


def fit(design: Design, *, ridge: float, level_ridge: float) -> Fit:
    """Effects of the themes and the levels, and each customer's influence on the themes'.

    Minimises sum_i (y_i - x_i b)^2 + sum_j d_j b_j^2 (Hoerl & Kennard 1970); d is `ridge` for
    themes, `level_ridge` for values of attributes, nothing for groups. The shrinkage is then taken
    back to first order (almost unbiased ridge, Singh, Chaubey & Dwivedi 1986): b + A^-1 D b, which
    leaves (d / (n + d))^2 of it: little bias where a theme is told apart by few messages, and an
    even split where it is never told apart.

    The influence of a customer is the sum of M x_i e_i / (1 - h_i) over its messages, e the
    residual and h the leverage: the linear bootstrap ("score bootstrap", Kline & Santos 2012) with
    MacKinnon & White's (1985) correction HC3, which refits by leaving out. Its degrees of freedom
    follow Satterthwaite and Bell & McCaffrey (2002), from what each customer weighs in the effect:
    few customers tell two themes apart that mostly come together, however many mention them.

    Themes that no scored message mentions have no effect, and take no part.
    """
    told = np.concatenate(
        [np.flatnonzero(design.mentions), np.arange(design.themes, design.matrix.shape[1])]
    )
    if not told.size:
        return _unknown(design)
    themes = int((told < design.themes).sum())
    matrix, centre, scores = design.matrix[:, told], design.centre[told], design.scores
    height, width = matrix.shape
    penalty = np.full(width, level_ridge)
    penalty[:themes] = ridge
    penalty[themes : themes + design.groups] = _TINY
    sums = np.asarray(matrix.sum(axis=0)).ravel()
    gram = (matrix.T @ matrix).toarray() + np.diag(penalty)
    gram += height * np.outer(centre, centre) - np.outer(sums, centre) - np.outer(centre, sums)
    target = matrix.T @ scores - centre * scores.sum()
    anchors = [int(np.searchsorted(told, column)) for column, _ in design.anchors]
    for column, (_, score) in zip(anchors, design.anchors, strict=True):
        gram[column, column] += _ANCHOR
        target[column] += _ANCHOR * score
    inverse = _inverse(gram)
    half = inverse * np.sqrt(penalty)
    inverse = inverse + half @ half.T
    effects = np.zeros(design.matrix.shape[1])
    effects[told] = inverse @ target
    residual = scores - design.predicted(effects)
    leverage = _leverage(matrix, inverse, centre)
    pushed = residual / (1.0 - np.minimum(leverage, _MOST_LEVERAGE))
    customers, of = np.unique(design.who, return_inverse=True)
    summed = csr_matrix((np.ones(height), (of, np.arange(height))), (customers.size, height))
    turned = np.zeros((width + 1, design.themes))
    turned[:width, told[:themes]] = inverse[:, :themes]
    # The centre is one more column: what is taken off every message.
    turned[width] = -(centre @ turned[:width])
    freedom = np.ones(design.themes)
    freedom[told[:themes]] = _freedom(
        _with_ones(summed @ matrix, np.bincount(of)), turned[:, told[:themes]]
    )
    return Fit(
        effects=effects,
        customers=customers,
        pushes=_with_ones(summed @ matrix.multiply(pushed[:, None]).tocsr(), summed @ pushed),
        turned=turned,
        freedom=freedom,
        anchored=_ANCHOR * turned[anchors],
    )


def _unknown(design: Design) -> Fit:
    """Without any scores nothing has an effect."""
    return Fit(
        effects=np.zeros(design.themes),
        customers=np.empty(0, dtype=np.int64),
        pushes=csr_matrix((0, 1)),
        turned=np.zeros((1, design.themes)),
        freedom=np.ones(design.themes),
        anchored=np.zeros((0, design.themes)),
    )


def _inverse(gram: FloatArray) -> FloatArray:
    """Of a symmetric positive definite matrix; half the work of solving for all columns."""
    upper, failed = dpotri(cholesky(gram, lower=False), lower=0)
    assert failed == 0, "a Cholesky factor has no zero on its diagonal"
    return np.asarray(np.triu(upper) + np.triu(upper, 1).T, dtype=np.float64)


def _leverage(matrix: csr_matrix, inverse: FloatArray, centre: FloatArray) -> FloatArray:
    """(x - c) M (x - c)' of every row x, by the few columns that each has; shape (rows,)."""
    many = np.diff(matrix.indptr).astype(np.int64)
    row = np.repeat(np.arange(many.size), many)
    mine = np.repeat(np.arange(row.size), many[row])  # each entry with each of its row
    ends = np.cumsum(many[row])
    other = np.arange(mine.size) - (ends - many[row])[mine] + matrix.indptr[row[mine]]
    column, value = matrix.indices, matrix.data
    parts = inverse[column[mine], column[other]] * value[mine] * value[other]
    own = np.bincount(row[mine], weights=parts, minlength=many.size)
    turned = inverse @ centre
    return np.asarray(own - 2.0 * (matrix @ turned) + centre @ turned, dtype=np.float64)


def _with_ones(matrix: csr_matrix, column: FloatArray | IntArray) -> csr_matrix:
    """The matrix with one more column, on its right."""
    rows = np.arange(matrix.shape[0])
    more = csr_matrix((column.astype(np.float64), (rows, rows * 0)), (rows.size, 1))
    return hstack([matrix, more], format="csr")


def _freedom(reliance: csr_matrix, turned: FloatArray) -> FloatArray:
    """(sum of squares)^2 / sum of fourth powers of what each customer weighs; shape (themes,)."""
    squares, fourths = np.zeros(turned.shape[1]), np.zeros(turned.shape[1])
    for start in range(0, reliance.shape[0], _CHUNK):
        power = np.square(reliance[start : start + _CHUNK] @ turned)
        squares += power.sum(axis=0)
        fourths += np.einsum("ij,ij->j", power, power)
    found = squares**2 / np.where(fourths > 0, fourths, 1.0)
    return np.asarray(np.maximum(found, 1.0), dtype=np.float64)
