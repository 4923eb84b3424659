"""Numbers that grow with every change: what was answered at the same number still holds.

One counts every transaction that changes an answer. Two others count only changes of what is dear
to read again: of what was said (feedback, statements, where they stand, the customer table), and of
what was published (snapshots and themes).
"""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError

from store.database import Engine, Session
from store.locks import Busy
from store.tables import REVISION

Of = Literal["all", "said", "published"]

_ROW: dict[Of, int] = {"all": 1, "said": 2, "published": 3}
_CURRENT = select(REVISION.c.number).where(REVISION.c.id == _ROW["all"])


def revision(session: Session, of: Of = "all") -> int:
    """How many changes there have been so far; equal numbers, equal answers."""
    wanted = select(REVISION.c.number).where(REVISION.c.id == _ROW[of])
    return session.connection().execute(wanted).scalar_one_or_none() or 0


def current_revision(engine: Engine) -> int:
    """`revision` of everything, without a session: asked before every request."""
    with engine.connect() as connection:
        return connection.execute(_CURRENT).scalar_one_or_none() or 0


def mark_changed(session: Session, of: Of) -> None:
    """Count a change in this transaction; nobody sees the number without the change."""
    connection = session.connection()
    new: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    row = new.insert(REVISION).values(id=_ROW[of], number=1)
    connection.execute(
        row.on_conflict_do_update(index_elements=["id"], set_={"number": REVISION.c.number + 1})
    )


def take_turn(session: Session) -> None:
    """Wait for other writers and hold them off until this session ends.

    What is read from here on is what will be so when it commits: so a check and the write it allows
    are not overtaken by the same check of somebody else.

    Raises:
        Busy: another writer took longer than the database waits.
    """
    try:
        session.connection().execute(update(REVISION).values(number=REVISION.c.number))
    except OperationalError as error:
        if "locked" not in str(error.orig):
            raise
        raise Busy("something is writing to this database; try again in a minute") from error
