"""Imported documentation by version, and answers that have to be corrected."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.storage.columns import JsonText, UtcTime, big_id, key_text, long_text

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "given_answer",
        sa.Column("source_language", key_text(8), nullable=False, server_default=""),
    )
    op.add_column("given_answer", sa.Column("rests_on", JsonText(), nullable=True))
    op.add_column(
        "given_answer", sa.Column("posted_key", key_text(255), nullable=False, server_default="")
    )
    op.create_table(
        "answer_recall",
        sa.Column("id", big_id(), nullable=False),
        sa.Column("answer_id", big_id(), nullable=False),
        sa.Column("version", big_id(), nullable=False),
        sa.Column("kind", key_text(16), nullable=False),
        sa.Column("title", long_text(), nullable=False),
        sa.Column("section", long_text(), nullable=False),
        sa.Column("state", key_text(16), nullable=False),
        sa.Column("notice_key", key_text(255), nullable=False),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("done_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["answer_id"], ["given_answer.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("answer_id", "version", name="uq_answer_recall"),
        mariadb_charset="utf8mb4",
        mysql_charset="utf8mb4",
    )
    op.create_index("ix_answer_recall_state", "answer_recall", ["state", "version"], unique=False)
    op.create_table(
        "kb_version",
        sa.Column("number", big_id(), nullable=False),
        sa.Column("fingerprint", key_text(64), nullable=False),
        sa.Column("url_base", long_text(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("sections", sa.Integer(), nullable=False),
        sa.Column("published_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        mariadb_charset="utf8mb4",
        mysql_charset="utf8mb4",
    )
    op.create_table(
        "kb_page",
        sa.Column("id", big_id(), nullable=False),
        sa.Column("language", key_text(8), nullable=False),
        sa.Column("path", key_text(500), nullable=False),
        sa.Column("content_hash", key_text(64), nullable=False),
        sa.Column("head", JsonText(), nullable=False),
        sa.Column("sections", sa.Integer(), nullable=False),
        sa.Column("since_version", big_id(), nullable=False),
        sa.Column("gone_version", big_id(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("language", "path", "since_version", name="uq_kb_page"),
        mariadb_charset="utf8mb4",
        mysql_charset="utf8mb4",
    )
    op.create_index(
        "ix_kb_page_versions", "kb_page", ["since_version", "gone_version"], unique=False
    )
    op.create_table(
        "kb_section",
        sa.Column("page_id", big_id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("content_hash", key_text(64), nullable=False),
        sa.Column("about", JsonText(), nullable=False),
        sa.Column("markdown", long_text(), nullable=False),
        sa.ForeignKeyConstraint(["page_id"], ["kb_page.id"]),
        sa.PrimaryKeyConstraint("page_id", "position"),
        mariadb_charset="utf8mb4",
        mysql_charset="utf8mb4",
    )
    op.create_table(
        "kb_sync",
        sa.Column("id", big_id(), nullable=False),
        sa.Column("holder", key_text(64), nullable=False),
        sa.Column("host", sa.String(length=200), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("started_at", UtcTime(), nullable=True),
        sa.Column("lease_until", UtcTime(), nullable=True),
        sa.Column("finished_at", UtcTime(), nullable=True),
        sa.Column("report", JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        mariadb_charset="utf8mb4",
        mysql_charset="utf8mb4",
    )


def downgrade() -> None:
    for table in ("kb_sync", "kb_section", "kb_page", "kb_version", "answer_recall"):
        op.drop_table(table)
    for column in ("posted_key", "rests_on", "source_language"):
        op.drop_column("given_answer", column)
