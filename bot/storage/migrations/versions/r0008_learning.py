"""What understanding got wrong, and what the bot would have said in channels it only watches."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.storage.columns import UtcTime, big_id, key_text, long_text

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("channel", sa.Column("least_score", sa.Float(), nullable=True))
    op.create_table(
        "intent_mark",
        sa.Column("id", big_id(), autoincrement=True, nullable=False),
        sa.Column("account_id", big_id(), nullable=False),
        sa.Column("request_id", big_id(), nullable=False),
        sa.Column("text", long_text(), nullable=False),
        sa.Column("language", key_text(8), nullable=False),
        sa.Column("decided", key_text(40), nullable=False),
        sa.Column("right", key_text(40), nullable=False),
        sa.Column("actor", key_text(32), nullable=False),
        sa.Column("state", key_text(16), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("request_id", name="uq_intent_mark"),
        mariadb_charset="utf8mb4",
        mysql_charset="utf8mb4",
    )
    op.create_table(
        "shadow_decision",
        sa.Column("id", big_id(), autoincrement=True, nullable=False),
        sa.Column("account_id", big_id(), nullable=False),
        sa.Column("channel", key_text(32), nullable=False),
        sa.Column("ts", key_text(32), nullable=False),
        sa.Column("text", long_text(), nullable=False),
        sa.Column("language", key_text(8), nullable=False),
        sa.Column("intent", key_text(40), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("speaks", sa.Boolean(), nullable=False),
        sa.Column("would", key_text(200), nullable=False),
        sa.Column("staff_text", long_text(), nullable=False),
        sa.Column("staff_at", UtcTime(), nullable=True),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("channel", "ts", name="uq_shadow_decision"),
        mariadb_charset="utf8mb4",
        mysql_charset="utf8mb4",
    )
    op.create_index("ix_shadow_decision_at", "shadow_decision", ["at"], unique=False)


def downgrade() -> None:
    op.drop_table("shadow_decision")
    op.drop_table("intent_mark")
    op.drop_column("channel", "least_score")
