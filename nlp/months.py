"""Months of ISO weeks, as text ("2026-10"): a week belongs to the month of its Thursday."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Collection

from nlp.weeks import monday, shift, week_of, weeks_between

_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")


def month_of(week: str) -> str:
    """The month in which most of a week's days lie: that of its Thursday (as ISO 8601 does years).

    Raises:
        ValueError: when it is not an ISO week.
    """
    thursday = monday(week) + dt.timedelta(days=3)
    return f"{thursday.year:04d}-{thursday.month:02d}"


def weeks_of(month: str) -> tuple[str, ...]:
    """The four or five weeks whose Thursday lies in a month, the first first.

    Raises:
        ValueError: when it is not a month written as "2026-10".
    """
    first, last = month_bounds(month)
    around = weeks_between(week_of(first), week_of(last))
    return tuple(week for week in around if month_of(week) == month)


def month_bounds(month: str) -> tuple[dt.date, dt.date]:
    """The first and the last day of a month.

    Raises:
        ValueError: when it is not a month written as "2026-10".
    """
    found = _MONTH.fullmatch(month)
    if found is None or found[1] == "0000":
        raise ValueError(f"{month!r} is not a month; write it as 2026-10")
    year, number = int(found[1]), int(found[2])
    return dt.date(year, number, 1), dt.date(year, number, calendar.monthrange(year, number)[1])


def month_before(month: str) -> str:
    """The month before."""
    return month_of(shift(weeks_of(month)[0], -1))


def last_whole_month(published: Collection[str]) -> str | None:
    """The last month whose last week is not after the last published one; it has a published week.

    None before any month came to its end.
    """
    months = sorted({month_of(week) for week in published})
    newest = max(published, default="")
    whole = [month for month in months if weeks_of(month)[-1] <= newest]
    return whole[-1] if whole else None
