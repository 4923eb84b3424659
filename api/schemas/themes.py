"""Themes, the statements in them, and their life."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from pydantic import ConfigDict, Field

from api.schemas.common import Answer, OwnerRef, StageRef, owner_ref, stage_ref
from api.snapshot import Snapshot
from nlp.duplicates import Copies
from nlp.records import (
    Assignment,
    Clause,
    Feedback,
    Kind,
    Level,
    State,
    Statement,
    Theme,
    ThemeEvent,
    Trend,
    TrendStatus,
)
from report.life import Moment
from report.wording import copies_note, theme_note

_TREND: dict[str, Any] = {
    "week": "2026-W46",
    "status": "rising",
    "customers": 23,
    "statements": 25,
    "rate_ratio": 1.9,
    "ratio_low": 1.3,
    "ratio_high": 2.9,
    "q_value": 0.004,
    "rank": 1,
    "three_months": False,
    "note": "11 more customers than usual (23 instead of about 12); 95% sure it is at least 5 more",
}
_THEME: dict[str, Any] = {
    "id": "T-4f2a91c07b",
    "level": "leaf",
    "parent_id": "T-11c07b4f2a",
    "label": "signed out again and again",
    "label_reason": "words this theme's customers use and others do not",
    "terms": ["signed out", "log in again"],
    "born_week": "2026-W40",
    "customers": 45,
    "statements": 52,
    "trend": _TREND,
}

_COPIES: dict[str, Any] = {
    "text": "I call on you to reopen the branch in our town before the end of the year",
    "mentions": 312,
    "all_mentions": 340,
    "weeks": 12,
    "customers": 300,
    "texts": 41,
    "note": "312 of 340 mentions of the last 12 weeks are copies of one text, sent by …",
}


class ThemeTrend(Answer):
    """A theme in one week against its own recent weeks."""

    model_config = ConfigDict(json_schema_extra={"examples": [_TREND]})

    week: str
    status: TrendStatus
    customers: int
    statements: int
    rate_ratio: float | None
    ratio_low: float | None
    ratio_high: float | None
    q_value: float | None
    rank: int | None
    three_months: bool
    note: str = Field(description="The change in plain words.")


class ThemeOut(Answer):
    """A lasting customer intent; its id never changes."""

    model_config = ConfigDict(json_schema_extra={"examples": [_THEME]})

    id: str
    level: Level
    parent_id: str | None = None
    label: str
    label_reason: str = Field(description="Why it is called that.")
    terms: list[str] = Field(description="Its most distinctive words.")
    born_week: str
    owner: OwnerRef | None = None
    journey_stage: StageRef | None = None
    customers: int = Field(
        description="Different customers in the feedback asked for; all of it up to the week."
    )
    statements: int
    trend: ThemeTrend | None = Field(
        default=None, description="Of the published week; filters do not change it."
    )


class CopiesOut(Answer):
    """A text that makes up many of a theme's mentions: a mass mail, a bot, or a common phrase."""

    model_config = ConfigDict(json_schema_extra={"examples": [_COPIES]})

    text: str = Field(description="The version sent most often.")
    mentions: int = Field(description="Messages that hold a copy, near copies included.")
    all_mentions: int = Field(description="All messages of the theme in these weeks.")
    weeks: int = Field(description="Weeks counted, up to the published one.")
    customers: int = Field(description="Different customers who sent a copy.")
    texts: int = Field(description="In how many versions.")
    note: str = Field(description="The same in plain words.")


class ThemeDetail(ThemeOut):
    """A theme with its narrower themes."""

    children: list[str] = Field(default_factory=list, description="Ids of its narrower themes.")
    typical: list[str] = Field(
        default_factory=list, description="The texts that say best what it means, best first."
    )
    copies: CopiesOut | None = Field(
        default=None, description="Where many mentions are one text; it had one vote."
    )


class StatementClause(Answer):
    """A reason in the customer's own words; `start` and `end` are offsets in the statement."""

    text: str
    connective: str
    relation: str
    start: int
    end: int


