"""Human corrections: stored facts that every run replays, until they are undone."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select, update

from store.database import Session
from store.rows import read
from store.tables import DECISION, DecisionRow


@dataclass(frozen=True, slots=True)
class Decision:
    """A correction of one theme. `kind`: "rename", "owner", ...; `value` is JSON.

    `undone_by` and `undone_why`: who took it back and why, where they said so.
    """

    id: int
    kind: str
    theme_id: str
    value: str
    who: str
    when: dt.datetime
    why: str
    undone_at: dt.datetime | None = None
    undone_by: str | None = None
    undone_why: str | None = None


def add_decision(
    session: Session,
    *,
    kind: str,
    theme_id: str,
    value: str,
    who: str,
    why: str,
    when: dt.datetime | None = None,
) -> int:
    """Keep a correction; `when` is now unless given.

    Returns:
        Its number, by which it can be undone.
    """
    moment = when or dt.datetime.now(dt.UTC)
    row = DecisionRow(kind=kind, theme_id=theme_id, value=value, who=who, when=moment, why=why)
    session.add(row)
    session.flush()
    assert row.id is not None
    return row.id


def undo_decision(
    session: Session,
    decision_id: int,
    *,
    who: str | None = None,
    why: str | None = None,
    when: dt.datetime | None = None,
) -> None:
    """Let a correction count no more; it stays on record, with who first undid it, when and why.

    Raises:
        KeyError: when there is no correction with this number.
    """
    connection = session.connection()
    session.flush()
    found = connection.execute(select(DECISION.c.undone_at).where(DECISION.c.id == decision_id))
    row = found.one_or_none()
    if row is None:
        raise KeyError(f"there is no decision number {decision_id}")
    if row.undone_at is None:
        moment = when or dt.datetime.now(dt.UTC)
        connection.execute(
            update(DECISION)
            .where(DECISION.c.id == decision_id)
            .values(undone_at=moment, undone_by=who, undone_why=why)
        )


def active_decisions(session: Session) -> list[Decision]:
    """The corrections that count, in the order in which they were made."""
    order = [DECISION.c.when, DECISION.c.id]
    return read(session, Decision, DECISION, DECISION.c.undone_at.is_(None), order=order)


def all_decisions(session: Session) -> list[Decision]:
    """The corrections ever made, those that were undone too, in the order made."""
    return read(session, Decision, DECISION, order=[DECISION.c.when, DECISION.c.id])
