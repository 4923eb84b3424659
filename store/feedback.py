"""Messages: upserted by (source, id), read back in the order of their key."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select

from nlp.records import Feedback
from store.columns import utc
from store.database import Session
from store.revision import mark_changed
from store.rows import Upserted, among, insert, read, sha256, to_row
from store.tables import FEEDBACK, SPLIT, STATEMENT

__all__ = [
    "Upserted",
    "digest_of",
    "feedback_by_key",
    "feedback_digest",
    "feedback_weeks",
    "load_feedback",
    "upsert_feedback",
]


def digest_of(item: Feedback) -> str:
    """SHA-256 over all fields of a message; the same instant in another zone is the same.

    Raises:
        ValueError: for a naive time or a number that is not finite.
    """
    return sha256(
        [
            item.id,
            item.source,
            item.kind,
            item.text,
            utc(item.created_at).isoformat(),
            item.week,
            item.day.isoformat(),
            item.customer_id,
            item.account_id,
            None if item.score is None else float(item.score),
            item.score_kind,
            None if item.revenue is None else float(item.revenue),
            None if item.resolved_at is None else utc(item.resolved_at).isoformat(),
            item.reopened,
            item.channel,
            item.language,
            sorted(item.attributes),
        ]
    )


def upsert_feedback(session: Session, items: Sequence[Feedback]) -> Upserted:
    """Store messages; a changed one replaces the old, whose statements and assignments go.

    A key that comes several times in one call counts once: the latest `created_at`, then the
    greatest digest wins, whatever the order, and the others count as unchanged.

    Raises:
        ValueError: when two different (source, id) make the same key, for naive times and for
            numbers that are not finite.
    """
    chosen: dict[str, tuple[Feedback, str]] = {}
    for item in items:
        digest = digest_of(item)
        rival = chosen.get(item.key)
        if rival is not None:
            _same_message(rival[0].source, item)
        if rival is None or (rival[0].created_at, rival[1]) < (item.created_at, digest):
            chosen[item.key] = (item, digest)
    known: dict[str, str] = {}
    stored = select(FEEDBACK.c.key, FEEDBACK.c.source, FEEDBACK.c.digest).where(
        among(session, FEEDBACK.c.key, chosen.keys())
    )
    for key, source, digest in session.connection().execute(stored):
        _same_message(source, chosen[key][0])
        known[key] = digest
    fresh = [key for key in chosen if key not in known]
    changed = [key for key, digest in known.items() if chosen[key][1] != digest]
    if fresh or changed:
        mark_changed(session, "said")
    _forget_statements(session, changed)
    insert(
        session,
        FEEDBACK,
        [
            to_row(item, key=key, digest=digest)
            for key, (item, digest) in ((key, chosen[key]) for key in sorted([*fresh, *changed]))
        ],
        on_conflict="update",
    )
    return Upserted(len(fresh), len(changed), len(items) - len(fresh) - len(changed))


def _same_message(source: str, item: Feedback) -> None:
    if source != item.source:
        raise ValueError(
            f"sources {source!r} and {item.source!r} both have a message with the key {item.key!r};"
            " rename one source so that the keys differ"
        )


def _forget_statements(session: Session, keys: Collection[str]) -> None:
    if keys:
        for table in (STATEMENT, SPLIT):
            owned = among(session, table.c.feedback_key, keys)
            session.connection().execute(delete(table).where(owned))


def load_feedback(
    session: Session, *, until_week: str | None = None, since_week: str | None = None
) -> list[Feedback]:
    """Messages of the weeks from `since_week` to `until_week`, both included, sorted by key."""
    where: list[ColumnElement[bool]] = []
    if until_week is not None:
        where.append(FEEDBACK.c.week <= until_week)
    if since_week is not None:
        where.append(FEEDBACK.c.week >= since_week)
    return read(session, Feedback, FEEDBACK, *where, order=[FEEDBACK.c.key])


def feedback_by_key(session: Session, keys: Collection[str]) -> dict[str, Feedback]:
    """The messages with these keys, in the order of the key; unknown keys are left out."""
    where = among(session, FEEDBACK.c.key, keys)
    found = read(session, Feedback, FEEDBACK, where, order=[FEEDBACK.c.key])
    return {item.key: item for item in found}


def feedback_places(
    session: Session, *, until_week: str | None = None
) -> list[tuple[str, str, str]]:
    """(source, id, key) of the messages up to a week, in no order: what to read, batch by batch."""
    wanted = select(FEEDBACK.c.source, FEEDBACK.c.id, FEEDBACK.c.key)
    if until_week is not None:
        wanted = wanted.where(FEEDBACK.c.week <= until_week)
    return [(source, name, key) for source, name, key in session.connection().execute(wanted)]


def feedback_weeks(session: Session) -> dict[str, int]:
    """The number of messages of each week that has any, in the order of the weeks."""
    counted: Any = (
        select(FEEDBACK.c.week, func.count()).group_by(FEEDBACK.c.week).order_by(FEEDBACK.c.week)
    )
    return dict(session.connection().execute(counted).tuples().all())


def feedback_digest(session: Session, *, until_week: str) -> str:
    """SHA-256 over the sorted (key, digest) pairs of all messages up to a week."""
    total = hashlib.sha256()
    pairs = (
        select(FEEDBACK.c.key, FEEDBACK.c.digest)
        .where(FEEDBACK.c.week <= until_week)
        .order_by(FEEDBACK.c.key)
    )
    for key, digest in session.connection().execute(pairs):
        total.update(f"{len(key)}:{key}{digest}".encode())
    return total.hexdigest()
