from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from scipy.stats import beta

from nlp.population import Population, build_population
from nlp.records import Assignment, Feedback, Statement
from nlp.theme_series import jeffreys, theme_series
from nlp.weeks import monday


def population() -> Population:
    said = [("a", "2026-W01", True), ("a", "2026-W01", True), ("b", "2026-W01", False)]
    said += [("a", "2026-W03", True), ("b", "2026-W03", True), ("c", "2026-W03", False)]
    messages = [
        Feedback(
            *(str(at), "desk", "ticket", "text"),
            created_at=dt.datetime.combine(monday(week), dt.time(9), tzinfo=dt.UTC),
            week=week,
            day=monday(week),
            customer_id=who,
        )
        for at, (who, week, _) in enumerate(said)
    ]
    statements = [Statement(item.key, 0, "text") for item in messages]
    placed = {
        item.id: Assignment(item.id, "T" if on else None, None, "leaf", 1.0, "exemplar")
        for item, (_, _, on) in zip(statements, said, strict=True)
    }
    return build_population(messages, statements, placed)


def test_customers_are_divided_by_all_who_wrote() -> None:
    first, second, third = theme_series(population(), "T", week="2026-W03")
    assert (first.customers, first.statements, first.exposure, first.messages) == (1, 2, 2, 3)
    assert first.rate == 0.5
    assert (second.week, second.exposure, second.rate, second.low) == ("2026-W02", 0, None, None)
    assert third.rate == pytest.approx(2 / 3, abs=1e-6)
    assert third.low is not None
    assert third.rate is not None
    assert third.high is not None
    assert third.low < third.rate < third.high


def test_weeks_are_cut_and_unknown_themes_are_zero() -> None:
    assert [one.week for one in theme_series(population(), "T", week="2026-W03", weeks=2)] == [
        *("2026-W02", "2026-W03")
    ]
    assert [one.customers for one in theme_series(population(), "X", week="2026-W04")] == [0] * 4


def test_the_interval_is_that_of_jeffreys() -> None:
    low, high = jeffreys(np.array([0.0, 3.0, 9.0]), np.array([9.0, 9.0, 9.0]), level=0.95)
    assert low.tolist() == pytest.approx(
        [0.0, beta.ppf(0.025, 3.5, 6.5), beta.ppf(0.025, 9.5, 0.5)]
    )
    assert high.tolist() == pytest.approx(
        [beta.ppf(0.975, 0.5, 9.5), beta.ppf(0.975, 3.5, 6.5), 1.0]
    )
