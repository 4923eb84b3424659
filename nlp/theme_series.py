"""A theme week by week: counts, and its rate among all customers who wrote, with an interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv

from nlp.population import Population
from nlp.rates import FloatArray
from nlp.weeks import shift, weeks_between

_LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class WeekRate:
    """One week of a theme.

    customers, statements: of the theme. exposure, messages: customers and messages of all feedback.
    rate: customers / exposure, 0..1, with its 95% interval; None in a week without feedback.
    """

    week: str
    customers: int
    statements: int
    exposure: int
    messages: int
    rate: float | None
    low: float | None
    high: float | None


def theme_series(
    population: Population, theme_id: str, *, week: str, weeks: int | None = None
) -> tuple[WeekRate, ...]:
    """The weeks up to `week`, from the first one that has feedback on, without holes.

    The rate corrects for busy and calm weeks: it divides by all customers who wrote. Its interval
    is Jeffreys' (binomial; Brown, Cai & DasGupta 2001): it tells the chance in the counts, not how
    far a theme wanders from week to week, which the trend's own test allows for.

    Args:
        weeks: at most so many, the latest; None is all.
    """
    first = min((name for name in population.week_names() if name <= week), default=week)
    if weeks is not None:
        first = max(first, shift(week, 1 - weeks))
    names = weeks_between(first, week)
    customers, said = population.said_weekly(theme_id, names)
    exposure, messages = population.weekly(names)
    low, high = jeffreys(customers.astype(np.float64), exposure.astype(np.float64), level=_LEVEL)
    return tuple(
        WeekRate(
            week=name,
            customers=int(customers[at]),
            statements=int(said[at]),
            exposure=int(exposure[at]),
            messages=int(messages[at]),
            rate=round(int(customers[at]) / int(exposure[at]), 6) if exposure[at] else None,
            low=round(float(low[at]), 6) if exposure[at] else None,
            high=round(float(high[at]), 6) if exposure[at] else None,
        )
        for at, name in enumerate(names)
    )


def jeffreys(
    count: FloatArray, total: FloatArray, *, level: float
) -> tuple[FloatArray, FloatArray]:
    """Jeffreys' interval of count / total: quantiles of Beta(count + 1/2, total - count + 1/2).

    From 0 where the count is 0, to 1 where it is all; shape as the counts'.
    """
    tail = (1.0 - level) / 2.0
    a, b = count + 0.5, total - count + 0.5
    low = np.where(count > 0, betaincinv(a, b, tail), 0.0)
    high = np.where(count < total, betaincinv(a, b, 1.0 - tail), 1.0)
    return np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)
