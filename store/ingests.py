"""What each ingest read and what became of it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy import func, select

from store.database import Session
from store.rows import earlier, insert, read, to_row
from store.tables import INGEST

_OUTCOMES = ("rows_read", "accepted", "updated", "unchanged", "quarantined")


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


def page_ingests(
    session: Session, *, limit: int, before: tuple[dt.datetime, str] | None = None
) -> list[IngestCounts]:
    """Ingests, the last first; with `before` those after it in that order, by (started_at, id)."""
    where = [] if before is None else [earlier(INGEST, *before)]
    order = [INGEST.c.started_at.desc(), INGEST.c.id.desc()]
    found = read(session, IngestCounts, INGEST, *where, order=order, limit=limit)
    return [replace(item, redactions=dict(item.redactions)) for item in found]


def intake_totals(session: Session) -> tuple[int, int, int, int, int]:
    """Rows read, accepted, updated, unchanged and quarantined, over all ingests."""
    columns = (INGEST.c[name] for name in _OUTCOMES)
    sums = select(*[func.coalesce(func.sum(column), 0) for column in columns])
    read_, accepted, updated, unchanged, quarantined = session.connection().execute(sums).one()
    return int(read_), int(accepted), int(updated), int(unchanged), int(quarantined)


def total_redactions(session: Session) -> dict[str, int]:
    """How many placeholders of each type were set, over all ingests, by type."""
    total: Counter[str] = Counter()
    for pairs in session.connection().execute(select(INGEST.c.redactions)).scalars():
        total.update(dict(pairs))
    return dict(sorted(total.items()))
