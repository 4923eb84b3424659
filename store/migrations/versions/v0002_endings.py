"""Themes end and come back; a correction keeps what the engine had found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BYTE_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    with op.batch_alter_table("theme_version") as table:
        table.add_column(sa.Column("ended", BYTE_TEXT, nullable=False, server_default=""))
        table.add_column(sa.Column("successors", sa.Text(), nullable=False, server_default="[]"))
        table.add_column(
            sa.Column("pinned", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        table.add_column(sa.Column("rival", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("rival_weeks", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("assignment_version") as table:
        table.add_column(sa.Column("found_theme_id", BYTE_TEXT, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("assignment_version") as table:
        table.drop_column("found_theme_id")
    with op.batch_alter_table("theme_version") as table:
        for name in ("rival_weeks", "rival", "pinned", "successors", "ended"):
            table.drop_column(name)
