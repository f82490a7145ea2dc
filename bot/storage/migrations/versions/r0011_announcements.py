"""Announcements to customers' channels."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.storage.columns import JsonText, UtcTime, big_id, key_text

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "announcement",
        sa.Column("id", big_id(), nullable=False),
        sa.Column("state", key_text(16), nullable=False),
        sa.Column("texts", JsonText(), nullable=False),
        sa.Column("channels", JsonText(), nullable=False),
        sa.Column("author", key_text(32), nullable=False),
        sa.Column("author_name", sa.String(length=200), nullable=False),
        sa.Column("staff_channel", key_text(32), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("decided_by", sa.String(length=200), nullable=False),
        sa.Column("decided_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        mariadb_charset="utf8mb4",
        mysql_charset="utf8mb4",
    )


def downgrade() -> None:
    op.drop_table("announcement")
