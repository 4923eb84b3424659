"""Rows that could not be taken, kept until they come back mended."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import fields

from sqlalchemy import ColumnElement, and_, delete, func, or_, select

from nlp.records import Rejected
from store.database import Session
from store.rows import among, insert, read_keyed, sha256, to_row
from store.tables import QUARANTINE


def add_quarantine(session: Session, rejected: Sequence[Rejected], *, ingest_id: str) -> int:
    """Keep rejected rows; the same file, line, reason and raw text twice is one row.

    Returns:
        How many rows are new.
    """
    rows = {
        sha256([item.file, item.line, item.reason, item.raw]): to_row(item, ingest_id=ingest_id)
        for item in sorted(rejected, key=_order)
    }
    before = _count(session)
    insert(
        session,
        QUARANTINE,
        [row | {"digest": digest} for digest, row in rows.items()],
        on_conflict="ignore",
    )
    return _count(session) - before


def list_quarantine(session: Session) -> list[Rejected]:
    """All rows in quarantine, sorted by file, line and id."""
    return sorted((item for _, item in _stored(session)), key=_order)


def page_quarantine(
    session: Session,
    *,
    limit: int,
    reason: str | None = None,
    after: tuple[str, int, str] | None = None,
) -> list[tuple[str, Rejected]]:
    """(digest, row) pairs by file, line and digest; with `after` those behind it in that order."""
    table = QUARANTINE.c
    where: list[ColumnElement[bool]] = [] if reason is None else [table.reason == reason]
    if after is not None:
        file, line, digest = after
        behind = or_(table.line > line, and_(table.line == line, table.digest > digest))
        where.append(or_(table.file > file, and_(table.file == file, behind)))
    columns = [table[field.name] for field in fields(Rejected)]
    order = (table.file, table.line, table.digest)
    wanted = select(table.digest, *columns).where(*where).order_by(*order).limit(limit)
    return [(first, Rejected(*rest)) for first, *rest in session.connection().execute(wanted)]


def quarantine_reasons(session: Session) -> list[tuple[str, int]]:
    """(reason, rows in quarantine), the most frequent first."""
    reason = QUARANTINE.c.reason
    counted = session.connection().execute(select(reason, func.count()).group_by(reason))
    return sorted(((name, int(rows)) for name, rows in counted), key=lambda one: (-one[1], one[0]))


def release_quarantine(
    session: Session,
    *,
    keys: Collection[str] = (),
    places: Collection[tuple[str, int]] = (),
) -> int:
    """Let rows go that were accepted after all.

    Called with what was just taken, before its new rejections are added: `keys` ("source/id") of
    messages, and `places` (file, line) of rows that were fed again, whatever became of them.

    Returns:
        How many rows left the quarantine.
    """
    taken, fed = set(keys), set(places)
    gone = [
        digest
        for digest, item in _stored(session)
        if (item.file, item.line) in fed or _key(item) in taken
    ]
    if gone:
        session.connection().execute(
            delete(QUARANTINE).where(among(session, QUARANTINE.c.digest, gone))
        )
    return len(gone)


def _stored(session: Session) -> list[tuple[str, Rejected]]:
    return read_keyed(session, Rejected, QUARANTINE, "digest")


def _key(item: Rejected) -> str | None:
    """The message it would have been; None for a row without id or source, or one never parsed."""
    try:
        fields = json.loads(item.raw)
    except json.JSONDecodeError:
        return None
    if not isinstance(fields, dict) or not fields.get("id") or not fields.get("source"):
        return None
    return f"{fields['source']}/{fields['id']}"


def _count(session: Session) -> int:
    counted = session.connection().execute(select(func.count()).select_from(QUARANTINE))
    return int(counted.scalar_one())


def _order(item: Rejected) -> tuple[str, int, str, str, str, str]:
    return (item.file, item.line, item.id, item.stage, item.reason, item.raw)
