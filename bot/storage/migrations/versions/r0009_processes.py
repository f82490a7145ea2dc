"""Requests that are approved or declined, and when what was approved ends."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.storage.columns import UtcTime, key_text

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("request", sa.Column("stage", key_text(16), nullable=False, server_default=""))
    op.add_column("request", sa.Column("ends_at", UtcTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("request", "ends_at")
    op.drop_column("request", "stage")
