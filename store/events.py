"""Dated happenings in the world: releases, incidents, price changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from nlp.records import DatedEvent
from store.database import Session
from store.rows import Upserted, insert, read, to_row
from store.tables import DATED_EVENT

__all__ = ["Upserted", "load_events", "upsert_events"]


def upsert_events(session: Session, events: Sequence[DatedEvent]) -> Upserted:
    """Keep events by (day, kind, name); another detail is an update.

    An event that comes several times in one call counts once, with its greatest detail; the others
    count as unchanged.
    """
    known = {_key(event): event for event in load_events(session)}
    chosen = {_key(event): event for event in sorted(events, key=lambda one: one.detail)}
    fresh = [key for key in chosen if key not in known]
    changed = [key for key in chosen if key in known and known[key] != chosen[key]]
    rows = [to_row(chosen[key]) for key in sorted([*fresh, *changed])]
    insert(session, DATED_EVENT, rows, on_conflict="update")
    return Upserted(len(fresh), len(changed), len(events) - len(fresh) - len(changed))


def load_events(session: Session, *, until: dt.date | None = None) -> list[DatedEvent]:
    """Events up to a day, sorted by day, kind and name."""
    where = [] if until is None else [DATED_EVENT.c.day <= until]
    found = read(session, DatedEvent, DATED_EVENT, *where, order=[])
    return sorted(found, key=_key)


def _key(event: DatedEvent) -> tuple[dt.date, str, str]:
    return (event.day, event.kind, event.name)
