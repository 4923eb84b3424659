"""Weekly trends: is a theme new, rising, falling, or only as noisy as it always is?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlp.fdr import benjamini_hochberg
from nlp.population import IntArray, Population
from nlp.rates import FloatArray, dispersion, mid_p, shrunken_ratio
from nlp.records import Trend, TrendStatus
from nlp.weeks import shift, weeks_between

_NONE: Mapping[str, float] = {}
_BLOCKS, _BLOCK_WEEKS = 3, 4  # "three months": three blocks of four weeks


@dataclass(frozen=True, slots=True)
class TrendConfig:
    """Thresholds of the trend gate."""

    # Eight weeks: long enough to know a theme's rate, short enough to follow a drifting product.
    baseline_weeks: int = 8
    # Under three weeks the spread from week to week cannot be told from a trend.
    min_baseline_weeks: int = 3
    # A theme is judged when this week, or its baseline's expectation, has this many customers:
    # with fewer, no outcome could survive the correction for a hundred themes.
    min_customers: int = 5
    # Share of false calls among all calls that a reader is asked to bear.
    max_q: float = 0.05
    # A block of four weeks counts as active from three customers on: two may be one story retold.
    min_block_customers: int = 3
    # ... in at least two of its weeks: one bad week does not make a month.
    min_block_weeks: int = 2
    # A theme is called new for its first month: by then those who read weekly have met it.
    new_weeks: int = 4
    # A burst of alike statements counts for its theme only where the theme as a whole is up, too.
    burst_p: float = 0.05
    # Half an expected customer of belief in "no change": a theme from nothing gets a finite ratio.
    prior_customers: float = 0.5
    level: float = 0.95


@dataclass(frozen=True, slots=True)
class WeeklyCounts:
    """Distinct customers per week: of all feedback, and of each theme.

    `weeks` has no holes; total: shape (weeks,); themes: shape (themes, weeks).
    """

    weeks: tuple[str, ...]
    total: IntArray
    themes: IntArray


def weekly_counts(population: Population, *, themes: Sequence[str], week: str) -> WeeklyCounts:
    """Distinct customers a week, from the first week that has feedback to `week`."""
    first = min((name for name in population.week_names() if name <= week), default=week)
    weeks = weeks_between(first, week)
    column = week_columns(population, weeks)
    nobody = np.empty(0, dtype=np.int64)
    return WeeklyCounts(
        weeks=weeks,
        total=customers_a_week(population, np.arange(len(population)), column, len(weeks)),
        themes=np.array(
            [
                customers_a_week(
                    population, population.members.get(theme, nobody), column, len(weeks)
                )
                for theme in themes
            ],
            dtype=np.int64,
        ).reshape(len(themes), len(weeks)),
    )


def week_columns(population: Population, weeks: Sequence[str]) -> IntArray:
    """The place of each feedback's week among `weeks`, -1 for any other; shape (n,)."""
    return population.places_of(weeks)


def customers_a_week(
    population: Population, rows: IntArray, column: IntArray, weeks: int
) -> IntArray:
    """Distinct customers of some feedback in each week, shape (weeks,); see `week_columns`."""
    inside = rows[column[rows] >= 0]
    pairs = np.unique(population.customers[inside] * weeks + column[inside])
    return np.bincount(pairs % weeks, minlength=weeks)


def trends(
    population: Population,
    *,
    week: str,
    labels: Mapping[str, str],
    born: Mapping[str, str],
    cold_start_week: str,
    themes: Sequence[str],
    bursts: Mapping[str, float] = _NONE,
    config: TrendConfig = TrendConfig(),
) -> tuple[Trend, ...]:
    """The trend of each theme in `week`, sorted by theme id; one call is one family of tests.

    k1 distinct customers this week against k0 over the baseline weeks, with all customers who wrote
    (n1, n0) as exposure: given k1 + k0, k1 is binomial with share n1 / (n1 + n0) if the theme's
    rate has not moved. Both counts are divided by the theme's over-dispersion (`nlp.rates`), the
    test is two-sided mid-p, and Benjamini-Hochberg runs over all themes with k1 + k0 of at least
    `config.min_customers`. The test is conditional on k1 + k0, so that choice does not depend on
    its outcome; were it made by k1, rare themes would be tested only in the weeks in which they
    stand out. Give leaves and parents in two calls: a parent's test repeats its leaves'.

    Weeks up to the cold start are no baseline where three others are: then themes took their
    statements by another rule. Over-dispersion is learnt from themes that the baseline saw born.

    `new` is a theme that is up and was born in the last `config.new_weeks`, other than at the cold
    start; leave themes that people seeded out of `born`. `rank` orders new and rising themes by
    evidence: the least upper p-value first.

    Args:
        population: feedback up to `week`; later weeks are ignored.
        bursts: theme id -> p-value of a burst of alike statements in it (`nlp.causes.bursts`). It
            stands beside the theme's own test (twice the lesser of the two counts), where the
            theme's own p is `config.burst_p` at most.
        labels: theme id -> label; a theme without one is shown by its id.
        born: theme id -> week in which the theme was discovered.
        cold_start_week: the week in which the registry was first built; nothing is new then.

    Raises:
        ValueError: when `week` is not an ISO week.
    """
    names = tuple(sorted(set(themes)))
    counts = weekly_counts(population, themes=names, week=week)
    baseline = _baseline(counts, cold_start_week, config)
    now, before = counts.themes[:, -1].astype(float), counts.themes[:, baseline].astype(float)
    exposure_now = float(counts.total[-1])
    exposure = counts.total[baseline].astype(float)
    family, told = _tested(now, before, exposure_now, exposure, config)
    share = np.full(len(names), exposure_now / max(exposure_now + exposure.sum(), 1.0))
    start = counts.weeks[int(baseline[0])] if baseline.size else week
    spread = _dispersion(before, exposure, [born.get(name, "") <= start for name in names])
    a, b = now / spread, before.sum(axis=1) / spread
    upper, lower = mid_p(a, a + b, share)
    own = np.minimum(1.0, 2.0 * np.minimum(upper, lower))
    surest = _with_bursts(names, own, upper, bursts, config)
    q = np.ones(len(names))
    q[family] = benjamini_hochberg(surest[family])
    safe = np.clip(share, 1e-9, 1.0 - 1e-9)
    ratios = shrunken_ratio(a, b, safe, prior=config.prior_customers, level=config.level)
    status = [
        _status(
            fresh=cold_start_week < born.get(name, "")
            and shift(week, -config.new_weeks) < born[name],
            told=bool(told[i]),
            called=bool(q[i] <= config.max_q),
            up=bool(upper[i] < lower[i]),
        )
        for i, name in enumerate(names)
    ]
    ranks = _ranks(names, status, np.minimum(upper, surest / 2.0), ratios.low)
    months = _three_months(population, names, week, config)
    has_ratio = bool(exposure_now > 0 and exposure.sum() > 0)
    return tuple(
        Trend(
            week=week,
            theme_id=name,
            label=labels.get(name, name),
            status=status[i],
            statements=_statements(population, name, week),
            customers=int(now[i]),
            rate_ratio=float(ratios.ratio[i]) if has_ratio else None,
            ratio_low=float(ratios.low[i]) if has_ratio else None,
            ratio_high=float(ratios.high[i]) if has_ratio else None,
            q_value=float(q[i]) if told[i] else None,
            rank=ranks.get(name),
            three_months=months[i],
        )
        for i, name in enumerate(names)
    )


