"""The tables. Rows do not validate: the records of `nlp.records` and the column types do.

Columns carry the names of the record's fields, so that `store.rows` maps one to the other.
Names ending in `_version` hold one row for each week in which something changed.
"""

import datetime as dt
from typing import Any

from sqlalchemy import Column, Double, ForeignKey, LargeBinary, Table, Text
from sqlmodel import Field, SQLModel

from store.columns import BYTE_TEXT, ClausesJson, EscapedText, PairsJson, TupleJson, UtcTime


def _key(**options: Any) -> Any:
    return Field(sa_type=BYTE_TEXT, primary_key=True, **options)


def _text(**options: Any) -> Any:
    return Field(sa_type=BYTE_TEXT, **options)


def _optional(sa_type: Any = BYTE_TEXT) -> Any:
    return Field(default=None, sa_type=sa_type, nullable=True)


def _typed(sa_type: Any) -> Any:
    return Field(sa_type=sa_type, nullable=False)


def _owned_by(parent: str, *, primary_key: bool = False, index: bool = False) -> Any:
    """A foreign key whose rows go when the parent's row goes."""
    return Field(
        sa_column=Column(
            BYTE_TEXT,
            ForeignKey(parent, ondelete="CASCADE"),
            primary_key=primary_key,
            index=index,
            nullable=False,
        )
    )


class FeedbackRow(SQLModel, table=True):
    """One message; `digest` covers every field and tells an update from a repetition."""

    __tablename__ = "feedback"
    key: str = _key()
    id: str = _text()
    source: str = _text()
    kind: str = _text()
    text: str = _typed(Text)
    created_at: dt.datetime = _typed(UtcTime)
    week: str = _text(index=True)
    day: dt.date
    customer_id: str | None = _optional()
    account_id: str | None = _optional()
    score: float | None = _optional(Double)
    score_kind: str | None = _optional()
    revenue: float | None = _optional(Double)
    resolved_at: dt.datetime | None = _optional(UtcTime)
    reopened: bool | None = None
    channel: str | None = _optional()
    language: str | None = _optional()
    attributes: str = _typed(PairsJson)
    digest: str = _text()


class SplitRow(SQLModel, table=True):
    """Which splitter version made a message's statements, also when it made none."""

    __tablename__ = "split"
    feedback_key: str = _owned_by("feedback.key", primary_key=True)
    version: str = _text()


class StatementRow(SQLModel, table=True):
    """One point of one message."""

    __tablename__ = "statement"
    id: str = _key()
    feedback_key: str = _owned_by("feedback.key", index=True)
    no: int
    text: str = _typed(Text)
    sha: str = _text()
    noise: str | None = _optional()
    clauses: str = _typed(ClausesJson)


class VectorRow(SQLModel, table=True):
    """One text's embedding by one model: little-endian float32."""

    __tablename__ = "vector"
    model: str = _key()
    sha: str = _key()
    vector: bytes = _typed(LargeBinary)


class ThemeVersionRow(SQLModel, table=True):
    """A theme as it was from `week` on."""

    __tablename__ = "theme_version"
    id: str = _key()
    week: str = _key()
    level: str = _text()
    parent_id: str | None = _optional()
    label: str = _typed(Text)
    label_reason: str = _typed(Text)
    terms: str = _typed(TupleJson)
    exemplars: str = _typed(TupleJson)
    threshold: float = _typed(Double)
    born_week: str = _text()
    retired_week: str | None = _optional()
    seeded_by: str | None = _optional()
    found_label: str = _typed(Text)
    found_reason: str = _typed(Text)
    ended: str = _text()
    successors: str = _typed(TupleJson)
    pinned: bool
    rival: str = _typed(Text)
    rival_weeks: int


class ThemeEventRow(SQLModel, table=True):
    """Something that happened to a theme; `digest` makes the same fact one row."""

    __tablename__ = "theme_event"
    digest: str = _key()
    week: str = _text(index=True)
    theme_id: str = _text(index=True)
    kind: str = _text()
    detail: str = _typed(Text)
    related: str = _typed(TupleJson)


class AssignmentVersionRow(SQLModel, table=True):
    """Where a statement stood from `week` on."""

    __tablename__ = "assignment_version"
    statement_id: str = _owned_by("statement.id", primary_key=True)
    week: str = _key()
    theme_id: str | None = _optional()
    parent_theme_id: str | None = _optional()
    state: str = _text()
    confidence: float = _typed(Double)
    method: str = _text()
    found_theme_id: str | None = _optional()


