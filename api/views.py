"""Rows that both the API and the pages show, made from a snapshot and the feedback behind it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from api.schemas.causes import RootCause, root_cause_out
from api.scope import Snapshot
from labels.schema import Labels
from nlp.causes.telling import tell
from nlp.duplicates import Copies, Said, most_copied
from nlp.population import Population
from nlp.records import Assignment, Cause, Feedback, Statement, Theme, text_sha
from nlp.records import RootCause as Record
from nlp.weeks import shift
from store.assignments import assignments_of
from store.database import Session
from store.feedback import feedback_by_key
from store.statements import statement_texts, statements_by_id, texts_by_sha

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
    return population.mention_count(theme_id)


def mentions(population: Population, theme_id: str) -> list[Mention]:
    """All statements of a theme, by id only."""
    rows, names = population.said(theme_id)
    return list(map(Mention, population.weeks_at(rows), names))


def statement_records(session: Session, week: str, ids: Sequence[str]) -> list[StatementRecord]:
    """The statements with these ids, in this order; those that are gone by now are left out."""
    statements = statements_by_id(session, ids)
    messages = feedback_by_key(session, {item.feedback_key for item in statements.values()})
    places = assignments_of(session, statements, week)
    return [
        StatementRecord(statement, messages[statement.feedback_key], places[statement.id])
        for statement in (statements[name] for name in ids if name in statements)
        if statement.id in places
    ]


def copies_in(
    session: Session, population: Population, theme_id: str, *, week: str, weeks: int = COPY_WEEKS
) -> Copies | None:
    """`store.copies.theme_copies`, of what a population holds."""
    since = shift(week, 1 - weeks)
    rows, ids = population.said(theme_id)
    of_weeks = population.weeks_at(rows)
    inside = {
        name: row
        for row, name, of in zip(rows.tolist(), ids, of_weeks, strict=True)
        if since <= of <= week
    }
    texts = statement_texts(session, inside)
    messages = {name: population.message(row) for name, row in inside.items() if name in texts}
    return most_copied(
        Said(texts[name], message.key, message.customer) for name, message in messages.items()
    )


def root_cause_rows(
    snapshot: Snapshot, population: Population, part: Population, theme_ids: Collection[str]
) -> list[RootCause]:
    """The root causes of some themes. In a part of the feedback, evidence is counted in that part.

    Lift, q-value, score and rank stay as published: they compare with all feedback.
    """
    return [
        root_cause_row(snapshot, cause, population, part)
        for cause in told_within(snapshot, population, part, theme_ids)
    ]


def told_within(
    snapshot: Snapshot,
    population: Population,
    part: Population,
    theme_ids: Collection[str],
    *,
    ids: bool = True,
) -> list[Record]:
    """Root causes of some living themes, counted in the part; those without evidence are out.

    Args:
        ids: False leaves the ids of all their evidence in them, for `with_ids` of the rows shown.
    """
    told = [
        cause
        for theme_id, own in snapshot.causes_of.items()
        if theme_id in theme_ids and theme_id in snapshot.themes
        for cause in own
    ]
    if part is population:
        return told
    counts = snapshot.counted_in(part)
    if counts is None:
        return [inside for cause in told if (inside := _within(cause, part)) is not None]
    count = counts.of if ids else counts.numbered
    return [inside for cause in told if (inside := count(cause)) is not None]


def with_ids(snapshot: Snapshot, population: Population, part: Population, cause: Record) -> Record:
    """A root cause of `told_within` without ids, with the ids of its evidence in the part."""
    counts = None if part is population else snapshot.counted_in(part)
    return cause if counts is None else counts.with_ids(cause)


def root_cause_row(
    snapshot: Snapshot, cause: Record, population: Population, part: Population
) -> RootCause:
    """A root cause that `told_within` gave, with its pieces as they are in the part."""
    told, pieces = pieces_within(snapshot, cause, population, part)
    return root_cause_out(told, theme_label=snapshot.themes[cause.theme_id].label, pieces=pieces)


def pieces_within(
    snapshot: Snapshot, cause: Record, population: Population, part: Population
) -> tuple[Record, list[Cause]]:
    """A root cause that `told_within` gave, told by its pieces in the part, and those pieces.

    Its sentence tells them only: among customers on the web nothing is "mostly device ios".
    """
    published = [snapshot.pieces[name] for name in cause.evidence if name in snapshot.pieces]
    if part is population:
        return cause, published
    counts = snapshot.counted_in(part)
    counted = [(one, counts.of(one) if counts else _within(one, part)) for one in published]
    told = [one for one, inside in counted if inside is not None]
    if 0 < len(told) < len(published):
        cause = replace(cause, statement=tell(told))
    return cause, [inside for _, inside in counted if inside is not None]


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
    rows, ids = part.within(cause.theme_id, cause.evidence_ids)
    if not ids:
        return None
    customers = part.distinct_customers(rows)
    return replace(
        cause,
        customers=customers,
        statements=len(ids),
        share_of_theme=round(customers / part.mention_count(cause.theme_id)[0], 6),
        evidence_ids=tuple(sorted(ids)),
    )
