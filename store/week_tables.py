"""The tables of what a week published; everything of a week is replaced together."""

import datetime as dt

from sqlalchemy import Double, Text
from sqlmodel import SQLModel

from store.columns import TupleJson
from store.table_fields import key_column, optional_column, text_column, typed_column


class TrendRow(SQLModel, table=True):
    """A theme in a week, as published."""

    __tablename__ = "trend"
    week: str = key_column()
    theme_id: str = key_column()
    label: str = typed_column(Text)
    status: str = text_column()
    statements: int
    customers: int
    rate_ratio: float | None = optional_column(Double)
    ratio_low: float | None = optional_column(Double)
    ratio_high: float | None = optional_column(Double)
    q_value: float | None = optional_column(Double)
    rank: int | None = None
    three_months: bool


class CauseRow(SQLModel, table=True):
    """A piece of evidence, as published in a week."""

    __tablename__ = "cause"
    week: str = key_column()
    id: str = key_column()
    theme_id: str = text_column(index=True)
    kind: str = text_column()
    statement: str = typed_column(Text)
    customers: int
    statements: int
    share_of_theme: float = typed_column(Double)
    evidence_ids: str = typed_column(TupleJson)
    conditions: str = typed_column(TupleJson)
    onset: dt.date | None = None
    event: str | None = optional_column(Text)
    lift: float | None = optional_column(Double)
    lift_low: float | None = optional_column(Double)
    lift_high: float | None = optional_column(Double)
    q_value: float | None = optional_column(Double)
    rank: int | None = None
    rank_low: int | None = None
    rank_high: int | None = None
    exploratory: bool
    base_customers: int | None = None
    base_lift: float | None = optional_column(Double)
    base_low: float | None = optional_column(Double)
    base_high: float | None = optional_column(Double)
    centre: str | None = optional_column()
    cosine: float | None = optional_column(Double)
    events: str = typed_column(TupleJson)


class RootCauseRow(SQLModel, table=True):
    """A root cause, as published in a week; `id` lasts."""

    __tablename__ = "root_cause"
    week: str = key_column()
    id: str = key_column()
    theme_id: str = text_column(index=True)
    statement: str = typed_column(Text)
    state: str = text_column()
    kinds: str = typed_column(TupleJson)
    independent: int
    evidence: str = typed_column(TupleJson)
    customers: int
    statements: int
    share_of_theme: float = typed_column(Double)
    evidence_ids: str = typed_column(TupleJson)
    first_week: str = text_column()
    trend: str = text_column()
    trend_ratio: float | None = optional_column(Double)
    trend_low: float | None = optional_column(Double)
    trend_high: float | None = optional_column(Double)
    trend_q: float | None = optional_column(Double)
    reach: int
    reach_low: int | None = None
    reach_high: int | None = None
    impact: float | None = optional_column(Double)
    impact_low: float | None = optional_column(Double)
    impact_high: float | None = optional_column(Double)
    avoidable: float = typed_column(Double)
    avoidable_low: float = typed_column(Double)
    avoidable_high: float = typed_column(Double)
    confidence: float = typed_column(Double)
    effort: float = typed_column(Double)
    score: float | None = optional_column(Double)
    score_low: float | None = optional_column(Double)
    score_high: float | None = optional_column(Double)
    rank: int | None = None
    rank_low: int | None = None
    rank_high: int | None = None
    top5_probability: float | None = optional_column(Double)
    tied_with: str = typed_column(TupleJson)
    exploratory: bool
    note: str = typed_column(Text)
    decided_by: str = typed_column(Text)
    decision_note: str = typed_column(Text)
    decided_wording: str = typed_column(Text)


class FrictionRow(SQLModel, table=True):
    """A theme's place in the backlog, as published in a week."""

    __tablename__ = "friction"
    week: str = key_column()
    theme_id: str = key_column()
    label: str = typed_column(Text)
    owner: str = typed_column(Text)
    journey_stage: str = typed_column(Text)
    reach: int
    impact: float | None = optional_column(Double)
    impact_low: float | None = optional_column(Double)
    impact_high: float | None = optional_column(Double)
    confidence: float = typed_column(Double)
    effort: float = typed_column(Double)
    score: float | None = optional_column(Double)
    rank: int | None = None
    rank_low: int | None = None
    rank_high: int | None = None
    top5_probability: float | None = optional_column(Double)
    tied_with: str = typed_column(TupleJson)
    top_causes: str = typed_column(TupleJson)
    note: str = typed_column(Text)
    reach_low: int | None = None
    reach_high: int | None = None
    score_low: float | None = optional_column(Double)
    score_high: float | None = optional_column(Double)
    loss: float | None = optional_column(Double)
    loss_low: float | None = optional_column(Double)
    loss_high: float | None = optional_column(Double)
    scored: int
    recontact_rate: float | None = optional_column(Double)
    reopen_rate: float | None = optional_column(Double)
    days_to_resolve: float | None = optional_column(Double)
    revenue: float | None = optional_column(Double)


class OwnerMatchRow(SQLModel, table=True):
    """A theme's owner, as published in a week."""

    __tablename__ = "owner_match"
    week: str = key_column()
    theme_id: str = key_column()
    owner_id: str = text_column()
    owner_name: str = typed_column(Text)
    method: str = text_column()
    reason: str = typed_column(Text)
    confidence: float = typed_column(Double)
    needs_confirmation: bool


class StageMatchRow(SQLModel, table=True):
    """A theme's journey stage, as published in a week."""

    __tablename__ = "stage_match"
    week: str = key_column()
    theme_id: str = key_column()
    stage_id: str = text_column()
    stage_name: str = typed_column(Text)
    reason: str = typed_column(Text)
    confidence: float = typed_column(Double)


class ReportRow(SQLModel, table=True):
    """A week's report document; its row is what makes the week published."""

    __tablename__ = "report"
    week: str = key_column()
    report_json: str = typed_column(Text)
