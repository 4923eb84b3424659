from __future__ import annotations

import datetime as dt

from nlp.records import DatedEvent
from store.database import Session
from store.events import Upserted, load_events, upsert_events

RELEASE = DatedEvent(dt.date(2026, 11, 16), "release", "7.2", "new login")
OUTAGE = DatedEvent(dt.date(2026, 11, 18), "incident", "payments down")


def test_events_are_upserted_by_day_kind_and_name(session: Session) -> None:
    assert upsert_events(session, [OUTAGE, RELEASE]) == Upserted(2, 0, 0)
    changed = DatedEvent(RELEASE.day, RELEASE.kind, RELEASE.name, "new login page")
    assert upsert_events(session, [changed, OUTAGE]) == Upserted(0, 1, 1)
    assert load_events(session) == [changed, OUTAGE]


def test_of_an_event_told_twice_in_one_call_one_is_kept(session: Session) -> None:
    other = DatedEvent(RELEASE.day, RELEASE.kind, RELEASE.name, "another detail")
    assert upsert_events(session, [RELEASE, other]) == Upserted(1, 0, 1)
    assert upsert_events(session, [other, RELEASE]) == Upserted(0, 0, 2)
    assert load_events(session) == [RELEASE]


def test_events_up_to_a_day_the_day_included(session: Session) -> None:
    upsert_events(session, [OUTAGE, RELEASE])
    assert load_events(session, until=dt.date(2026, 11, 18)) == [RELEASE, OUTAGE]
    assert load_events(session, until=dt.date(2026, 11, 17)) == [RELEASE]
    assert load_events(session, until=dt.date(2026, 11, 15)) == []