def _baseline(counts: WeeklyCounts, cold_start_week: str, config: TrendConfig) -> IntArray:
    last = len(counts.weeks) - 1
    weeks = np.arange(max(0, last - config.baseline_weeks), last, dtype=np.int64)
    later = weeks[np.array([counts.weeks[at] > cold_start_week for at in weeks], dtype=np.bool_)]
    return later if later.size >= config.min_baseline_weeks else weeks


def _with_bursts(
    names: Sequence[str],
    own: FloatArray,
    upper: FloatArray,
    bursts: Mapping[str, float],
    config: TrendConfig,
) -> FloatArray:
    """The themes' p-values, those with a burst in them combined with its (Bonferroni of two)."""
    burst = np.array([bursts.get(name, np.inf) for name in names], dtype=np.float64)
    counts = (upper <= config.burst_p) & (burst < own)
    return np.where(counts, np.minimum(1.0, 2.0 * burst), own)


def _tested(
    now: FloatArray,
    before: FloatArray,
    exposure_now: float,
    exposure: FloatArray,
    config: TrendConfig,
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which themes are tested, and of which of those the outcome is told; shape (themes,) each."""
    if exposure.size < config.min_baseline_weeks or exposure.sum() == 0 or exposure_now == 0:
        nothing = np.zeros(now.size, dtype=np.bool_)
        return nothing, nothing
    sums = before.sum(axis=1)
    family = np.asarray(now + sums >= config.min_customers, dtype=np.bool_)
    expected = sums * (exposure_now / exposure.sum())
    return family, family & (np.maximum(now, expected) >= config.min_customers)


def _dispersion(before: FloatArray, exposure: FloatArray, ripe: Sequence[bool]) -> FloatArray:
    if before.shape[1] < 2 or exposure.sum() == 0:
        return np.ones(before.shape[0])
    # About the mean, not from week to week: a level that drifts is part of how noisy a theme is.
    # Differences of successive weeks leave the drift out, and with 300 drifting themes (AR(1), 0.3)
    # twice as many weeks then have a false call.
    expected = before.sum(axis=1, keepdims=True) * (exposure / exposure.sum())[None, :]
    return dispersion(
        before, expected, free=before.shape[1] - 1, pooled_from=np.array(ripe, dtype=np.bool_)
    )


def _status(*, fresh: bool, told: bool, called: bool, up: bool) -> TrendStatus:
    if not told:
        return "not enough data"
    if not called:
        return "steady"
    if not up:
        return "falling"
    return "new" if fresh else "rising"


def _ranks(
    names: Sequence[str], status: Sequence[TrendStatus], upper: FloatArray, low: FloatArray
) -> dict[str, int]:
    shown = [i for i in range(len(names)) if status[i] in ("new", "rising")]
    shown.sort(key=lambda i: (float(upper[i]), -float(low[i]), names[i]))
    return {names[i]: place for place, i in enumerate(shown, start=1)}


def _three_months(
    population: Population, names: Sequence[str], week: str, config: TrendConfig
) -> list[bool]:
    weeks = np.array(population.weeks, dtype=np.str_)
    ends = [shift(week, -_BLOCK_WEEKS * n) for n in range(_BLOCKS + 1)]

    def active(rows: IntArray) -> bool:
        return (
            population.distinct_customers(rows) >= config.min_block_customers
            and len({population.weeks[int(row)] for row in rows}) >= config.min_block_weeks
        )

    found = []
    for name in names:
        rows = population.members.get(name, np.empty(0, dtype=np.int64))
        at = weeks[rows]
        found.append(
            all(active(rows[(at > ends[n + 1]) & (at <= ends[n])]) for n in range(_BLOCKS))
        )
    return found


def _statements(population: Population, theme: str, week: str) -> int:
    rows = population.members.get(theme, np.empty(0, dtype=np.int64))
    mine = [int(row) for row in rows if population.weeks[int(row)] == week]
    return len(population.evidence(theme, mine))
