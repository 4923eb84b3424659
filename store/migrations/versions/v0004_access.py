"""Access keys, signed-in browsers, answers kept for repeats, deliveries, the revision number."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BYTE_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    counter = op.create_table(
        "revision",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer(), nullable=False),
    )
    op.bulk_insert(counter, [{"id": 1, "number": 0}])
    op.create_table(
        "access_key",
        sa.Column("id", BYTE_TEXT, primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", BYTE_TEXT, nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=True),
        sa.Column("revoked_at", TIME, nullable=True),
        sa.Column("last_used_at", TIME, nullable=True),
    )
    op.create_table(
        "web_session",
        sa.Column("digest", BYTE_TEXT, primary_key=True),
        sa.Column("key_id", BYTE_TEXT, nullable=False, index=True),
        sa.Column("csrf", BYTE_TEXT, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
    )
    op.create_table(
        "posted",
        sa.Column("key_id", BYTE_TEXT, primary_key=True),
        sa.Column("idempotency_key", BYTE_TEXT, primary_key=True),
        sa.Column("digest", BYTE_TEXT, nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
    )
    op.create_table(
        "delivery",
        sa.Column("id", BYTE_TEXT, primary_key=True),
        sa.Column("document", BYTE_TEXT, nullable=False),
        sa.Column("period", BYTE_TEXT, nullable=False, index=True),
        sa.Column("owner_id", BYTE_TEXT, nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("status", BYTE_TEXT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("finished_at", TIME, nullable=True),
    )
    # A theme's typical texts are found by their digests, its arrivals by the theme.
    op.create_index("ix_statement_sha", "statement", ["sha"])
    op.create_index("ix_assignment_version_theme_id", "assignment_version", ["theme_id"])


def downgrade() -> None:
    op.drop_index("ix_assignment_version_theme_id", "assignment_version")
    op.drop_index("ix_statement_sha", "statement")
    for table in ("delivery", "posted", "web_session", "access_key", "revision"):
        op.drop_table(table)
