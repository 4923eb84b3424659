"""The segments that concentrate a theme, of all that were tried: exact mid-p tests, one FDR.

A real segment casts shadows: its parents and children are over-represented, too. Counting those as
discoveries would loosen a plain Benjamini-Hochberg until noise slips through beside them. So the
unit of discovery is the theme: its p-value is the least one among its segments, corrected for all
of them; Benjamini-Hochberg runs over the themes; and inside the themes found, segments are held to
the level max_q * (themes found / themes tested) (Benjamini & Bogomolov 2014, selective families).

The correction inside a theme is a weighted Bonferroni (Genovese, Roeder & Wasserman 2006): large
cells, which can show something, bear less of it than small ones. Since cells overlap with their
parents and children, it is multiplied by the part of the tests that counts, measured on themes of
noise (`_effective`; in the spirit of Westfall & Young 1993).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from nlp.causes.attributes import BinConfig, Column
from nlp.causes.cells import Cells, iterate_cells
from nlp.causes.lift import LiftPrior, fit_prior
from nlp.causes.votes import Votes, with_noise
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
    depth_shares: tuple[float, ...] = (0.4, 0.3, 0.3)
    # A segment is tried when this many customers are expected in it; decided from the margins
    # alone, never from what was found, so that the count of tests stays honest.
    least_expected: tuple[float, ...] = (0.5, 1.0, 2.0)
    # Distinct customers a cause must show: below five, a lift is an anecdote.
    min_customers: int = 5
    # Tests are weighted by what they could show: by the variance of the customers expected, up to
    # thirty, from where on every lift worth telling shows anyway. From the margins alone, too.
    most_weight: float = 30.0
    # Themes of noise on which is measured how far the tests overlap: three hundred tell the part
    # of them that counts to within a seventh; and no more votes than a large run's own.
    noise_themes: int = 300
    noise_mentions: int = 300_000
    # ... by how often their least corrected p is under this: far enough into the tail to be
    # about rare things, not so far that too few of the noise themes get there.
    effective_at: float = 0.2
    # Bound on the expected share of false causes among those reported. At 0.10 every tenth world
    # of noise showed one, which is what is promised at most; 0.06 leaves room for what a binomial
    # does not know, and cost one planted segment in a hundred (README.md).
    max_q: float = 0.06
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


def named(columns: Sequence[Column], segment: Segment) -> tuple[tuple[str, str], ...]:
    """A segment as sorted (attribute, value) pairs."""
    return tuple(sorted((columns[at].name, columns[at].values[code]) for at, code in segment))


def segment_named(
    columns: Sequence[Column], conditions: Sequence[tuple[str, str]]
) -> Segment | None:
    """The segment of (attribute, value) pairs; None when a column or value is not there."""
    place = {column.name: at for at, column in enumerate(columns)}
    found: list[tuple[int, int]] = []
    for name, value in conditions:
        if name not in place or value not in columns[place[name]].values:
            return None
        found.append((place[name], columns[place[name]].values.index(value)))
    return tuple(sorted(found))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A segment that survived the false discovery rate for one theme.

    votes: the theme's votes in it; share: its share of the exposure; q: false discovery rate at
    which it is reported; limit: greatest corrected p inside this theme; penalty: log of what the
    test cost (the weights tried at its depth over its own and the depth's part of the budget,
    times the part that counts).
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

    tried: FloatArray  # sums of the tests' weights, shape (depths, themes)
    columns: list[tuple[int, ...]] = field(default_factory=list)  # of each combination
    codes: list[IntArray] = field(default_factory=list)  # of each promising test
    theme: list[IntArray] = field(default_factory=list)
    votes: list[FloatArray] = field(default_factory=list)
    shares: list[FloatArray] = field(default_factory=list)
    p: list[FloatArray] = field(default_factory=list)
    weights: list[FloatArray] = field(default_factory=list)


def search_segments(
    votes: Votes, columns: Sequence[Column], *, config: WhereConfig, hidden: Sequence[Column] = ()
) -> Found:
    """Try every combination for every theme; keep what survives the false discovery rate.

    Args:
        hidden: columns not to be told, nor what is missing elsewhere because of them.
    """
    depths = min(config.max_depth, len(columns))
    real = len(votes.themes)
    everything = with_noise(votes, noise=config.noise_themes, mentions=config.noise_mentions)
    tests = _Tests(tried=np.zeros((depths, len(everything.themes))))
    sample: list[tuple[FloatArray, FloatArray, FloatArray]] = []
    least = config.least_expected
    for cells in iterate_cells(
        everything, columns, depths=depths, least_expected=least, hidden=hidden
    ):
        _test(everything, cells, tests, config=config)
        if len(cells.columns) == 1:
            shares = cells.shares[votes.bucket]
            mine = shares * votes.totals[:, None] >= least[0]
            totals = np.broadcast_to(votes.totals[:, None], mine.shape)
            sample.append((cells.votes[:real][mine], totals[mine], shares[mine]))
    if not sample:
        nothing = np.empty(0)
        return Found(candidates=(), prior=fit_prior(nothing, nothing, nothing))
    prior = fit_prior(*(np.concatenate(parts) for parts in zip(*sample, strict=True)))
    return Found(candidates=_survivors(tests, real, config), prior=prior)


def _test(votes: Votes, cells: Cells, tests: _Tests, *, config: WhereConfig) -> None:
    """Test one combination's cells for all themes."""
    depth = len(cells.columns) - 1
    shares = cells.shares[votes.bucket]
    expected = shares * votes.totals[:, None]
    tested = expected >= config.least_expected[depth]
    weights = np.minimum(expected * (1.0 - shares), config.most_weight)
    tests.tried[depth] += np.where(tested, weights, 0.0).sum(axis=1)
    # What shows no such excess cannot become a cause; it is only counted among the tests.
    worth = tested & (cells.heads >= config.min_customers - 1e-9)
    worth &= cells.votes >= config.min_lift * expected
    theme, cell = np.nonzero(worth)
    p, _ = mid_p(cells.votes[worth], votes.totals[theme], shares[worth])
    small = p <= config.max_q
    theme, cell, p = theme[small], cell[small], p[small]
    tests.columns.append(cells.columns)
    tests.codes.append(cells.codes[cell])
    tests.theme.append(theme)
    tests.votes.append(cells.votes[theme, cell])
    tests.shares.append(shares[theme, cell])
    tests.weights.append(weights[theme, cell])
    tests.p.append(p)


