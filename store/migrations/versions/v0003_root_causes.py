"""Root causes with lasting ids, theme costs, the customer table, who undid a decision."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BYTE_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_NUMBERS = (
    *("reach_low", "reach_high", "score_low", "score_high", "loss", "loss_low", "loss_high"),
    *("recontact_rate", "reopen_rate", "days_to_resolve", "revenue"),
)
_BASE = ("base_lift", "base_low", "base_high", "cosine")


def upgrade() -> None:
    op.create_table(
        "root_cause",
        sa.Column("week", BYTE_TEXT, primary_key=True),
        sa.Column("id", BYTE_TEXT, primary_key=True),
        sa.Column("theme_id", BYTE_TEXT, nullable=False, index=True),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("state", BYTE_TEXT, nullable=False),
        sa.Column("kinds", sa.Text(), nullable=False),
        sa.Column("independent", sa.Integer(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("customers", sa.Integer(), nullable=False),
        sa.Column("statements", sa.Integer(), nullable=False),
        sa.Column("share_of_theme", sa.Double(), nullable=False),
        sa.Column("evidence_ids", sa.Text(), nullable=False),
        sa.Column("first_week", BYTE_TEXT, nullable=False),
        sa.Column("trend", BYTE_TEXT, nullable=False),
        sa.Column("trend_ratio", sa.Double(), nullable=True),
        sa.Column("trend_low", sa.Double(), nullable=True),
        sa.Column("trend_high", sa.Double(), nullable=True),
        sa.Column("trend_q", sa.Double(), nullable=True),
        sa.Column("reach", sa.Integer(), nullable=False),
        sa.Column("reach_low", sa.Integer(), nullable=True),
        sa.Column("reach_high", sa.Integer(), nullable=True),
        sa.Column("impact", sa.Double(), nullable=True),
        sa.Column("impact_low", sa.Double(), nullable=True),
        sa.Column("impact_high", sa.Double(), nullable=True),
        sa.Column("avoidable", sa.Double(), nullable=False),
        sa.Column("avoidable_low", sa.Double(), nullable=False),
        sa.Column("avoidable_high", sa.Double(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("effort", sa.Double(), nullable=False),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("score_low", sa.Double(), nullable=True),
        sa.Column("score_high", sa.Double(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("rank_low", sa.Integer(), nullable=True),
        sa.Column("rank_high", sa.Integer(), nullable=True),
        sa.Column("top5_probability", sa.Double(), nullable=True),
        sa.Column("tied_with", sa.Text(), nullable=False),
        sa.Column("exploratory", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decision_note", sa.Text(), nullable=False),
    )
    op.create_table(
        "customer",
        sa.Column("id", BYTE_TEXT, primary_key=True),
        sa.Column("attributes", sa.Text(), nullable=False),
    )
    with op.batch_alter_table("cause") as table:
        table.add_column(sa.Column("base_customers", sa.Integer(), nullable=True))
        table.add_column(sa.Column("centre", BYTE_TEXT, nullable=True))
        for name in _BASE:
            table.add_column(sa.Column(name, sa.Double(), nullable=True))
    with op.batch_alter_table("decision") as table:
        table.add_column(sa.Column("undone_by", sa.Text(), nullable=True))
        table.add_column(sa.Column("undone_why", sa.Text(), nullable=True))
    with op.batch_alter_table("friction") as table:
        for name in _NUMBERS:
            whole = name.startswith("reach")
            table.add_column(
                sa.Column(name, sa.Integer(), nullable=True)
                if whole
                else sa.Column(name, sa.Double(), nullable=True)
            )
        table.add_column(sa.Column("scored", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    with op.batch_alter_table("decision") as table:
        table.drop_column("undone_why")
        table.drop_column("undone_by")
    with op.batch_alter_table("friction") as table:
        for name in (*_NUMBERS, "scored"):
            table.drop_column(name)
    with op.batch_alter_table("cause") as table:
        for name in (*_BASE, "base_customers", "centre"):
            table.drop_column(name)
    op.drop_table("customer")
    op.drop_table("root_cause")
