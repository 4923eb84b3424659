from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.causes.headline import DEFAULT, headline
from nlp.causes.telling import MAY_BE_TIME
from nlp.causes.when_wording import when_statement
from nlp.records import Cause, DatedEvent

DAY = dt.date(2026, 9, 29)
RELEASE = DatedEvent(DAY, "release", "Release 4.2")


def piece(kind: Any, name: str = "C-1", **changes: Any) -> Cause:
    fields: dict[str, Any] = {
        "id": name,
        "theme_id": "T-1",
        "kind": kind,
        "statement": "",
        "customers": 12,
        "statements": 13,
        "share_of_theme": 0.4,
        "evidence_ids": (),
    }
    return Cause(**(fields | changes))


def began(
    end: dt.date | None = None,
    *events: DatedEvent,
    weekly: bool = False,
    only: bool = False,
    conditions: tuple[tuple[str, str], ...] = (),
) -> Cause:
    return piece(
        "when",
        "C-when",
        statement=when_statement(
            *(DAY, end, events),
            conditions=conditions,
            only=only,
            weekly=weekly,
            lift=(3.0, 2.0, 4.0),
            level=0.95,
        ),
        onset=DAY,
        conditions=conditions,
        event=f"{events[0].kind}: {events[0].name}" if events else None,
        events=tuple((f"{one.kind}: {one.name}", one.day.isoformat()) for one in events),
    )


def said(words: str, name: str = "C-said", customers: int = 9, note: str = "") -> Cause:
    told = f'Customers say: "{words}"' + (f" ({note})" if note else "")
    return piece("said", name, statement=told, customers=customers)


SEGMENT = piece("where", "C-where", conditions=(("device", "ios"), ("app_version", "4.2")))


@pytest.mark.parametrize(
    ("cause", "told"),
    [
        (began(None, RELEASE), "Since 29 September 2026 (Release 4.2)"),
        (began(), "Since 29 September 2026, without a known event"),
        (
            began(dt.date(2026, 10, 20), RELEASE),
            "From 29 September to 20 October 2026 (Release 4.2)",
        ),
        (
            began(dt.date(2026, 9, 30), RELEASE),
            "From 29 to 30 September 2026 (Release 4.2)",
        ),
        (
            began(dt.date(2027, 1, 2), RELEASE),
            "From 29 September 2026 to 2 January 2027 (Release 4.2)",
        ),
        (
            began(weekly=True),
            "Since the week of 28 September 2026, without a known event",
        ),
        (
            began(None, RELEASE, only=True, conditions=(("plan", "Pro"),)),
            "Since 29 September 2026 (Release 4.2), only for plan Pro",
        ),
        (
            began(None, RELEASE, conditions=(("plan", "Pro"),)),
            "Since 29 September 2026 (Release 4.2), above all for plan Pro",
        ),
        (SEGMENT, "Mostly for device ios and app version 4.2"),
        (said("because of the\n date"), "Customers say “because of the date”"),
        (
            piece("said", statement="since the update"),
            "Customers say “since the update”",
        ),
    ],
)
def test_each_kind_alone(cause: Cause, told: str) -> None:
    assert headline([cause]) == told


def test_events_equally_near_are_named_together_and_others_not() -> None:
    day = DatedEvent(DAY, "incident", "Bank outage")
    before = DatedEvent(DAY - dt.timedelta(days=1), "release", "4.1.9")
    # The name of the release says its kind; that of the incident does not.
    told = "Since 29 September 2026 (incident Bank outage or Release 4.2)"
    assert headline([began(None, day, RELEASE, before)]) == told
    assert headline([began(None, RELEASE, before)]) == "Since 29 September 2026 (Release 4.2)"


def test_kinds_together_lead_with_the_day_and_leave_out_what_does_not_fit() -> None:
    day, long = began(None, RELEASE), "word " * 14
    told = "Since 29 September 2026 (Release 4.2), mostly for device ios and app version 4.2"
    assert headline([said(long), SEGMENT, day]) == told
    short = said("the update broke", "C-2", customers=3)
    assert (
        headline([said(long), short, SEGMENT, day]) == f"{told}, customers say “the update broke”"
    )
    timed = said("since Monday", "C-2", note=MAY_BE_TIME)
    assert headline([timed, SEGMENT, day]) == told
    assert headline([timed]) == "Customers say “since Monday”"


def test_a_burst_is_told_by_its_words() -> None:
    burst = piece(
        "when",
        statement='since 2026-09-29 (unexplained onset): 7 customers say much the same: "'
        + "The price is too high for a small business like mine. " * 3
        + '"',
        onset=DAY,
        centre="desk/1#0",
    )
    told = headline([burst])
    assert told.startswith(
        "Since 29 September 2026, without a known event, customers say “The price"
    )
    assert told.endswith("…”")


WORDS = st.text(st.characters(codec="utf-8"), max_size=300)


@given(st.permutations(["when", "where", "said", "other"]), WORDS, WORDS, st.booleans())
def test_one_line_whatever_customers_and_events_are_called(
    order: list[str], words: str, name: str, lasts: bool
) -> None:
    pieces = {
        "when": began(
            None if lasts else dt.date(2026, 10, 9), DatedEvent(DAY, "release", name or "4.2")
        ),
        "where": piece("where", conditions=(("region", name),)),
        "said": said(words),
        "other": said(words[::-1], "C-other", customers=10),
    }
    told = headline([pieces[kind] for kind in order])
    assert 0 < len(told) <= DEFAULT.whole
    assert told == " ".join(told.split())
    assert told == headline([pieces[kind] for kind in sorted(order)])
    assert not any("\u202a" <= letter <= "\u202e" for letter in told)


def test_nothing_is_told_of_no_pieces() -> None:
    assert headline([]) == ""
