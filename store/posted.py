"""What batches with an idempotency key were answered, so that the same is answered again."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import delete

from store.database import Session
from store.rows import insert, read, to_row
from store.tables import POSTED


@dataclass(frozen=True, slots=True)
class Posted:
    """An answer that was given. `key_id`: who asked; `digest`: of the body it answers."""

    key_id: str
    idempotency_key: str
    digest: str
    answer: str
    created_at: dt.datetime


def find_posted(
    session: Session, key_id: str, idempotency_key: str, *, since: dt.datetime
) -> Posted | None:
    """The answer given to this caller under this key, unless it is older than `since`."""
    table = POSTED.c
    where = (
        table.key_id == key_id,
        table.idempotency_key == idempotency_key,
        table.created_at >= since,
    )
    found = read(session, Posted, POSTED, *where, order=[table.key_id])
    return found[0] if found else None


def keep_posted(session: Session, posted: Posted, *, since: dt.datetime) -> None:
    """Keep an answer, and let those go that are older than `since`."""
    session.connection().execute(delete(POSTED).where(POSTED.c.created_at < since))
    insert(session, POSTED, [to_row(posted)])
