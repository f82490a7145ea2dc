"""Workspaces that installed the app by themselves, and where each channel is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.storage.columns import UtcTime, key_text, long_text

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "workspace",
        sa.Column("team", key_text(32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("url", key_text(255), nullable=False),
        sa.Column("bot_user", key_text(32), nullable=False),
        sa.Column("bot", key_text(32), nullable=False),
        sa.Column("state", key_text(16), nullable=False),
        sa.Column("sealed", long_text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=True),
        sa.Column("refresh_after", UtcTime(), nullable=True),
        sa.Column("refresh_error", key_text(200), nullable=False),
        sa.Column("installed_by", key_text(32), nullable=False),
        sa.Column("installed_at", UtcTime(), nullable=False),
        sa.Column("removed_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("team"),
        mariadb_charset="utf8mb4",
        mysql_charset="utf8mb4",
    )
    op.create_table(
        "workspace_channel",
        sa.Column("channel", key_text(32), nullable=False),
        sa.Column("team", key_text(32), nullable=False),
        sa.PrimaryKeyConstraint("channel"),
        mariadb_charset="utf8mb4",
        mysql_charset="utf8mb4",
    )
    op.create_index("ix_workspace_channel_team", "workspace_channel", ["team"], unique=False)
    op.create_table(
        "oauth_state",
        sa.Column("state", key_text(64), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("state"),
        mariadb_charset="utf8mb4",
        mysql_charset="utf8mb4",
    )
    op.add_column("outbox", sa.Column("team", key_text(32), nullable=False, server_default=""))
    op.create_index("ix_outbox_team", "outbox", ["team", "state"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_outbox_team", table_name="outbox")
    op.drop_column("outbox", "team")
    op.drop_table("oauth_state")
    op.drop_index("ix_workspace_channel_team", table_name="workspace_channel")
    op.drop_table("workspace_channel")
    op.drop_table("workspace")
