"""Rows that both the API and the pages show, made from a snapshot and the feedback behind it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from api.schemas.causes import RootCause, root_cause
from api.scope import Snapshot
from labels.schema import Labels
from nlp.population import Population
from nlp.records import Assignment, Cause, Feedback, Statement, Theme, text_sha
from store.assignments import assignments_as_of
from store.database import Session
from store.feedback import feedback_by_key
from store.statements import statements_by_id, texts_by_sha

_TYPICAL = 5  # a theme remembers some thirty, the most typical first
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


def cause_rows(
    snapshot: Snapshot, population: Population, part: Population, theme_ids: Collection[str]
) -> list[RootCause]:
    """The causes of some themes. In a part of the feedback, evidence is counted in that part.

    Lift, q-value and rank stay as they were published: they compare with all feedback.
    """
    found: list[RootCause] = []
    for cause in snapshot.causes:
        if cause.theme_id not in theme_ids or cause.theme_id not in snapshot.themes:
            continue
        kept = cause if part is population else _within(cause, part)
        if kept is None:
            continue
        label = snapshot.themes[cause.theme_id].label
        found.append(root_cause(kept, theme_label=label))
    return found


def _within(cause: Cause, part: Population) -> Cause | None:
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