class TrendRow(SQLModel, table=True):
    """A theme in a week, as published."""

    __tablename__ = "trend"
    week: str = _key()
    theme_id: str = _key()
    label: str = _typed(Text)
    status: str = _text()
    statements: int
    customers: int
    rate_ratio: float | None = _optional(Double)
    ratio_low: float | None = _optional(Double)
    ratio_high: float | None = _optional(Double)
    q_value: float | None = _optional(Double)
    rank: int | None = None
    three_months: bool


class CauseRow(SQLModel, table=True):
    """A piece of evidence, as published in a week."""

    __tablename__ = "cause"
    week: str = _key()
    id: str = _key()
    theme_id: str = _text(index=True)
    kind: str = _text()
    statement: str = _typed(Text)
    customers: int
    statements: int
    share_of_theme: float = _typed(Double)
    evidence_ids: str = _typed(TupleJson)
    conditions: str = _typed(TupleJson)
    onset: dt.date | None = None
    event: str | None = _optional(Text)
    lift: float | None = _optional(Double)
    lift_low: float | None = _optional(Double)
    lift_high: float | None = _optional(Double)
    q_value: float | None = _optional(Double)
    rank: int | None = None
    rank_low: int | None = None
    rank_high: int | None = None
    exploratory: bool
    base_customers: int | None = None
    base_lift: float | None = _optional(Double)
    base_low: float | None = _optional(Double)
    base_high: float | None = _optional(Double)
    centre: str | None = _optional()
    cosine: float | None = _optional(Double)


class RootCauseRow(SQLModel, table=True):
    """A root cause, as published in a week; `id` lasts."""

    __tablename__ = "root_cause"
    week: str = _key()
    id: str = _key()
    theme_id: str = _text(index=True)
    statement: str = _typed(Text)
    state: str = _text()
    kinds: str = _typed(TupleJson)
    evidence: str = _typed(TupleJson)
    customers: int
    statements: int
    share_of_theme: float = _typed(Double)
    evidence_ids: str = _typed(TupleJson)
    first_week: str = _text()
    trend: str = _text()
    trend_ratio: float | None = _optional(Double)
    trend_low: float | None = _optional(Double)
    trend_high: float | None = _optional(Double)
    trend_q: float | None = _optional(Double)
    reach: int
    impact: float | None = _optional(Double)
    impact_low: float | None = _optional(Double)
    impact_high: float | None = _optional(Double)
    avoidable: float = _typed(Double)
    avoidable_low: float = _typed(Double)
    avoidable_high: float = _typed(Double)
    confidence: float = _typed(Double)
    effort: float = _typed(Double)
    score: float | None = _optional(Double)
    score_low: float | None = _optional(Double)
    score_high: float | None = _optional(Double)
    rank: int | None = None
    rank_low: int | None = None
    rank_high: int | None = None
    top5_probability: float | None = _optional(Double)
    tied_with: str = _typed(TupleJson)
    exploratory: bool
    note: str = _typed(Text)
    decided_by: str = _typed(Text)
    decision_note: str = _typed(Text)


class FrictionRow(SQLModel, table=True):
    """A theme's place in the backlog, as published in a week."""

    __tablename__ = "friction"
    week: str = _key()
    theme_id: str = _key()
    label: str = _typed(Text)
    owner: str = _typed(Text)
    journey_stage: str = _typed(Text)
    reach: int
    impact: float | None = _optional(Double)
    impact_low: float | None = _optional(Double)
    impact_high: float | None = _optional(Double)
    confidence: float = _typed(Double)
    effort: float = _typed(Double)
    score: float | None = _optional(Double)
    rank: int | None = None
    rank_low: int | None = None
    rank_high: int | None = None
    top5_probability: float | None = _optional(Double)
    tied_with: str = _typed(TupleJson)
    top_causes: str = _typed(TupleJson)
    note: str = _typed(Text)
    reach_low: int | None = None
    reach_high: int | None = None
    score_low: float | None = _optional(Double)
    score_high: float | None = _optional(Double)
    loss: float | None = _optional(Double)
    loss_low: float | None = _optional(Double)
    loss_high: float | None = _optional(Double)
    scored: int
    recontact_rate: float | None = _optional(Double)
    reopen_rate: float | None = _optional(Double)
    days_to_resolve: float | None = _optional(Double)
    revenue: float | None = _optional(Double)


