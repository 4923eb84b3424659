"""Daily series of distinct customers, what is expected of each day, and how far days scatter."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2

from nlp.causes.scan import Best
from nlp.population import IntArray, Population
from nlp.rates import FloatArray

# Themes of one stream scatter alike, and a dozen weeks of one say less than the median of all: with
# ten degrees of freedom the widest of seventy themes of pure noise was taken for 1.8.
_PRIOR_FREE = 30.0
_FEWEST = 10.0  # customers: themes with fewer take no part in what all have in common
_MOST_COMMON, _BISECTIONS = 25.0, 40  # squared variation coefficient; no stream drifts so much


@dataclass(frozen=True, slots=True)
class Daily:
    """Distinct customers a day from `start` on: of each theme (themes, days), of all (days,)."""

    start: dt.date
    themes: FloatArray
    total: FloatArray


def daily_series(population: Population, *, themes: Sequence[str], until: dt.date) -> Daily:
    """Count from the first day of all feedback to `until`; themes must have members."""
    last = until.toordinal()
    seen = population.days[population.days <= last]
    start = int(seen.min()) if seen.size else last
    days = last - start + 1

    def count(rows: IntArray) -> FloatArray:
        inside = rows[population.days[rows] <= last]
        at = population.days[inside] - start
        pairs = np.unique(population.customers[inside] * days + at)
        return np.bincount(pairs % days, minlength=days).astype(np.float64)

    counts = [count(population.members[name]) for name in themes]
    return Daily(
        start=dt.date.fromordinal(start),
        themes=np.array(counts, dtype=np.float64).reshape(-1, days),
        total=count(np.arange(len(population), dtype=np.int64)),
    )


def expected_shares(series: Daily, *, prior: float, least_days: int) -> FloatArray:
    """Part of each theme expected on each day, shape (themes, days), rows summing to 1.

    Volume of the day times the theme's weekday factor (seen + prior) / (usual + prior), where
    seen and usual are customers on that weekday; no factor under `least_days` days.
    """
    total = series.total / max(float(series.total.sum()), 1.0)
    shares = np.repeat(total[None, :], series.themes.shape[0], axis=0)
    if total.size < least_days:
        return shares
    weekday = (np.arange(total.size) + series.start.weekday()) % 7
    indicator = np.equal(weekday[:, None], np.arange(7)).astype(np.float64)
    seen = series.themes @ indicator
    usual = series.themes.sum(axis=1, keepdims=True) * (total @ indicator)
    shares = shares * ((seen + prior) / (usual + prior))[:, weekday]
    return np.asarray(shares / shares.sum(axis=1, keepdims=True), dtype=np.float64)


def excess(
    series: Daily,
    shares: FloatArray,
    best: Sequence[Best],
    spread: FloatArray,
    *,
    surely: float,
) -> FloatArray:
    """Customers a day that sure onsets brought beyond the theme's usual rate, shape (days,).

    A theme that bursts swells all feedback, so that every other one seems to fall for as long. At
    most half of a day's customers are taken for excess: some wrote of something else, too.

    Args:
        best: each theme's window with its log likelihood ratio.
        surely: of those that exceed this, divided by the over-dispersion.
    """
    found = np.zeros(series.total.size)
    for counts, share, window, wide in zip(series.themes, shares, best, spread, strict=True):
        if window.score < surely * wide:
            continue
        inside = slice(window.first, window.last + 1)
        part, within = float(share[inside].sum()), float(counts[inside].sum())
        usual = (float(counts.sum()) - within) * part / max(1.0 - part, 1e-9)
        found[inside] += max(0.0, within - usual) * share[inside] / max(part, 1e-9)
    return np.asarray(np.minimum(found, 0.5 * series.total), dtype=np.float64)


def spreads(counts: FloatArray, shares: FloatArray, best: Sequence[Best]) -> FloatArray:
    """Over-dispersion per theme beside its best window's own level, shape (themes,), at least 1.

    The wider of the spread of weeks (which holds the drift that days hide) and, for themes with a
    customer a day or more, the spread of days.
    """
    fitted = np.zeros_like(counts)
    for row, window in enumerate(best):
        inside = np.zeros(counts.shape[1], dtype=np.bool_)
        inside[window.first : window.last + 1] = True
        for part in (inside, ~inside):
            weight = shares[row, part]
            level = counts[row, part].sum() / max(float(weight.sum()), 1e-12)
            fitted[row, part] = weight * level
    week = np.arange(counts.shape[1]) // 7
    by_week = np.equal(week[:, None], np.unique(week)).astype(np.float64)
    weekly = _spread(counts @ by_week, fitted @ by_week)
    daily = np.ones(counts.shape[0])
    dense = counts.sum(axis=1) >= counts.shape[1]
    if dense.any():
        daily[dense] = _spread(counts[dense], fitted[dense])
    return np.maximum(weekly, daily)


def _spread(counts: FloatArray, fitted: FloatArray) -> FloatArray:
    """Over-dispersion per theme, shape (themes,): Pearson's, squeezed to what all have in common.

    What drifts by the same part of its rate scatters the more beyond Poisson the larger it is: in
    common is the squared coefficient of variation v of the rates, at which the median of
    X2 / (1 + v m) is that of noise, m being a theme's mean count (the common dispersion of negative
    binomial counts: Robinson & Smyth 2008). Small themes know little of v: the median weighs each
    theme by the root of m.
    """
    free = counts.shape[1] - 3
    if free < 1 or counts.size == 0:
        return np.ones(counts.shape[0])
    safe = np.where(fitted > 0, fitted, 1.0)
    pearson = np.where(fitted > 0, (counts - fitted) ** 2 / safe, 0.0).sum(axis=1)
    mean = counts.mean(axis=1)
    told = counts.sum(axis=1) >= _FEWEST
    weight = np.sqrt(mean[told])
    # One standard error more: the median of five themes of noise must not pass for drift.
    error = 1.25 * np.sqrt(2.0 / free / max(1, int(told.sum())))
    low, high, usual = 0.0, _MOST_COMMON, float(chi2.ppf(0.5, free)) * (1.0 + float(error))
    for _ in range(_BISECTIONS if told.any() else 0):
        middle = 0.5 * (low + high)
        above = pearson[told] > usual * (1.0 + middle * mean[told])
        if float(weight[above].sum()) > 0.5 * float(weight.sum()):
            low = middle
        else:
            high = middle
    common = 1.0 + low * mean
    squeezed = (_PRIOR_FREE * common + pearson) / (_PRIOR_FREE + free)
    return np.asarray(np.maximum(1.0, squeezed), dtype=np.float64)
