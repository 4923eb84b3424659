"""What each mention of a theme weighs as evidence, and what exposure matches it.

A customer who writes ten times of a theme has told it once, or ten times: it depends on whether
customers repeat themselves. Where the messages of one customer are no more alike than chance, all
ten count; where they are copies, they are one vote. So a customer's m mentions weigh
m / (1 + (m - 1) rho) together: their effective number, rho being the correlation inside customers
(design effect: Kish 1965; counts of clustered data: Rao & Scott 1992). Rho is the least one with
which votes are no more spread over the customers than a binomial of the same mean, so that the
binomial test of a segment, which is a set of customers, is safe whoever repeats himself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from nlp.population import IntArray, Population
from nlp.rates import FloatArray

# Correlations tried; 1 is one vote per customer. Five mentions are 5, 4.6, 4.2, 3.6, 2.8, 1.9 and 1
# votes: finer steps would not change what is found.
_RHOS: FloatArray = np.array([0.0, 0.02, 0.05, 0.1, 0.2, 0.4, 1.0])
# Rates at which exposure is worked out; between, it moves little.
_RATES: FloatArray = 2.0 ** -np.arange(0.5, 12.0)
_NODES = 40  # of the quadrature
_SEED = 20240301  # any fixed number: the noise must be the same on every run


@dataclass(frozen=True, slots=True)
class Votes:
    """Mentions as weighted votes, and the exposure they are compared with.

    Exposure is all feedback. A message of a customer with M messages weighs what it would add to
    the theme's votes if every message were equally likely to be on the theme: E[1 / (1 + rho B)], B
    being how many of the other M - 1 messages are on it, too. Without it a segment of frequent
    writers would look concentrated, or diluted, for no reason.

    theme, row, weight: shape (mentions,); the vote that feedback `row` gives to theme number
        `theme`.
    heads: the customer's part in a head count: 1 / m for each of m mentions; shape (mentions,).
    totals: votes per theme; customers: distinct customers per theme; shape (themes,).
    bucket: row of `exposure` that fits each theme, shape (themes,).
    exposure: shape (buckets, n), each row summing to 1.
    """

    themes: tuple[str, ...]
    theme: IntArray
    row: IntArray
    weight: FloatArray
    heads: FloatArray
    totals: FloatArray
    customers: FloatArray
    bucket: IntArray
    exposure: FloatArray


@dataclass(frozen=True, slots=True)
class _Writers:
    """Customers by how much they write.

    often: messages of each customer, shape (customers,); levels, members: the numbers of messages
    that occur, ascending, and how many customers have each, shape (levels,).
    """

    often: IntArray
    levels: FloatArray
    members: FloatArray

    @classmethod
    def of(cls, customers: IntArray, kept: NDArray[np.bool_]) -> _Writers:
        """Those who wrote the feedback that is kept."""
        often = np.bincount(customers, weights=kept.astype(np.float64)).astype(np.int64)
        levels, members = np.unique(often[often > 0], return_counts=True)
        if levels.size == 0:
            levels, members = np.array([1]), np.array([0])
        return cls(often, levels.astype(np.float64), members.astype(np.float64))


def count_votes(
    population: Population, themes: Sequence[str], *, keep: NDArray[np.bool_] | None = None
) -> Votes:
    """Votes of the themes that have a mention, sorted by id.

    keep: only this feedback counts, as mention and as exposure; shape (n,).
    """
    names = tuple(sorted(name for name in set(themes) if name in population.members))
    kept = np.ones(len(population), dtype=np.bool_) if keep is None else keep
    writers = _Writers.of(population.customers, kept)
    tables = _tables(tuple(writers.levels.tolist()))
    rows_of = [population.members[name] for name in names]
    rows_of = [rows[kept[rows]] for rows in rows_of]
    mine = [_Mentions.of(population.customers[rows], writers) for rows in rows_of]
    keys = [_choose(one, writers, tables) for one in mine]
    used = sorted(set(keys))
    bucket = np.array([used.index(key) for key in keys], dtype=np.int64)
    place = np.searchsorted(writers.levels, np.maximum(writers.often, 1))[population.customers]
    exposure = np.array([tables[key][np.minimum(place, writers.levels.size - 1)] for key in used])
    exposure = exposure.reshape(len(used), len(population)) * kept
    exposure = exposure / np.maximum(exposure.sum(axis=1, keepdims=True), 1e-300)
    weights = [
        (1.0 / (1.0 + (one.often - 1.0) * _RHOS[rho]))[one.who]
        for one, (_, rho) in zip(mine, keys, strict=True)
    ]
    heads = [(1.0 / one.often)[one.who] for one in mine]
    return Votes(
        themes=names,
        theme=np.repeat(np.arange(len(names), dtype=np.int64), [rows.size for rows in rows_of]),
        row=np.concatenate(rows_of) if names else np.empty(0, dtype=np.int64),
        weight=np.concatenate(weights) if names else np.empty(0),
        heads=np.concatenate(heads) if names else np.empty(0),
        totals=np.array([part.sum() for part in weights], dtype=np.float64),
        customers=np.array([one.often.size for one in mine], dtype=np.float64),
        bucket=bucket,
        exposure=exposure,
    )


@dataclass(frozen=True, slots=True)
class _Mentions:
    """A theme's mentions by customer: who[mention] -> customer; often, level: of each customer."""

    who: IntArray
    often: FloatArray
    level: IntArray

    @classmethod
    def of(cls, customers: IntArray, writers: _Writers) -> _Mentions:
        """Of the customers of the mentions."""
        names, who, often = np.unique(customers, return_inverse=True, return_counts=True)
        level = np.searchsorted(writers.levels, writers.often[names])
        return cls(who, often.astype(np.float64), level)


