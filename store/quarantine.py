"""Rows that could not be taken, kept until they come back mended."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import delete, func, select

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


def release_quarantine(
    session: Session,
    *,
    ids: Collection[str] = (),
    places: Collection[tuple[str, int]] = (),
    files: Collection[str] = (),
) -> int:
    """Let rows go that were accepted after all.

    A flow that has just taken rows calls it with what it took: `ids` (messages' own ids; empty ones
    are ignored), `places` (file, line) of rows mended where they stood, or whole `files` that were
    read again from the start, before their new rejections are added.

    Returns:
        How many rows left the quarantine.
    """
    named, lines, read_again = set(ids) - {""}, set(places), set(files)
    gone = [
        digest
        for digest, item in _stored(session)
        if item.id in named or (item.file, item.line) in lines or item.file in read_again
    ]
    if gone:
        session.connection().execute(
            delete(QUARANTINE).where(among(session, QUARANTINE.c.digest, gone))
        )
    return len(gone)


def _stored(session: Session) -> list[tuple[str, Rejected]]:
    return read_keyed(session, Rejected, QUARANTINE, "digest")


def _count(session: Session) -> int:
    counted = session.connection().execute(select(func.count()).select_from(QUARANTINE))
    return int(counted.scalar_one())


def _order(item: Rejected) -> tuple[str, int, str, str, str, str]:
    return (item.file, item.line, item.id, item.stage, item.reason, item.raw)
