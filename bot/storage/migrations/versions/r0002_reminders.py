"""What is to be done later."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.storage.columns import JsonText, UtcTime, big_id, key_text, long_text

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reminder",
        sa.Column("id", big_id(), nullable=False),
        sa.Column("kind", key_text(40), nullable=False),
        sa.Column("about", key_text(200), nullable=False),
        sa.Column("request_id", big_id(), nullable=True),
        sa.Column("payload", JsonText(), nullable=False),
        sa.Column("due_at", UtcTime(), nullable=False),
        sa.Column("state", key_text(16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("error", long_text(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("done_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("kind", "about", name="uq_reminder"),
        mariadb_charset="utf8mb4",
        mysql_charset="utf8mb4",
    )
    op.create_index("ix_reminder_due", "reminder", ["state", "due_at"], unique=False)
    op.create_index("ix_reminder_request", "reminder", ["request_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_reminder_request", table_name="reminder")
    op.drop_index("ix_reminder_due", table_name="reminder")
    op.drop_table("reminder")
