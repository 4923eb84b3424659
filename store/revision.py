"""A number that grows with every change, so that what was answered before can be known as still so."""

from __future__ import annotations

from sqlalchemy import select

from store.database import Session
from store.tables import REVISION


def revision(session: Session) -> int:
    """How many transactions have changed the store so far; equal numbers, equal answers."""
    return session.connection().execute(select(REVISION.c.number)).scalar_one()
