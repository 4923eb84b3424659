from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.months import last_whole_month, month_before, month_bounds, month_of, weeks_of
from nlp.weeks import week_of


@pytest.mark.parametrize(
    ("week", "month"),
    [
        ("2026-W40", "2026-10"),  # Thursday 1 October
        ("2026-W44", "2026-10"),  # Thursday 29 October
        ("2026-W45", "2026-11"),
        ("2026-W53", "2026-12"),  # Thursday 31 December, Sunday 3 January
        ("2027-W01", "2027-01"),
        ("2025-W01", "2025-01"),  # its Monday is 30 December
    ],
)
def test_a_week_belongs_to_the_month_of_its_thursday(week: str, month: str) -> None:
    assert month_of(week) == month
    assert week in weeks_of(month)


@given(st.dates(dt.date(1990, 1, 1), dt.date(2090, 12, 31)))
def test_every_week_is_in_one_month(day: dt.date) -> None:
    week = week_of(day)
    month = month_of(week)
    weeks = weeks_of(month)
    assert week in weeks
    assert len(weeks) in (4, 5)
    assert not set(weeks) & set(weeks_of(month_before(month)))
    assert month_before(month) < month


def test_bounds_of_a_month() -> None:
    assert month_bounds("2028-02") == (dt.date(2028, 2, 1), dt.date(2028, 2, 29))


@pytest.mark.parametrize("text", ["2026-13", "2026-00", "2026-1", "2026", "", "0000-01", "x"])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write it as 2026-10"):
        weeks_of(text)


@pytest.mark.parametrize(
    ("published", "month"),
    [
        ([], None),
        (["2026-W43"], None),
        (["2026-W44"], "2026-10"),
        (["2026-W40", "2026-W45"], "2026-10"),
        (["2026-W45"], None),  # none of October's was published
        (["2026-W39", "2026-W43"], "2026-09"),
    ],
)
def test_a_month_is_whole_when_its_last_week_is_over(
    published: list[str], month: str | None
) -> None:
    assert last_whole_month(published) == month
