"""Days and months as people say them, the same on every machine, whatever its locale."""

from __future__ import annotations

import datetime as dt

from nlp.months import month_bounds

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def spoken_day(day: dt.date) -> str:
    """A day as "6 October 2026"."""
    return f"{month_day(day)} {day.year}"


def month_day(day: dt.date) -> str:
    """A day of a year that is known as "6 October"."""
    return f"{day.day} {_MONTHS[day.month - 1]}"


def spoken_month(month: str) -> str:
    """A month written as "2026-10" as "October 2026".

    Raises:
        ValueError: when it is not a month written so.
    """
    first, _ = month_bounds(month)
    return f"{_MONTHS[first.month - 1]} {first.year}"
