from __future__ import annotations

import datetime as dt

import pytest

from nlp.spoken_dates import month_day, spoken_day, spoken_month


def test_days_and_months_as_people_say_them() -> None:
    assert spoken_day(dt.date(2026, 10, 6)) == "6 October 2026"
    assert month_day(dt.date(2026, 1, 31)) == "31 January"
    assert spoken_month("2026-10") == "October 2026"
    with pytest.raises(ValueError, match="is not a month"):
        spoken_month("2026-13")
