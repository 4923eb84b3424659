"""What each ingest read and what became of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from store.database import Session
from store.rows import insert, read, to_row
from store.tables import INGEST


@dataclass(frozen=True, slots=True)
class IngestCounts:
    """One ingest. `redactions`: how many placeholders of each type were set."""

    id: str
    started_at: dt.datetime
    files: tuple[str, ...]
    rows_read: int
    accepted: int
    updated: int
    unchanged: int
    quarantined: int
    redactions: Mapping[str, int] = field(default_factory=dict)


def record_ingest(session: Session, counts: IngestCounts) -> None:
    """Keep the counts of an ingest; the same id again replaces them."""
    redactions = tuple(sorted(counts.redactions.items()))
    insert(session, INGEST, [to_row(counts) | {"redactions": redactions}], on_conflict="update")


def list_ingests(session: Session) -> list[IngestCounts]:
    """All ingests, the earliest first."""
    found = read(session, IngestCounts, INGEST, order=[INGEST.c.started_at, INGEST.c.id])
    return [replace(item, redactions=dict(item.redactions)) for item in found]
