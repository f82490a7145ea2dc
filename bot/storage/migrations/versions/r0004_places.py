"""Up to where channels and threads were read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.storage.columns import UtcTime, key_text

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "place",
        sa.Column("channel", key_text(32), nullable=False),
        sa.Column("thread_ts", key_text(32), nullable=False),
        sa.Column("ours_since", UtcTime(), nullable=False),
        sa.Column("read_until", UtcTime(), nullable=False),
        sa.Column("due_at", UtcTime(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "thread_ts"),
        mariadb_charset="utf8mb4",
        mysql_charset="utf8mb4",
    )
    op.create_index("ix_place_due", "place", ["due_at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_place_due", table_name="place")
    op.drop_table("place")
