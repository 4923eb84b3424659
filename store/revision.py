"""A number that grows with every change: what was answered at the same number still holds."""

from __future__ import annotations

from sqlalchemy import select

from store.database import Session
from store.tables import REVISION


def revision(session: Session) -> int:
    """How many transactions have changed the store so far; equal numbers, equal answers."""
    number: int = session.connection().execute(select(REVISION.c.number)).scalar_one()
    return number
