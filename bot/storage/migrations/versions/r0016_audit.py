"""The audit trail; who sent what came in; ids that are never given twice."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.storage.columns import JsonText, UtcTime, big_id, key_text

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

NUMBERED = (
    "account", "inbox", "outbox", "request", "request_message", "reminder", "announcement",
    "given_answer", "answer_recall", "intent_mark",
)  # fmt: skip
"""Tables whose rows are deleted from now on, while their ids live on in keys and buttons."""


def upgrade() -> None:
    op.add_column("inbox", sa.Column("author", key_text(32), server_default="", nullable=False))
    op.create_index("ix_inbox_author", "inbox", ["author", "id"], unique=False)
    op.add_column("account", sa.Column("leaving", JsonText(), nullable=True))
    op.create_table(
        "audit",
        sa.Column("id", big_id(), autoincrement=True, nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("actor", key_text(100), nullable=False),
        sa.Column("source", key_text(16), nullable=False),
        sa.Column("deed", key_text(60), nullable=False),
        sa.Column("request_id", big_id(), nullable=True),
        sa.Column("account_id", big_id(), nullable=True),
        sa.Column("subject", key_text(120), nullable=False),
        sa.Column("before", JsonText(), nullable=False),
        sa.Column("after", JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        mariadb_charset="utf8mb4",
        mysql_charset="utf8mb4",
        sqlite_autoincrement=True,
    )
    for name in ("request_id", "account_id", "actor"):
        index = f"ix_audit_{name.removesuffix('_id')}"
        op.create_index(index, "audit", [name, "id"], unique=False)
    op.create_index("ix_audit_at", "audit", ["at"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        for table in NUMBERED:
            with op.batch_alter_table(
                table, recreate="always", table_kwargs={"sqlite_autoincrement": True}
            ):
                pass


def downgrade() -> None:
    op.drop_table("audit")
    op.drop_column("account", "leaving")
    op.drop_index("ix_inbox_author", "inbox")
    op.drop_column("inbox", "author")
