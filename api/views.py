"""Rows that both the API and the pages show, made from a snapshot and the feedback behind it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from api.schemas.causes import RootCause, root_cause_out
from api.scope import Snapshot
from labels.schema import Labels
from nlp.population import Population
from nlp.records import Assignment, Cause, Feedback, Statement, Theme, text_sha
from nlp.records import RootCause as Record
from store.assignments import assignments_as_of
from store.database import Session
from store.feedback import feedback_by_key
from store.statements import statements_by_id, texts_by_sha

_TYPICAL = 5  # a theme remembers some thirty, the most typical first
Told = TypeVar("Told", Cause, Record)
COPY_WEEKS = 12  # copies are looked for in a quarter, as in the report


@dataclass(frozen=True, slots=True)
class Mention:
    """A statement of a theme and its week: enough to sort by, before anything is loaded."""

    week: str
    statement_id: str


@dataclass(frozen=True, slots=True)
class StatementRecord:
    """A statement with its message and its place."""

    statement: Statement
    feedback: Feedback
    assignment: Assignment


def typical_texts(session: Session, theme: Theme, labels: Labels) -> tuple[str, ...]:
    """What says best what a theme means, the most typical first; a seeded one has its examples."""
    texts = texts_by_sha(session, theme.exemplars)
    if theme.seeded_by is not None:
        intent = labels.intent(theme.seeded_by)
        texts |= {text_sha(text): text for text in (intent.examples if intent else ())}
    return tuple(texts[sha] for sha in theme.exemplars if sha in texts)[:_TYPICAL]


def mention_count(population: Population, theme_id: str) -> tuple[int, int]:
    """Different customers and statements of a theme."""
    rows = population.members.get(theme_id)
    if rows is None:
        return (0, 0)
    said = sum(len(population.statements.get((theme_id, int(row)), ())) for row in rows)
    return (population.distinct_customers(rows), said)


def mentions(population: Population, theme_id: str) -> list[Mention]:
    """All statements of a theme, by id only."""
    rows = population.members.get(theme_id, np.zeros(0, dtype=np.int64))
    return [
        Mention(population.weeks[int(row)], statement_id)
        for row in rows
        for statement_id in population.statements.get((theme_id, int(row)), ())
    ]


def statement_records(session: Session, week: str, ids: Sequence[str]) -> list[StatementRecord]:
    """The statements with these ids, in this order; those that are gone by now are left out."""
    statements = statements_by_id(session, ids)
    messages = feedback_by_key(session, {item.feedback_key for item in statements.values()})
    places = assignments_as_of(session, week)
    return [
        StatementRecord(statement, messages[statement.feedback_key], places[statement.id])
        for statement in (statements[name] for name in ids if name in statements)
        if statement.id in places
    ]


def root_cause_rows(
    snapshot: Snapshot, population: Population, part: Population, theme_ids: Collection[str]
) -> list[RootCause]:
    """The root causes of some themes. In a part of the feedback, evidence is counted in that part.

    Sentence, lift, q-value, score and rank stay as published: they compare with all feedback.
    """
    pieces = {piece.id: piece for piece in snapshot.causes}
    found: list[RootCause] = []
    for cause in snapshot.root_causes:
        if cause.theme_id not in theme_ids or cause.theme_id not in snapshot.themes:
            continue
        shown = [pieces[name] for name in cause.evidence if name in pieces]
        kept: Record | None = cause
        if part is not population:
            shown = [inside for one in shown if (inside := _within(one, part)) is not None]
            kept = _within(cause, part)
        if kept is None:
            continue
        label = snapshot.themes[cause.theme_id].label
        found.append(root_cause_out(kept, theme_label=label, pieces=shown))
    return found


def cause_order(row: RootCause | Record) -> tuple[bool, bool, int, int, str, str]:
    """Root causes by rank; unranked ones last, of them the rejected; a total order."""
    return (
        row.rank is None,
        row.state == "rejected",
        row.rank or 0,
        -row.customers,
        row.theme_id,
        row.id,
    )


def _within(cause: Told, part: Population) -> Told | None:
    """The cause counted in a part of the feedback; None when nothing of its evidence is there."""
    rows = part.members.get(cause.theme_id, np.zeros(0, dtype=np.int64))
    evidence = set(cause.evidence_ids)
    behind: list[int] = []
    ids: list[str] = []
    for row in rows:
        inside = evidence.intersection(part.statements.get((cause.theme_id, int(row)), ()))
        if inside:
            behind.append(int(row))
            ids.extend(inside)
    if not ids:
        return None
    customers = part.distinct_customers(np.array(behind, dtype=np.int64))
    return replace(
        cause,
        customers=customers,
        statements=len(ids),
        share_of_theme=round(customers / part.distinct_customers(rows), 6),
        evidence_ids=tuple(sorted(ids)),
    )
