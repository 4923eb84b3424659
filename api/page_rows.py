"""Rows of the pages, made from a snapshot and the feedback behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from itertools import pairwise

import numpy as np

from api.page_contexts import Said, ThemeRow
from api.scope import Snapshot
from api.views import StatementRecord, mention_count, mentions
from nlp.population import Population
from nlp.records import Feedback, Statement
from nlp.weeks import shift, weeks_between
from report.document import Point
from report.wording import theme_note


def theme_rows(
    snapshot: Snapshot, population: Population, theme_ids: Collection[str]
) -> list[ThemeRow]:
    """The themes asked for, in the order of the registry."""
    friction = {item.theme_id: item for item in snapshot.friction}
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


def theme_points(
    population: Population, theme_id: str, *, week: str, weeks: int = 26
) -> tuple[Point, ...]:
    """Customers and statements a week, over half a year or from the first feedback on."""
    first = min((name for name in population.weeks if name <= week), default=week)
    shown = weeks_between(max(first, shift(week, 1 - weeks)), week)
    rows = population.members.get(theme_id, np.zeros(0, dtype=np.int64))
    names = np.array(population.weeks, dtype=np.str_)[rows]
    spoken = Counter(mention.week for mention in mentions(population, theme_id))
    return tuple(
        Point(name, population.distinct_customers(rows[names == name]), spoken[name])
        for name in shown
    )


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
