"""What a root cause was called when a person judged it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("root_cause") as table:
        table.add_column(sa.Column("decided_wording", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("root_cause") as table:
        table.drop_column("decided_wording")
