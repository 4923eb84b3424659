"""How many of a theme's mentions are copies of one text, from what is stored."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import or_, select

from nlp.duplicates import Copies, Said, most_copied
from nlp.records import Assignment
from nlp.weeks import shift
from store.database import Session
from store.feedback import feedback_by_key
from store.rows import read
from store.statements import statements_by_id
from store.tables import ASSIGNMENT_VERSION


def theme_copies(session: Session, theme_id: str, *, week: str, weeks: int) -> Copies | None:
    """The text with most copies among a theme's mentions in the `weeks` up to `week`; None: none.

    Looks at what the theme holds, not at everything stored; leaves and parents alike.
    """
    table = ASSIGNMENT_VERSION.c
    mentions = or_(table.theme_id == theme_id, table.parent_theme_id == theme_id)
    ever = select(table.statement_id).where(mentions, table.week <= week)
    versions = read(
        session,
        Assignment,
        ASSIGNMENT_VERSION,
        table.statement_id.in_(ever),
        table.week <= week,
        order=[table.statement_id, table.week],
    )
    last = {row.statement_id: row for row in versions}
    inside = [name for name, row in last.items() if theme_id in {row.theme_id, row.parent_theme_id}]
    return copies_among(session, inside, since=shift(week, 1 - weeks), until=week)


def copies_among(
    session: Session, statement_ids: Collection[str], *, since: str, until: str
) -> Copies | None:
    """The text with most copies among some statements whose messages are of these weeks."""
    statements = statements_by_id(session, statement_ids)
    messages = feedback_by_key(session, {item.feedback_key for item in statements.values()})
    return most_copied(
        Said(item.text, item.feedback_key, messages[item.feedback_key].customer)
        for item in statements.values()
        if since <= messages[item.feedback_key].week <= until
    )
