from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.dates import parse_time

UTC = ZoneInfo("UTC")
BERLIN = ZoneInfo("Europe/Berlin")
WHEN = dt.datetime(2026, 11, 16, 10, 22, 33, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    "value",
    [
        "2026-11-16T10:22:33Z",
        "2026-11-16 10:22:33",
        "2026-11-16 10:22:33 UTC",
        "2026-11-16 11:22:33 +01:00",
        "2026-11-16T11:22:33+0100",
        "20261116T102233",
        "Mon, 16 Nov 2026 10:22:33 +0000",
        1794824553,
        1794824553.0,
        "1794824553",
        1794824553000,
        "1794824553000",
        WHEN,
        WHEN.replace(tzinfo=None),
    ],
)
def test_all_readable_formats_give_the_same_time(value: object) -> None:
    assert parse_time(value, zone=UTC) == WHEN


def test_naive_times_and_dates_are_in_the_zone() -> None:
    assert parse_time("2026-11-16 11:22:33", zone=BERLIN) == WHEN
    midnight = dt.datetime(2026, 11, 15, 23, tzinfo=dt.UTC)
    assert parse_time("2026-11-16", zone=BERLIN) == midnight
    assert parse_time(dt.date(2026, 11, 16), zone=BERLIN) == midnight
    assert parse_time("2026-11-16 9:05", zone=UTC).hour == 9


def test_a_time_that_comes_twice_is_the_earlier_one() -> None:
    assert parse_time("2026-10-25 02:30", zone=BERLIN).hour == 0


@pytest.mark.parametrize(
    "value",
    [
        *("03/04/2026", "16.11.2026", "yesterday", "2026-13-01", "2026-02-30", "12:00", "2026", ""),
        *(
            "1989-12-31",
            "2100-01-01",
            "0206-11-16",
            123,
            99999999999999999,
            True,
            None,
            [],
            "20261116x",
        ),
        *(float("nan"), float("inf"), 20261116, "9999-12-31T23:59:59-12:00"),
    ],
)
def test_anything_else_is_an_error_that_says_what_is_read(value: object) -> None:
    with pytest.raises(ValueError, match=r"read are|in the year|Unix time|no existing time|range"):
        parse_time(value, zone=UTC)


@pytest.mark.parametrize(
    "value",
    [
        "Mon, 16 Nov 99999999999 10:22:33 +0100",
        "Mon, 16 Nov 2026 10:22:33 +99999999999999",
        "Mon, 16 Nov 2026 10:22:33 -99999999999999",
        "Mon, 16 Nov 2026 99999999999:22:33 +0100",
        "Mon, 99999999999999 Nov 2026 10:22:33",
        "Mon, 16 Nov 2026 10:22:33 +2400",
        "0001-01-01T00:00:00+23:59",
        "9999-W53-7",
        "9" * 13 + "." + "9" * 9,
    ],
)
def test_numbers_that_no_date_holds_are_an_error_of_the_row(value: str) -> None:
    with pytest.raises(ValueError, match=r"read are|in the year|Unix time|no existing time|range"):
        parse_time(value, zone=UTC)


_DATE_PIECES = st.sampled_from(
    [
        *("Mon", "Mon,", " ", "16", "Nov", "2026", "99999999999", "0", "-1", "10:22:33", "10:22"),
        *("+0100", "-0000", "+99999999999999", "-99999999999999", "GMT", "EST", ":", ",", "-", "+"),
        *("2026-11-16", "T", "Z", ".5", "W47", "\u0664", "(", ")", "AM", "\x00", "+24:00", "9999"),
    ]
)


@given(
    st.one_of(st.text(max_size=40), st.lists(_DATE_PIECES, max_size=10).map("".join)),
    st.sampled_from([(), ("%d/%m/%Y %H:%M",), ("%Y-%m-%dT%H:%M:%S%z", "%s", "%"), ("%j %z",)]),
)
def test_any_text_is_a_time_or_a_value_error(text: str, formats: tuple[str, ...]) -> None:
    try:
        found = parse_time(text, zone=BERLIN, formats=formats)
    except ValueError:
        return
    assert found.tzinfo is dt.UTC
    assert 1990 <= found.year < 2100


@pytest.mark.parametrize(("value", "year"), [("1990-01-01", 1990), ("2099-12-31", 2099)])
def test_the_first_and_last_year_are_taken(value: str, year: int) -> None:
    assert parse_time(value, zone=UTC).year == year


def test_a_given_format_settles_day_and_month() -> None:
    found = parse_time("03/04/2026 10:00", zone=UTC, formats=["%d/%m/%Y %H:%M"])
    assert (found.day, found.month) == (3, 4)
    assert parse_time("2026-04-03", zone=UTC, formats=["%d/%m/%Y %H:%M"]).day == 3


@given(st.integers(631_238_400, 4_102_272_000))
def test_iso_and_unix_time_agree(seconds: int) -> None:
    aware = dt.datetime.fromtimestamp(seconds, dt.UTC)
    assert parse_time(aware.isoformat(), zone=UTC) == aware
    assert parse_time(int(aware.timestamp()), zone=BERLIN) == aware
    assert parse_time(int(aware.timestamp() * 1000), zone=BERLIN) == aware
