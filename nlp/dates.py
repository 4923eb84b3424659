"""Points in time as exports write them, read without guessing between day and month."""

from __future__ import annotations

import datetime as dt
import email.utils
import re
from collections.abc import Sequence
from zoneinfo import ZoneInfo

READABLE = (
    "ISO 8601 (2026-11-16, 2026-11-16 10:22:33, 2026-11-16T10:22:33.5+01:00), e-mail dates "
    "(Mon, 16 Nov 2026 10:22:33 +0100) and Unix time in seconds or milliseconds"
)
# Outside these years a date is a typing error or another unit, not a customer's message.
EARLIEST, LATEST = 1990, 2100
# Between these a bare number can only be seconds, and a thousand times that only milliseconds.
_FIRST_SECOND = dt.datetime(EARLIEST, 1, 1, tzinfo=dt.UTC).timestamp()
_LAST_SECOND = dt.datetime(LATEST, 1, 1, tzinfo=dt.UTC).timestamp()
_NUMBER = re.compile(r"\d{9,13}(?:\.\d{1,9})?")
_ISO = re.compile(r"\d{4}-?\d\d-?\d\d(?:[T ]\d\d?:?\d\d.*)?|\d{4}-W\d\d-\d")
_HOUR_SHORT = re.compile(r"(?<=[T ])(\d)(?=:)")
_ZONE_APART = re.compile(r"\s+(?=[+-]\d\d|Z$)")
_UTC_NAME = re.compile(r"\s*(?:UTC|GMT)$", re.IGNORECASE)
# The standard library says "no date" with any of these: a year or an offset that no C integer holds
# is an OverflowError, an e-mail date that breaks off a TypeError.
_NO_DATE = (ValueError, OverflowError, TypeError)


def parse_time(value: object, *, zone: ZoneInfo, formats: Sequence[str] = ()) -> dt.datetime:
    """An aware time in UTC. Naive times and dates (their midnight) are in `zone`.

    `formats` (as `datetime.strptime` takes them) are tried first. A local time that a change to
    or from summer time makes ambiguous is the earlier one.

    Raises:
        ValueError: when it is none of `READABLE` or `formats`, or not in the years 1990 to 2099.
    """
    found = _read(value, formats)
    if found.tzinfo is None:
        found = found.replace(tzinfo=zone)
    try:
        found = found.astimezone(dt.UTC)
    except _NO_DATE as error:
        raise ValueError(f"{value!r} is out of range") from error
    if not EARLIEST <= found.year < LATEST:
        raise ValueError(
            f"{value!r} is in the year {found.year}, not in {EARLIEST} to {LATEST - 1}"
        )
    return found


def _read(value: object, formats: Sequence[str]) -> dt.datetime:
    if isinstance(value, dt.datetime):
        return value
    if isinstance(value, dt.date):
        return dt.datetime.combine(value, dt.time())
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(f"{value!r} is not a time; read are {READABLE}")  # noqa: TRY004
    text = str(value).strip()
    for pattern in formats:
        try:
            return dt.datetime.strptime(text, pattern)  # noqa: DTZ007 - the zone is put on after
        except _NO_DATE:
            continue
    if not isinstance(value, str) or _NUMBER.fullmatch(text):
        return _unix(float(text), text)
    if _ISO.fullmatch(text):
        return _iso(text)
    try:
        return email.utils.parsedate_to_datetime(text)
    except _NO_DATE as error:
        also = "".join(f", {pattern}" for pattern in formats)
        raise ValueError(f"{text[:80]!r} is not a time; read are {READABLE}{also}") from error


def _unix(number: float, text: str) -> dt.datetime:
    for seconds in (number, number / 1000):
        if _FIRST_SECOND <= seconds < _LAST_SECOND:
            return dt.datetime.fromtimestamp(seconds, dt.UTC)
    raise ValueError(
        f"{text!r} is neither seconds nor milliseconds of Unix time in {EARLIEST} to {LATEST - 1}"
    )


def _iso(text: str) -> dt.datetime:
    plain = _UTC_NAME.sub("+00:00", _HOUR_SHORT.sub(r"0\1", text))
    try:
        return dt.datetime.fromisoformat(_ZONE_APART.sub("", plain))
    except _NO_DATE as error:
        raise ValueError(f"{text[:80]!r} is no existing time: {error}") from error
