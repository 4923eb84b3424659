"""Statements, and which messages a splitter version has already split."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, delete, select

from nlp.records import Feedback, Statement
from store.database import Session
from store.revision import mark_changed
from store.rows import among, insert, read, to_row
from store.tables import FEEDBACK, SPLIT, STATEMENT


def unsplit_feedback(session: Session, *, until_week: str, version: str) -> list[Feedback]:
    """Messages up to a week whose statements this splitter version has not made, sorted by key."""
    done = select(SPLIT.c.feedback_key).where(
        SPLIT.c.feedback_key == FEEDBACK.c.key, SPLIT.c.version == version
    )
    where = (FEEDBACK.c.week <= until_week, ~done.exists())
    return read(session, Feedback, FEEDBACK, *where, order=[FEEDBACK.c.key])


def save_statements(
    session: Session,
    statements: Sequence[Statement],
    *,
    version: str,
    feedback_keys: Sequence[str],
) -> None:
    """Replace the statements of these messages, and with them their assignments.

    A message of `feedback_keys` without statements is remembered as split, too.

    Raises:
        ValueError: when a statement's message is not among `feedback_keys`.
    """
    keys = sorted(set(feedback_keys))
    strays = {statement.feedback_key for statement in statements}.difference(keys)
    if strays:
        raise ValueError(
            f"statement of {min(strays)!r}, which is not among the feedback keys given"
        )
    mark_changed(session, "said")
    connection = session.connection()
    connection.execute(delete(STATEMENT).where(among(session, STATEMENT.c.feedback_key, keys)))
    ordered = sorted(statements, key=lambda statement: statement.id)
    insert(session, STATEMENT, [to_row(item, id=item.id, sha=item.sha) for item in ordered])
    marks = [{"feedback_key": key, "version": version} for key in keys]
    insert(session, SPLIT, marks, on_conflict="update")


def load_statements(session: Session, *, until_week: str | None = None) -> list[Statement]:
    """Statements of the messages up to a week, sorted by message key and number."""
    where: list[ColumnElement[bool]] = []
    if until_week is not None:
        where.append(
            STATEMENT.c.feedback_key.in_(
                select(FEEDBACK.c.key).where(FEEDBACK.c.week <= until_week)
            )
        )
    return _ordered(read(session, Statement, STATEMENT, *where, order=[]))


def statements_by_id(session: Session, ids: Collection[str]) -> dict[str, Statement]:
    """The statements with these ids, sorted by message key and number; unknown ids are left out."""
    found = read(session, Statement, STATEMENT, among(session, STATEMENT.c.id, ids), order=[])
    return {statement.id: statement for statement in _ordered(found)}


def statements_of(session: Session, keys: Collection[str]) -> dict[str, Statement]:
    """The statements of the messages with these keys, by id, sorted by message key and number."""
    owned = among(session, STATEMENT.c.feedback_key, keys)
    found = read(session, Statement, STATEMENT, owned, order=[])
    return {statement.id: statement for statement in _ordered(found)}


def statement_texts(session: Session, ids: Collection[str]) -> dict[str, str]:
    """The texts of the statements with these ids; unknown ids are left out."""
    wanted = select(STATEMENT.c.id, STATEMENT.c.text).where(among(session, STATEMENT.c.id, ids))
    return dict(session.connection().execute(wanted).tuples().all())


def texts_by_sha(session: Session, shas: Collection[str]) -> dict[str, str]:
    """The texts with these digests, sorted by digest; those of no statement are left out."""
    wanted = select(STATEMENT.c.sha, STATEMENT.c.text).where(among(session, STATEMENT.c.sha, shas))
    return dict(sorted(session.connection().execute(wanted.distinct()).tuples().all()))


def _ordered(statements: list[Statement]) -> list[Statement]:
    return sorted(statements, key=lambda statement: (statement.feedback_key, statement.no))
