"""Rows of the pages, made from a snapshot and the feedback behind it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from itertools import pairwise

import numpy as np

from api.page_contexts import CauseRow, Said, ThemeRow
from api.scope import Snapshot
from api.views import StatementRecord, mention_count, pieces_within
from nlp.population import Population
from nlp.records import Feedback, RootCause, Statement, Verdict
from nlp.weeks import shift, weeks_between
from report.backlog import root_cause_line, why_unranked
from report.cause_wording import trend_text
from report.document import Point
from report.verdict_wording import pending_text
from report.wording import theme_note


def theme_rows(
    snapshot: Snapshot, population: Population, theme_ids: Collection[str]
) -> list[ThemeRow]:
    """The themes asked for, in the order of the registry."""
    friction = snapshot.friction_of
    rows: list[ThemeRow] = []
    for theme in snapshot.themes.values():
        if theme.id not in theme_ids:
            continue
        trend = snapshot.trends.get(theme.id)
        rows.append(
            ThemeRow(
                theme=theme,
                trend=trend,
                note=theme_note(trend) if trend else "",
                owner=snapshot.owners.get(theme.id),
                stage=snapshot.stages.get(theme.id),
                friction=friction.get(theme.id),
                customers=mention_count(population, theme.id)[0],
            )
        )
    return rows


def cause_rows(
    snapshot: Snapshot,
    causes: Iterable[RootCause],
    *,
    population: Population,
    part: Population,
    verdicts: Mapping[str, Verdict] | None,
) -> list[CauseRow]:
    """Root causes that `told_within` gave for the part, in their order.

    Args:
        verdicts: those in force, by cause; None for a week that is not the last, which no verdict
            changes any more.
    """
    rows: list[CauseRow] = []
    for counted in causes:
        cause, pieces = pieces_within(snapshot, counted, population, part)
        rows.append(
            CauseRow(
                cause=cause,
                text=root_cause_line(cause, {piece.id: piece for piece in pieces}).lead,
                trend=trend_text(cause),
                theme_label=snapshot.themes[cause.theme_id].label,
                owner=snapshot.owners.get(cause.theme_id),
                unranked=why_unranked(cause) if cause.rank is None else "",
                pending="" if verdicts is None else pending_text(cause, verdicts.get(cause.id)),
            )
        )
    return rows


def theme_points(
    population: Population, theme_id: str, *, week: str, weeks: int = 26
) -> tuple[Point, ...]:
    """Customers and statements a week, over half a year or from the first feedback on."""
    first = min((name for name in population.week_names() if name <= week), default=week)
    shown = weeks_between(max(first, shift(week, 1 - weeks)), week)
    customers, statements = population.said_weekly(theme_id, shown)
    return tuple(map(Point, shown, customers.tolist(), statements.tolist()))


def said(record: StatementRecord) -> Said:
    """A statement cut where its clauses begin and end; overlapping clauses are one."""
    return said_pieces(record.statement, record.feedback)


def said_pieces(statement: Statement, message: Feedback) -> Said:
    """The same of a statement and its message."""
    text = statement.text
    inside = np.zeros(len(text), dtype=np.bool_)
    for clause in statement.clauses:
        inside[clause.start : clause.end] = True
    edges = [0, *(np.flatnonzero(np.diff(inside)) + 1).tolist(), len(text)]
    return Said(
        statement_id=statement.id,
        week=message.week,
        kind=message.kind,
        pieces=tuple(
            (text[start:end], bool(inside[start])) for start, end in pairwise(edges) if end > start
        ),
    )
