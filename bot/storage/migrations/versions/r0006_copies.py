"""Messages know their copies, their edits and the reactions to them; requests know each other."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.storage.columns import UtcTime, big_id, key_text

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("request", sa.Column("follows", big_id(), nullable=True))
    op.add_column("request", sa.Column("merged_into", big_id(), nullable=True))
    op.add_column("request_message", sa.Column("edited_at", UtcTime(), nullable=True))
    op.add_column("request_message", sa.Column("deleted_at", UtcTime(), nullable=True))
    op.create_table(
        "message_copy",
        sa.Column("id", big_id(), nullable=False),
        sa.Column("message_id", big_id(), nullable=False),
        sa.Column("key", key_text(), nullable=False),
        sa.Column("kind", key_text(16), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["request_message.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("message_id", "key", name="uq_message_copy"),
        mariadb_charset="utf8mb4",
        mysql_charset="utf8mb4",
    )
    op.create_index("ix_message_copy_key", "message_copy", ["key"], unique=False)
    op.create_table(
        "message_reaction",
        sa.Column("message_id", big_id(), nullable=False),
        sa.Column("side", key_text(16), nullable=False),
        sa.Column("name", key_text(100), nullable=False),
        sa.Column("user", key_text(32), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["request_message.id"]),
        sa.PrimaryKeyConstraint("message_id", "side", "name", "user"),
        mariadb_charset="utf8mb4",
        mysql_charset="utf8mb4",
    )


def downgrade() -> None:
    op.drop_table("message_reaction")
    op.drop_index("ix_message_copy_key", table_name="message_copy")
    op.drop_table("message_copy")
    op.drop_column("request_message", "deleted_at")
    op.drop_column("request_message", "edited_at")
    op.drop_column("request", "merged_into")
    op.drop_column("request", "follows")
