"""Daily series of distinct customers, what is expected of each day, and how far days scatter."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nlp.causes.scan import Best
from nlp.population import IntArray, Population
from nlp.rates import FloatArray, dispersion


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
    weekly = dispersion(counts @ by_week, fitted @ by_week, free=by_week.shape[1] - 3)
    daily = np.ones(counts.shape[0])
    dense = counts.sum(axis=1) >= counts.shape[1]
    if dense.any():
        daily[dense] = dispersion(counts[dense], fitted[dense], free=counts.shape[1] - 3)
    return np.maximum(weekly, daily)
