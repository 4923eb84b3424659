"""Where statements stand, through time: a row for each week in which one's place changed."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select

from nlp.records import Assignment
from store.database import Session
from store.revision import mark_changed
from store.rows import among, insert, read, to_row
from store.tables import ASSIGNMENT_VERSION


def save_assignments(session: Session, week: str, assignments: Sequence[Assignment]) -> int:
    """Keep where statements stand from `week` on; only those that differ from the state before.

    Returns:
        How many assignments were written.
    """
    before = assignments_as_of(session, week)
    changed = [item for item in assignments if before.get(item.statement_id) != item]
    rows = [to_row(item, week=week) for item in sorted(changed, key=lambda one: one.statement_id)]
    if rows:
        mark_changed(session, "said")
    insert(session, ASSIGNMENT_VERSION, rows, on_conflict="update")
    return len(rows)


def assignments_as_of(session: Session, week: str | None = None) -> dict[str, Assignment]:
    """Statement id to its latest assignment up to `week`, in the order of the statement id."""
    table = ASSIGNMENT_VERSION.c
    where = [] if week is None else [table.week <= week]
    order = [table.statement_id, table.week]
    versions = read(session, Assignment, ASSIGNMENT_VERSION, *where, order=order)
    return {assignment.statement_id: assignment for assignment in versions}


def arrivals(session: Session, theme_id: str, week: str) -> list[str]:
    """Ids of the statements that came to stand in a leaf in `week`, sorted."""
    table = ASSIGNMENT_VERSION.c
    wanted = (
        select(table.statement_id)
        .where(table.theme_id == theme_id, table.week == week)
        .order_by(table.statement_id)
    )
    return list(session.connection().execute(wanted).scalars())


def assignments_of(
    session: Session, ids: Collection[str], week: str | None = None
) -> dict[str, Assignment]:
    """The same of some statements only; those without a place are left out."""
    table = ASSIGNMENT_VERSION.c
    where = [among(session, table.statement_id, ids)]
    if week is not None:
        where.append(table.week <= week)
    order = [table.statement_id, table.week]
    versions = read(session, Assignment, ASSIGNMENT_VERSION, *where, order=order)
    return {assignment.statement_id: assignment for assignment in versions}