def _survivors(tests: _Tests, real: int, config: WhereConfig) -> tuple[Candidate, ...]:
    theme, p = np.concatenate(tests.theme), np.concatenate(tests.p)
    count, share = np.concatenate(tests.votes), np.concatenate(tests.shares)
    depths, themes = tests.tried.shape
    sizes = [part.size for part in tests.theme]
    depth = np.repeat([len(chosen) - 1 for chosen in tests.columns], sizes)
    budget = np.array(config.depth_shares[:depths]) / sum(config.depth_shares[:depths])
    cost = tests.tried[depth, theme] / budget[depth] / np.concatenate(tests.weights)
    least = np.ones(themes)
    np.minimum.at(least, theme, np.minimum(1.0, p * cost))
    cost *= _effective(least[real:], config)
    corrected = np.minimum(1.0, p * cost)
    least = np.ones(real)
    mine = theme < real
    np.minimum.at(least, theme[mine], corrected[mine])
    asked = tests.tried[:, :real].sum(axis=0) > 0
    q = np.ones(themes)
    q[np.flatnonzero(asked)] = benjamini_hochberg(least[asked])
    found = q <= config.max_q
    if not found.any():
        return ()
    part = float(found.sum() / asked.sum())
    limit = config.max_q * part
    combination = np.repeat(np.arange(len(sizes)), sizes)
    first = np.concatenate([[0], np.cumsum(sizes)])

    def segment_of(i: int) -> Segment:
        at = int(combination[i])
        codes = tests.codes[at][i - int(first[at])].tolist()
        return tuple(zip(tests.columns[at], codes, strict=True))

    return tuple(
        Candidate(
            theme=int(theme[i]),
            segment=segment_of(i),
            votes=float(count[i]),
            share=float(share[i]),
            q=max(float(q[theme[i]]), min(1.0, float(corrected[i]) / part)),
            penalty=float(np.log(cost[i])),
            limit=limit,
        )
        for i in np.flatnonzero(found[theme] & (corrected <= limit)).tolist()
    )


def _effective(least: FloatArray, config: WhereConfig) -> float:
    """Which part of the tests counts, as they overlap: measured on themes of noise, at most 1.

    Were the tests independent, the least corrected p of a theme would lie under x for a part of x
    of all themes; they overlap, so it does for a smaller one.
    """
    if least.size == 0:
        return 1.0
    x = config.effective_at
    return min(1.0, (1.0 + float((least <= x).sum())) / (x * least.size))
