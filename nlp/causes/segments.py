"""The segments that concentrate a theme, of all that were tried: exact mid-p tests, one FDR.

A real segment casts shadows: its parents and children are over-represented, too. Counting those as
discoveries would loosen a plain Benjamini-Hochberg until noise slips through beside them. So the
unit of discovery is the theme: its p-value is the least one among its segments, corrected for all
of them; Benjamini-Hochberg runs over the themes; and inside the themes found, segments are held to
the level max_q * (themes found / themes tested) (Benjamini & Bogomolov 2014, selective families).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from nlp.causes.attributes import BinConfig, Column
from nlp.causes.cells import Cells, Votes, iterate_cells
from nlp.causes.lift import LiftPrior, fit_prior
from nlp.fdr import benjamini_hochberg
from nlp.population import IntArray
from nlp.rates import FloatArray, mid_p


@dataclass(frozen=True, slots=True)
class WhereConfig:
    """Thresholds of the search for segments."""

    # Deeper combinations hold too few customers to be told from chance.
    max_depth: int = 3
    # The error budget (max_q) is dealt out over the depths, so that the thousands of triples do
    # not drown the few single attributes; it is still one budget for all that is tried.
    depth_shares: tuple[float, ...] = (0.6, 0.25, 0.15)
    # A segment is tried when this many customers are expected in it; decided from the margins
    # alone, never from what was found, so that the count of tests stays honest.
    least_expected: tuple[float, ...] = (0.5, 1.0, 2.0)
    # Distinct customers a cause must show: below five, a lift is an anecdote.
    min_customers: int = 5
    # Bound on the expected share of false causes among those reported. The correction inside a
    # theme takes its overlapping segments for independent ones, and lifts are shrunken before they
    # are reported, so that the share measured is far below (README.md).
    max_q: float = 0.10
    # A lift under 1.3 would not change what anybody does.
    min_lift: float = 1.3
    # A child stands only where its excess inside each of its parents is this unlikely by chance.
    parent_p: float = 0.01
    # After five segments a theme is better described by its statements.
    max_causes: int = 5
    # Candidates per theme that enter the selection: the strongest; the rest are their shadows.
    max_candidates: int = 60
    level: float = 0.95
    bins: BinConfig = field(default_factory=BinConfig)


Segment = tuple[tuple[int, int], ...]  # (column number, value code) pairs, by column number


@dataclass(frozen=True, slots=True)
class Candidate:
    """A segment that survived the false discovery rate for one theme.

    votes: the theme's customers in it; share: its share of the exposure; q: false discovery rate
    at which it is reported; penalty: log of what the theme's tests of this depth cost (the number
    tried over the depth's part of the budget); limit: greatest corrected p inside this theme.
    """

    theme: int
    segment: Segment
    votes: float
    share: float
    q: float
    penalty: float
    limit: float


@dataclass(frozen=True, slots=True)
class Found:
    """All survivors, and the prior that shrinks their lifts."""

    candidates: tuple[Candidate, ...]
    prior: LiftPrior


@dataclass(slots=True)
class _Tests:
    """The promising tests so far, and how many were tried: grows combination by combination."""

    tried: IntArray  # shape (depths, themes)
    segments: list[Segment] = field(default_factory=list)
    theme: list[IntArray] = field(default_factory=list)
    votes: list[FloatArray] = field(default_factory=list)
    shares: list[FloatArray] = field(default_factory=list)
    p: list[FloatArray] = field(default_factory=list)


def search_segments(votes: Votes, columns: Sequence[Column], *, config: WhereConfig) -> Found:
    """Try every combination for every theme; keep what survives the false discovery rate."""
    depths = min(config.max_depth, len(columns))
    tests = _Tests(tried=np.zeros((depths, len(votes.themes)), dtype=np.int64))
    sample: list[tuple[FloatArray, FloatArray, FloatArray]] = []
    for depth in range(1, depths + 1):
        least = config.least_expected[depth - 1]
        for cells in iterate_cells(votes, columns, depth=depth, least_expected=least):
            tested = _test(votes, cells, least, tests, config)
            if depth == 1:
                sample.append(tested)
    if not sample:
        nothing = np.empty(0)
        return Found(candidates=(), prior=fit_prior(nothing, nothing, nothing))
    prior = fit_prior(*(np.concatenate(parts) for parts in zip(*sample, strict=True)))
    return Found(candidates=_survivors(tests, config), prior=prior)


def _test(
    votes: Votes, cells: Cells, least: float, tests: _Tests, config: WhereConfig
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Test one combination's cells for all themes; returns (votes, totals, shares) of all tests."""
    shares = cells.shares[votes.bucket]
    expected = shares * votes.totals[:, None]
    tested = expected >= least
    tests.tried[len(cells.columns) - 1] += tested.sum(axis=1)
    # What shows no such excess cannot become a cause; it is only counted among the tests.
    worth = tested & (cells.votes >= config.min_customers - 1e-9)
    worth &= cells.votes >= config.min_lift * expected
    theme, cell = np.nonzero(worth)
    p, _ = mid_p(cells.votes[worth], votes.totals[theme], shares[worth])
    small = p <= config.max_q
    theme, cell, p = theme[small], cell[small], p[small]
    tests.segments.extend(
        tuple(zip(cells.columns, codes, strict=True)) for codes in cells.codes[cell].tolist()
    )
    tests.theme.append(theme)
    tests.votes.append(cells.votes[theme, cell])
    tests.shares.append(shares[theme, cell])
    tests.p.append(p)
    totals = np.broadcast_to(votes.totals[:, None], shares.shape)
    return cells.votes[tested], totals[tested], shares[tested]


def _survivors(tests: _Tests, config: WhereConfig) -> tuple[Candidate, ...]:
    theme, p = np.concatenate(tests.theme), np.concatenate(tests.p)
    count, share = np.concatenate(tests.votes), np.concatenate(tests.shares)
    depths, themes = tests.tried.shape
    depth = np.array([len(segment) - 1 for segment in tests.segments], dtype=np.int64)
    budget = np.array(config.depth_shares[:depths]) / sum(config.depth_shares[:depths])
    cost = tests.tried[depth, theme] / budget[depth]
    corrected = np.minimum(1.0, p * cost)
    least = np.ones(themes)
    np.minimum.at(least, theme, corrected)
    asked = tests.tried.sum(axis=0) > 0
    q = np.ones(themes)
    q[asked] = benjamini_hochberg(least[asked])
    found = q <= config.max_q
    if not found.any():
        return ()
    part = float(found.sum() / asked.sum())
    limit = config.max_q * part
    return tuple(
        Candidate(
            theme=int(theme[i]),
            segment=tests.segments[i],
            votes=float(count[i]),
            share=float(share[i]),
            q=max(float(q[theme[i]]), min(1.0, float(corrected[i]) / part)),
            penalty=float(np.log(cost[i])),
            limit=limit,
        )
        for i in np.flatnonzero(found[theme] & (corrected <= limit)).tolist()
    )
