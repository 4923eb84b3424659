"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BYTE_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "cause",
        sa.Column("week", BYTE_TEXT, nullable=False),
        sa.Column("id", BYTE_TEXT, nullable=False),
        sa.Column("theme_id", BYTE_TEXT, nullable=False),
        sa.Column("kind", BYTE_TEXT, nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("customers", sa.Integer(), nullable=False),
        sa.Column("statements", sa.Integer(), nullable=False),
        sa.Column("share_of_theme", sa.Double(), nullable=False),
        sa.Column("evidence_ids", sa.Text(), nullable=False),
        sa.Column("conditions", sa.Text(), nullable=False),
        sa.Column("onset", sa.Date(), nullable=True),
        sa.Column("event", sa.Text(), nullable=True),
        sa.Column("lift", sa.Double(), nullable=True),
        sa.Column("lift_low", sa.Double(), nullable=True),
        sa.Column("lift_high", sa.Double(), nullable=True),
        sa.Column("q_value", sa.Double(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("rank_low", sa.Integer(), nullable=True),
        sa.Column("rank_high", sa.Integer(), nullable=True),
        sa.Column("exploratory", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("week", "id"),
    )
    op.create_index("ix_cause_theme_id", "cause", ["theme_id"], unique=False)
    op.create_table(
        "dated_event",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", BYTE_TEXT, nullable=False),
        sa.Column("name", BYTE_TEXT, nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("day", "kind", "name"),
    )
    op.create_table(
        "decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", BYTE_TEXT, nullable=False),
        sa.Column("theme_id", BYTE_TEXT, nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("who", BYTE_TEXT, nullable=False),
        sa.Column("when", sa.DateTime(timezone=True), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_decision_theme_id", "decision", ["theme_id"], unique=False)
    op.create_table(
        "feedback",
        sa.Column("key", BYTE_TEXT, nullable=False),
        sa.Column("id", BYTE_TEXT, nullable=False),
        sa.Column("source", BYTE_TEXT, nullable=False),
        sa.Column("kind", BYTE_TEXT, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("week", BYTE_TEXT, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("customer_id", BYTE_TEXT, nullable=True),
        sa.Column("account_id", BYTE_TEXT, nullable=True),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("score_kind", BYTE_TEXT, nullable=True),
        sa.Column("revenue", sa.Double(), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reopened", sa.Boolean(), nullable=True),
        sa.Column("channel", BYTE_TEXT, nullable=True),
        sa.Column("language", BYTE_TEXT, nullable=True),
        sa.Column("attributes", sa.Text(), nullable=False),
        sa.Column("digest", BYTE_TEXT, nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("ix_feedback_week", "feedback", ["week"], unique=False)
    op.create_table(
        "friction",
        sa.Column("week", BYTE_TEXT, nullable=False),
        sa.Column("theme_id", BYTE_TEXT, nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("journey_stage", sa.Text(), nullable=False),
        sa.Column("reach", sa.Integer(), nullable=False),
        sa.Column("impact", sa.Double(), nullable=True),
        sa.Column("impact_low", sa.Double(), nullable=True),
        sa.Column("impact_high", sa.Double(), nullable=True),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("effort", sa.Double(), nullable=False),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("rank_low", sa.Integer(), nullable=True),
        sa.Column("rank_high", sa.Integer(), nullable=True),
        sa.Column("top5_probability", sa.Double(), nullable=True),
        sa.Column("tied_with", sa.Text(), nullable=False),
        sa.Column("top_causes", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("week", "theme_id"),
    )
    op.create_table(
        "ingest",
        sa.Column("id", BYTE_TEXT, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("files", sa.Text(), nullable=False),
        sa.Column("rows_read", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("updated", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("quarantined", sa.Integer(), nullable=False),
        sa.Column("redactions", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "owner_match",
        sa.Column("week", BYTE_TEXT, nullable=False),
        sa.Column("theme_id", BYTE_TEXT, nullable=False),
        sa.Column("owner_id", BYTE_TEXT, nullable=False),
        sa.Column("owner_name", sa.Text(), nullable=False),
        sa.Column("method", BYTE_TEXT, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("needs_confirmation", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("week", "theme_id"),
    )
    op.create_table(
        "quarantine",
        sa.Column("digest", BYTE_TEXT, nullable=False),
        sa.Column("ingest_id", BYTE_TEXT, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_table(
        "report",
        sa.Column("week", BYTE_TEXT, nullable=False),
        sa.Column("report_json", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("week"),
    )
    op.create_table(
        "run",
        sa.Column("id", BYTE_TEXT, nullable=False),
        sa.Column("kind", BYTE_TEXT, nullable=False),
        sa.Column("week", BYTE_TEXT, nullable=True),
        sa.Column("status", BYTE_TEXT, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("config", sa.Text(), nullable=False),
        sa.Column("model_digests", sa.Text(), nullable=False),
        sa.Column("code_version", BYTE_TEXT, nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("timings", sa.Text(), nullable=False),
        sa.Column("input_digest", BYTE_TEXT, nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "stage_match",
        sa.Column("week", BYTE_TEXT, nullable=False),
        sa.Column("theme_id", BYTE_TEXT, nullable=False),
        sa.Column("stage_id", BYTE_TEXT, nullable=False),
        sa.Column("stage_name", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("week", "theme_id"),
    )
    op.create_table(
        "theme_event",
        sa.Column("digest", BYTE_TEXT, nullable=False),
        sa.Column("week", BYTE_TEXT, nullable=False),
        sa.Column("theme_id", BYTE_TEXT, nullable=False),
        sa.Column("kind", BYTE_TEXT, nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("related", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("ix_theme_event_theme_id", "theme_event", ["theme_id"], unique=False)
    op.create_index("ix_theme_event_week", "theme_event", ["week"], unique=False)
    op.create_table(
        "theme_version",
        sa.Column("id", BYTE_TEXT, nullable=False),
        sa.Column("week", BYTE_TEXT, nullable=False),
        sa.Column("level", BYTE_TEXT, nullable=False),
        sa.Column("parent_id", BYTE_TEXT, nullable=True),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("label_reason", sa.Text(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("exemplars", sa.Text(), nullable=False),
        sa.Column("threshold", sa.Double(), nullable=False),
        sa.Column("born_week", BYTE_TEXT, nullable=False),
        sa.Column("retired_week", BYTE_TEXT, nullable=True),
        sa.Column("seeded_by", BYTE_TEXT, nullable=True),
        sa.Column("found_label", sa.Text(), nullable=False),
        sa.Column("found_reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", "week"),
    )
    op.create_table(
        "trend",
        sa.Column("week", BYTE_TEXT, nullable=False),
        sa.Column("theme_id", BYTE_TEXT, nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("status", BYTE_TEXT, nullable=False),
        sa.Column("statements", sa.Integer(), nullable=False),
        sa.Column("customers", sa.Integer(), nullable=False),
        sa.Column("rate_ratio", sa.Double(), nullable=True),
        sa.Column("ratio_low", sa.Double(), nullable=True),
        sa.Column("ratio_high", sa.Double(), nullable=True),
        sa.Column("q_value", sa.Double(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("three_months", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("week", "theme_id"),
    )
    op.create_table(
        "vector",
        sa.Column("model", BYTE_TEXT, nullable=False),
        sa.Column("sha", BYTE_TEXT, nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("model", "sha"),
    )
    op.create_table(
        "split",
        sa.Column("feedback_key", BYTE_TEXT, nullable=False),
        sa.Column("version", BYTE_TEXT, nullable=False),
        sa.ForeignKeyConstraint(["feedback_key"], ["feedback.key"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("feedback_key"),
    )
    op.create_table(
        "statement",
        sa.Column("id", BYTE_TEXT, nullable=False),
        sa.Column("feedback_key", BYTE_TEXT, nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sha", BYTE_TEXT, nullable=False),
        sa.Column("noise", BYTE_TEXT, nullable=True),
        sa.Column("clauses", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["feedback_key"], ["feedback.key"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_statement_feedback_key", "statement", ["feedback_key"], unique=False)
    op.create_table(
        "assignment_version",
        sa.Column("statement_id", BYTE_TEXT, nullable=False),
        sa.Column("week", BYTE_TEXT, nullable=False),
        sa.Column("theme_id", BYTE_TEXT, nullable=True),
        sa.Column("parent_theme_id", BYTE_TEXT, nullable=True),
        sa.Column("state", BYTE_TEXT, nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("method", BYTE_TEXT, nullable=False),
        sa.ForeignKeyConstraint(["statement_id"], ["statement.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("statement_id", "week"),
    )


def downgrade() -> None:
    op.drop_table("assignment_version")
    op.drop_index("ix_statement_feedback_key", table_name="statement")
    op.drop_table("statement")
    op.drop_table("split")
    op.drop_table("vector")
    op.drop_table("trend")
    op.drop_table("theme_version")
    op.drop_index("ix_theme_event_week", table_name="theme_event")
    op.drop_index("ix_theme_event_theme_id", table_name="theme_event")
    op.drop_table("theme_event")
    op.drop_table("stage_match")
    op.drop_table("run")
    op.drop_table("report")
    op.drop_table("quarantine")
    op.drop_table("owner_match")
    op.drop_table("ingest")
    op.drop_table("friction")
    op.drop_index("ix_feedback_week", table_name="feedback")
    op.drop_table("feedback")
    op.drop_index("ix_decision_theme_id", table_name="decision")
    op.drop_table("decision")
    op.drop_table("dated_event")
    op.drop_index("ix_cause_theme_id", table_name="cause")
    op.drop_table("cause")
