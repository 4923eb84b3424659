"""The tables. Rows do not validate: the records of `nlp.records` and the column types do.

Columns carry the names of the record's fields, so that `store.rows` maps one to the other.
Names ending in `_version` hold one row for each week in which something changed. What a week
published stands in `store.week_tables`.
"""

import datetime as dt

from sqlalchemy import Double, LargeBinary, Table, Text
from sqlmodel import Field, SQLModel

from store.access_tables import (
    AccessKeyRow,
    DeliveryRow,
    PostedRow,
    RevisionRow,
    WebSessionRow,
)
from store.columns import ClausesJson, EscapedText, PairsJson, TupleJson, UtcTime
from store.table_fields import key_column, optional_column, owned_by, text_column, typed_column
from store.week_tables import (
    CauseRow,
    FrictionRow,
    OwnerMatchRow,
    ReportRow,
    RootCauseRow,
    StageMatchRow,
    TrendRow,
)


class FeedbackRow(SQLModel, table=True):
    """One message; `digest` covers every field and tells an update from a repetition."""

    __tablename__ = "feedback"
    key: str = key_column()
    id: str = text_column()
    source: str = text_column()
    kind: str = text_column()
    text: str = typed_column(Text)
    created_at: dt.datetime = typed_column(UtcTime)
    week: str = text_column(index=True)
    day: dt.date
    customer_id: str | None = optional_column()
    account_id: str | None = optional_column()
    score: float | None = optional_column(Double)
    score_kind: str | None = optional_column()
    revenue: float | None = optional_column(Double)
    resolved_at: dt.datetime | None = optional_column(UtcTime)
    reopened: bool | None = None
    channel: str | None = optional_column()
    language: str | None = optional_column()
    attributes: str = typed_column(PairsJson)
    digest: str = text_column()


class SplitRow(SQLModel, table=True):
    """Which splitter version made a message's statements, also when it made none."""

    __tablename__ = "split"
    feedback_key: str = owned_by("feedback.key", primary_key=True)
    version: str = text_column()


class StatementRow(SQLModel, table=True):
    """One point of one message."""

    __tablename__ = "statement"
    id: str = key_column()
    feedback_key: str = owned_by("feedback.key", index=True)
    no: int
    text: str = typed_column(Text)
    sha: str = text_column(index=True)
    noise: str | None = optional_column()
    clauses: str = typed_column(ClausesJson)


class VectorRow(SQLModel, table=True):
    """One text's embedding by one model: little-endian float32."""

    __tablename__ = "vector"
    model: str = key_column()
    sha: str = key_column()
    vector: bytes = typed_column(LargeBinary)


class ThemeVersionRow(SQLModel, table=True):
    """A theme as it was from `week` on."""

    __tablename__ = "theme_version"
    id: str = key_column()
    week: str = key_column()
    level: str = text_column()
    parent_id: str | None = optional_column()
    label: str = typed_column(Text)
    label_reason: str = typed_column(Text)
    terms: str = typed_column(TupleJson)
    exemplars: str = typed_column(TupleJson)
    threshold: float = typed_column(Double)
    born_week: str = text_column()
    retired_week: str | None = optional_column()
    seeded_by: str | None = optional_column()
    found_label: str = typed_column(Text)
    found_reason: str = typed_column(Text)
    ended: str = text_column()
    successors: str = typed_column(TupleJson)
    pinned: bool
    rival: str = typed_column(Text)
    rival_weeks: int


class ThemeEventRow(SQLModel, table=True):
    """Something that happened to a theme; `digest` makes the same fact one row."""

    __tablename__ = "theme_event"
    digest: str = key_column()
    week: str = text_column(index=True)
    theme_id: str = text_column(index=True)
    kind: str = text_column()
    detail: str = typed_column(Text)
    related: str = typed_column(TupleJson)


class AssignmentVersionRow(SQLModel, table=True):
    """Where a statement stood from `week` on."""

    __tablename__ = "assignment_version"
    statement_id: str = owned_by("statement.id", primary_key=True)
    week: str = key_column()
    theme_id: str | None = optional_column(index=True)
    parent_theme_id: str | None = optional_column()
    state: str = text_column()
    confidence: float = typed_column(Double)
    method: str = text_column()
    found_theme_id: str | None = optional_column()


class RunRow(SQLModel, table=True):
    """One run of a flow."""

    __tablename__ = "run"
    id: str = key_column()
    kind: str = text_column()
    week: str | None = optional_column()
    status: str = text_column()
    started_at: dt.datetime = typed_column(UtcTime)
    finished_at: dt.datetime | None = optional_column(UtcTime)
    config: str = typed_column(Text)
    model_digests: str = typed_column(Text)
    code_version: str = text_column()
    counts: str = typed_column(Text)
    timings: str = typed_column(Text)
    input_digest: str = text_column()
    error: str = typed_column(Text)


class IngestRow(SQLModel, table=True):
    """One ingest and what became of its rows."""

    __tablename__ = "ingest"
    id: str = key_column()
    started_at: dt.datetime = typed_column(UtcTime)
    files: str = typed_column(TupleJson)
    rows_read: int
    accepted: int
    updated: int
    unchanged: int
    quarantined: int
    redactions: str = typed_column(PairsJson)


class QuarantineRow(SQLModel, table=True):
    """A row that was not taken; `digest` covers file, line, reason and raw."""

    __tablename__ = "quarantine"
    digest: str = key_column()
    ingest_id: str = text_column()
    id: str = typed_column(EscapedText)
    stage: str = typed_column(EscapedText)
    reason: str = typed_column(EscapedText)
    file: str = typed_column(EscapedText)
    line: int
    raw: str = typed_column(EscapedText)


class DatedEventRow(SQLModel, table=True):
    """A dated happening in the world."""

    __tablename__ = "dated_event"
    day: dt.date = Field(primary_key=True)
    kind: str = key_column()
    name: str = key_column()
    detail: str = typed_column(Text)


class CustomerRow(SQLModel, table=True):
    """A customer of the customer table: the base against which segments are counted."""

    __tablename__ = "customer"
    id: str = key_column()
    attributes: str = typed_column(PairsJson)


class DecisionRow(SQLModel, table=True):
    """A human correction: a fact that every run replays until it is undone."""

    __tablename__ = "decision"
    id: int | None = Field(default=None, primary_key=True)
    kind: str = text_column()
    theme_id: str = text_column(index=True)
    value: str = typed_column(Text)
    who: str = text_column()
    when: dt.datetime = typed_column(UtcTime)
    why: str = typed_column(Text)
    undone_at: dt.datetime | None = optional_column(UtcTime)
    undone_by: str | None = optional_column(Text)
    undone_why: str | None = optional_column(Text)


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
REVISION = _table(RevisionRow)
ACCESS_KEY = _table(AccessKeyRow)
WEB_SESSION = _table(WebSessionRow)
POSTED = _table(PostedRow)
DELIVERY = _table(DeliveryRow)