def _choose(one: _Mentions, writers: _Writers, tables: FloatArray) -> tuple[int, int]:
    """Numbers of rate and rho: the least rho with which votes spread no more than binomial.

    Over the customers who wrote more than once: others cannot repeat themselves, and would hide
    those who do. The rate is the one that makes the votes expected, so that repeated mentions do
    not raise it.

    Args:
        tables: what a message weighs, shape (rates, rhos, levels).
    """
    repeat = writers.levels > 1.0
    mine = repeat[one.level]
    rate = rho = 0
    for rho in range(_RHOS.size):
        vote = one.often / (1.0 + (one.often - 1.0) * _RHOS[rho])
        total = max(float(vote.sum()), 1e-9)
        each = writers.levels * tables[:, rho]
        sums = each @ writers.members
        rate = int(np.abs(np.log(total) - np.log(np.maximum(sums * _RATES, 1e-9))).argmin())
        expected = each[rate] * (total / max(float(sums[rate]), 1e-9))
        vote, at = vote[mine], expected[one.level[mine]]
        spread = float((vote**2 - 2.0 * vote * at).sum())
        spread += float((expected**2 * writers.members)[repeat].sum())
        # The margin keeps the order of additions from deciding.
        if spread <= float((expected * writers.members)[repeat].sum()) * (1.0 + 1e-9):
            break
    return (0, 0) if rho == 0 else (rate, rho)


@lru_cache(maxsize=64)
def _tables(levels: tuple[float, ...]) -> FloatArray:
    """`_per_message` of all rates and rhos; shape (rates, rhos, levels)."""
    each = np.array(levels)
    tables = np.array([[_per_message(each, rate, rho) for rho in _RHOS] for rate in _RATES])
    tables.setflags(write=False)
    return tables


@lru_cache(maxsize=1)
def _quadrature() -> tuple[FloatArray, FloatArray]:
    at, weights = np.polynomial.legendre.leggauss(_NODES)
    return at, weights


def _per_message(levels: FloatArray, rate: float, rho: float) -> FloatArray:
    """E[1 / (1 + rho B)], B ~ Binomial(level - 1, rate), for each level.

    It is the integral of E[t^(rho B)] = (1 - rate (1 - t^rho))^(level - 1) over t from 0 to 1.
    """
    at, weights = _quadrature()
    # Dense towards 1, where all of it lies when levels are high.
    at, weights = 1.0 - ((1.0 - at) / 2.0) ** 3, weights * 1.5 * ((1.0 - at) / 2.0) ** 2
    kept = 1.0 - rate * (1.0 - at**rho)
    return np.asarray((kept[None, :] ** (levels[:, None] - 1.0)) @ weights, dtype=np.float64)


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
    alone = np.ones(numbers.size)
    return Votes(
        themes=(*votes.themes, *("" for _ in rows)),
        theme=np.concatenate([votes.theme, numbers]),
        row=np.concatenate([votes.row, *rows]),
        weight=np.concatenate([votes.weight, alone]),
        heads=np.concatenate([votes.heads, alone]),
        totals=np.concatenate([votes.totals, sizes.astype(np.float64)]),
        customers=np.concatenate([votes.customers, sizes.astype(np.float64)]),
        bucket=np.concatenate([votes.bucket, votes.bucket[like]]),
        exposure=votes.exposure,
    )
