"""A number that grows with every change: what was answered at the same number still holds."""

from __future__ import annotations

from sqlalchemy import select, update

from store.database import Session
from store.tables import REVISION


def revision(session: Session) -> int:
    """How many transactions have changed the store so far; equal numbers, equal answers."""
    number: int = session.connection().execute(select(REVISION.c.number)).scalar_one()
    return number


def take_turn(session: Session) -> None:
    """Wait for other writers and hold them off until this session ends.

    What is read from here on is what will be so when it commits: so a check and the write it allows
    are not overtaken by the same check of somebody else.
    """
    session.connection().execute(update(REVISION).values(number=REVISION.c.number))
