"""ISO weeks as text ("2026-W47"): their order as strings is their order in time."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache

_WEEK = re.compile(r"([0-9]{4})-W([0-9]{2})")


def week_of(day: dt.date) -> str:
    """The ISO week of a date, "YYYY-Www"."""
    year, week, _ = day.isocalendar()
    return f"{year:04d}-W{week:02d}"


@lru_cache(maxsize=4096)
def monday(week: str) -> dt.date:
    """The first day of an ISO week.

    Raises:
        ValueError: when `week` is not an existing ISO week written as "2026-W47".
    """
    found = _WEEK.fullmatch(week)
    if found is None:
        raise ValueError(f"{week!r} is not an ISO week; write it as 2026-W47")
    try:
        return dt.date.fromisocalendar(int(found[1]), int(found[2]), 1)
    except ValueError as error:
        raise ValueError(f"{week!r} is not a week of {found[1]}") from error


def sunday(week: str) -> dt.date:
    """The last day of a week.

    Raises:
        ValueError: when it is not an ISO week.
    """
    return monday(week) + dt.timedelta(days=6)


@lru_cache(maxsize=4096)
def shift(week: str, by: int) -> str:
    """The week `by` weeks later (earlier when negative)."""
    return week_of(monday(week) + dt.timedelta(weeks=by))


@lru_cache(maxsize=256)
def weeks_between(first: str, last: str) -> tuple[str, ...]:
    """All weeks from `first` to `last`, both included; empty when `last` is earlier."""
    start, end = monday(first), monday(last)
    return tuple(week_of(start + dt.timedelta(weeks=n)) for n in range((end - start).days // 7 + 1))
