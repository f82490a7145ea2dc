"""Channels that got another id; people whose account is deactivated."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.storage.columns import UtcTime, key_text

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "channel_move",
        sa.Column("old", key_text(32), nullable=False),
        sa.Column("new", key_text(32), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("old"),
        mariadb_charset="utf8mb4",
        mysql_charset="utf8mb4",
    )
    op.add_column("person", sa.Column("gone_at", UtcTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("person", "gone_at")
    op.drop_table("channel_move")