class OwnerMatchRow(SQLModel, table=True):
    """A theme's owner, as published in a week."""

    __tablename__ = "owner_match"
    week: str = _key()
    theme_id: str = _key()
    owner_id: str = _text()
    owner_name: str = _typed(Text)
    method: str = _text()
    reason: str = _typed(Text)
    confidence: float = _typed(Double)
    needs_confirmation: bool


class StageMatchRow(SQLModel, table=True):
    """A theme's journey stage, as published in a week."""

    __tablename__ = "stage_match"
    week: str = _key()
    theme_id: str = _key()
    stage_id: str = _text()
    stage_name: str = _typed(Text)
    reason: str = _typed(Text)
    confidence: float = _typed(Double)


class ReportRow(SQLModel, table=True):
    """A week's report document; its row is what makes the week published."""

    __tablename__ = "report"
    week: str = _key()
    report_json: str = _typed(Text)


class RunRow(SQLModel, table=True):
    """One run of a flow."""

    __tablename__ = "run"
    id: str = _key()
    kind: str = _text()
    week: str | None = _optional()
    status: str = _text()
    started_at: dt.datetime = _typed(UtcTime)
    finished_at: dt.datetime | None = _optional(UtcTime)
    config: str = _typed(Text)
    model_digests: str = _typed(Text)
    code_version: str = _text()
    counts: str = _typed(Text)
    timings: str = _typed(Text)
    input_digest: str = _text()
    error: str = _typed(Text)


class IngestRow(SQLModel, table=True):
    """One ingest and what became of its rows."""

    __tablename__ = "ingest"
    id: str = _key()
    started_at: dt.datetime = _typed(UtcTime)
    files: str = _typed(TupleJson)
    rows_read: int
    accepted: int
    updated: int
    unchanged: int
    quarantined: int
    redactions: str = _typed(PairsJson)


class QuarantineRow(SQLModel, table=True):
    """A row that was not taken; `digest` covers file, line, reason and raw."""

    __tablename__ = "quarantine"
    digest: str = _key()
    ingest_id: str = _text()
    id: str = _typed(EscapedText)
    stage: str = _typed(EscapedText)
    reason: str = _typed(EscapedText)
    file: str = _typed(EscapedText)
    line: int
    raw: str = _typed(EscapedText)


class DatedEventRow(SQLModel, table=True):
    """A dated happening in the world."""

    __tablename__ = "dated_event"
    day: dt.date = Field(primary_key=True)
    kind: str = _key()
    name: str = _key()
    detail: str = _typed(Text)


class CustomerRow(SQLModel, table=True):
    """A customer of the customer table: the base against which segments are counted."""

    __tablename__ = "customer"
    id: str = _key()
    attributes: str = _typed(PairsJson)


class DecisionRow(SQLModel, table=True):
    """A human correction: a fact that every run replays until it is undone."""

    __tablename__ = "decision"
    id: int | None = Field(default=None, primary_key=True)
    kind: str = _text()
    theme_id: str = _text(index=True)
    value: str = _typed(Text)
    who: str = _text()
    when: dt.datetime = _typed(UtcTime)
    why: str = _typed(Text)
    undone_at: dt.datetime | None = _optional(UtcTime)


metadata = SQLModel.metadata


def _table(row: type[SQLModel]) -> Table:
    return metadata.tables[str(row.__tablename__)]


FEEDBACK = _table(FeedbackRow)
SPLIT = _table(SplitRow)
STATEMENT = _table(StatementRow)
VECTOR = _table(VectorRow)
THEME_VERSION = _table(ThemeVersionRow)
THEME_EVENT = _table(ThemeEventRow)
ASSIGNMENT_VERSION = _table(AssignmentVersionRow)
TREND = _table(TrendRow)
CAUSE = _table(CauseRow)
ROOT_CAUSE = _table(RootCauseRow)
FRICTION = _table(FrictionRow)
OWNER_MATCH = _table(OwnerMatchRow)
STAGE_MATCH = _table(StageMatchRow)
REPORT = _table(ReportRow)
RUN = _table(RunRow)
INGEST = _table(IngestRow)
QUARANTINE = _table(QuarantineRow)
DATED_EVENT = _table(DatedEventRow)
CUSTOMER = _table(CustomerRow)
DECISION = _table(DecisionRow)
