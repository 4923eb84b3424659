from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.weeks import monday, shift, sunday, week_of, weeks_between

days = st.dates(dt.date(1000, 1, 8), dt.date(9990, 1, 1))


@given(days)
def test_a_day_lies_in_its_week(day: dt.date) -> None:
    assert 0 <= (day - monday(week_of(day))).days < 7


@given(days, days)
def test_weeks_sort_as_text_in_the_order_of_time(left: dt.date, right: dt.date) -> None:
    assert (monday(week_of(left)) < monday(week_of(right))) == (week_of(left) < week_of(right))


@given(st.dates(dt.date(1990, 1, 1), dt.date(2050, 1, 1)), st.integers(-60, 60))
def test_shifting_there_and_back(day: dt.date, by: int) -> None:
    week = week_of(day)
    assert shift(shift(week, by), -by) == week
    span = weeks_between(min(week, shift(week, by)), max(week, shift(week, by)))
    assert len(span) == abs(by) + 1
    assert list(span) == sorted(set(span))


@pytest.mark.parametrize(
    ("day", "week"),
    [
        (dt.date(2026, 11, 22), "2026-W47"),
        (dt.date(2025, 12, 29), "2026-W01"),  # the ISO year begins before January does
        (dt.date(2027, 1, 3), "2026-W53"),
    ],
)
def test_iso_years(day: dt.date, week: str) -> None:
    assert week_of(day) == week


def test_no_weeks_backwards() -> None:
    assert weeks_between("2026-W05", "2026-W04") == ()
    assert weeks_between("2026-W52", "2027-W01") == ("2026-W52", "2026-W53", "2027-W01")


@pytest.mark.parametrize(
    "text", ["2026-47", "2026-W7", "26-W07", "2026-W07 ", "2026-W07\n", "", "2026W07"]
)
def test_what_is_no_week_says_how_to_write_one(text: str) -> None:
    with pytest.raises(ValueError, match="write it as 2026-W47"):
        monday(text)


@pytest.mark.parametrize("text", ["2026-W54", "2026-W00", "2025-W53"])
def test_weeks_that_do_not_exist(text: str) -> None:
    with pytest.raises(ValueError, match=f"{text}.*is not a week of {text[:4]}"):
        monday(text)


def test_the_last_day_of_a_week_is_its_sunday() -> None:
    assert sunday("2026-W53") == dt.date(2027, 1, 3)
    assert sunday("2026-W01") == dt.date(2026, 1, 4)