class StatementOut(Answer):
    """One point a customer made."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "zendesk/1842#0",
                    "feedback_id": "1842",
                    "source": "zendesk",
                    "kind": "ticket",
                    "week": "2026-W46",
                    "created_at": "2026-11-10T09:12:00Z",
                    "text": "The app signs me out every time since I updated to 4.2",
                    "score": None,
                    "attributes": {"plan": "Pro", "version": "4.2"},
                    "state": "leaf",
                    "confidence": 0.82,
                    "method": "exemplar",
                    "clauses": [],
                }
            ]
        }
    )

    id: str
    feedback_id: str
    source: str
    kind: Kind
    week: str
    created_at: dt.datetime
    text: str
    score: float | None
    attributes: dict[str, str]
    state: State
    confidence: float
    method: str
    clauses: list[StatementClause]


class HistoryEvent(Answer):
    """Something that happened to a theme."""

    week: str
    kind: str = Field(examples=["born"])
    detail: str
    related: list[str] = Field(default_factory=list, description="Other themes that had a part.")


class HistoryMoment(Answer):
    """Something that happened to a theme, or to another one as this one saw it, in a sentence."""

    week: str
    kind: str = Field(examples=["renamed"])
    sentence: str = Field(examples=["It was renamed: Signed out again and again (by a person)."])
    related: list[str] = Field(default_factory=list, description="Other themes that had a part.")


class History(Answer):
    """A theme's life: what happened to it, and its published weeks."""

    theme_id: str = Field(examples=["T-4f2a91c07b"])
    events: list[HistoryEvent]
    weeks: list[ThemeTrend]
    life: list[HistoryMoment] = Field(description="The same as its page tells it.")


def theme_trend(trend: Trend) -> ThemeTrend:
    """A trend as the API shows it."""
    return ThemeTrend(
        week=trend.week,
        status=trend.status,
        customers=trend.customers,
        statements=trend.statements,
        rate_ratio=trend.rate_ratio,
        ratio_low=trend.ratio_low,
        ratio_high=trend.ratio_high,
        q_value=trend.q_value,
        rank=trend.rank,
        three_months=trend.three_months,
        note=theme_note(trend),
    )


def theme_out(theme: Theme, *, snapshot: Snapshot, customers: int, statements: int) -> ThemeOut:
    """A theme as lists show it."""
    trend = snapshot.trends.get(theme.id)
    return ThemeOut(
        id=theme.id,
        level=theme.level,
        parent_id=theme.parent_id,
        label=theme.label,
        label_reason=theme.label_reason,
        terms=list(theme.terms),
        born_week=theme.born_week,
        owner=owner_ref(snapshot, theme.id),
        journey_stage=stage_ref(snapshot, theme.id),
        customers=customers,
        statements=statements,
        trend=theme_trend(trend) if trend else None,
    )


def theme_detail(
    theme: Theme,
    *,
    snapshot: Snapshot,
    customers: int,
    statements: int,
    typical: Sequence[str],
    copies: Copies | None,
    weeks: int,
) -> ThemeDetail:
    """A theme as its own address shows it."""
    base = theme_out(theme, snapshot=snapshot, customers=customers, statements=statements)
    children = list(snapshot.children_of.get(theme.id, ()))
    told = None
    if copies is not None:
        told = CopiesOut(
            text=copies.text,
            mentions=copies.mentions,
            all_mentions=copies.all_mentions,
            weeks=weeks,
            customers=copies.customers,
            texts=copies.texts,
            note=copies_note(copies, weeks=weeks),
        )
    return ThemeDetail(**base.model_dump(), children=children, typical=list(typical), copies=told)


def statement_out(
    statement: Statement, *, feedback: Feedback, assignment: Assignment
) -> StatementOut:
    """A statement with its message and its place."""
    return StatementOut(
        id=statement.id,
        feedback_id=feedback.id,
        source=feedback.source,
        kind=feedback.kind,
        week=feedback.week,
        created_at=feedback.created_at,
        text=statement.text,
        score=feedback.score,
        attributes=dict(feedback.attributes),
        state=assignment.state,
        confidence=assignment.confidence,
        method=assignment.method,
        clauses=[_clause(clause) for clause in statement.clauses],
    )


def _clause(clause: Clause) -> StatementClause:
    return StatementClause(
        text=clause.text,
        connective=clause.connective,
        relation=clause.relation,
        start=clause.start,
        end=clause.end,
    )


def history(
    theme_id: str, events: Sequence[ThemeEvent], trends: Sequence[Trend], moments: Sequence[Moment]
) -> History:
    """A theme's events, trends and life, the earliest first."""
    return History(
        theme_id=theme_id,
        events=[
            HistoryEvent(
                week=event.week, kind=event.kind, detail=event.detail, related=list(event.related)
            )
            for event in events
        ],
        weeks=[theme_trend(trend) for trend in trends],
        life=[
            HistoryMoment(
                week=one.week, kind=one.kind, sentence=one.sentence, related=list(one.related)
            )
            for one in moments
        ],
    )
