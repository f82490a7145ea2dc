"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.storage.columns import JsonText, UtcTime, big_id, key_text, long_text

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", big_id(), nullable=False),
        sa.Column("name", key_text(200), nullable=False),
        sa.Column("plan", key_text(40), nullable=False),
        sa.Column("time_zone", key_text(64), nullable=False),
        sa.Column("language", key_text(8), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name", name="uq_account_name"),
        mariadb_charset="utf8mb4",
        mysql_charset="utf8mb4",
    )
    op.create_table(
        "conversation",
        sa.Column("id", big_id(), nullable=False),
        sa.Column("channel", key_text(32), nullable=False),
        sa.Column("thread_ts", key_text(64), nullable=False),
        sa.Column("user", key_text(32), nullable=False),
        sa.Column("state", JsonText(), nullable=False),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("channel", "thread_ts", name="uq_conversation"),
        mariadb_charset="utf8mb4",
        mysql_charset="utf8mb4",
    )
    op.create_index(
        "ix_conversation_person", "conversation", ["channel", "user", "updated_at"], unique=False
    )
    op.create_table(
        "given_answer",
        sa.Column("id", big_id(), nullable=False),
        sa.Column("account_id", big_id(), nullable=True),
        sa.Column("channel", key_text(32), nullable=False),
        sa.Column("thread_ts", key_text(300), nullable=False),
        sa.Column("band", key_text(16), nullable=False),
        sa.Column("question", long_text(), nullable=False),
        sa.Column("language", key_text(8), nullable=False),
        sa.Column("path", sa.String(length=500), nullable=False),
        sa.Column("anchor", sa.String(length=300), nullable=False),
        sa.Column("content_hash", key_text(80), nullable=False),
        sa.Column("vote", key_text(8), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        mariadb_charset="utf8mb4",
        mysql_charset="utf8mb4",
    )
    op.create_index("ix_given_answer_place", "given_answer", ["channel", "thread_ts"], unique=False)
    op.create_table(
        "inbox",
        sa.Column("id", big_id(), nullable=False),
        sa.Column("event_key", key_text(255), nullable=False),
        sa.Column("message_key", key_text(255), nullable=True),
        sa.Column("lane", key_text(100), nullable=False),
        sa.Column("kind", key_text(40), nullable=False),
        sa.Column("payload", JsonText(), nullable=False),
        sa.Column("state", key_text(16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("available_at", UtcTime(), nullable=False),
        sa.Column("lease_until", UtcTime(), nullable=True),
        sa.Column("error", long_text(), nullable=False),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.Column("done_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("event_key", name="uq_inbox_event"),
        sa.UniqueConstraint("message_key", name="uq_inbox_message"),
        mariadb_charset="utf8mb4",
        mysql_charset="utf8mb4",
    )
    op.create_index("ix_inbox_lane", "inbox", ["lane", "state", "id"], unique=False)
    op.create_index("ix_inbox_open", "inbox", ["state", "available_at", "id"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("id", big_id(), nullable=False),
        sa.Column("key", key_text(255), nullable=False),
        sa.Column("lane", key_text(300), nullable=False),
        sa.Column("method", key_text(40), nullable=False),
        sa.Column("channel", key_text(64), nullable=False),
        sa.Column("thread", key_text(300), nullable=False),
        sa.Column("target", key_text(300), nullable=False),
        sa.Column("payload", JsonText(), nullable=False),
        sa.Column("account_id", big_id(), nullable=True),
        sa.Column("request_id", big_id(), nullable=True),
        sa.Column("state", key_text(16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("available_at", UtcTime(), nullable=False),
        sa.Column("lease_until", UtcTime(), nullable=True),
        sa.Column("ts", key_text(32), nullable=False),
        sa.Column("error", long_text(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("sent_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key", name="uq_outbox_key"),
        mariadb_charset="utf8mb4",
        mysql_charset="utf8mb4",
    )
    op.create_index("ix_outbox_lane", "outbox", ["lane", "state", "id"], unique=False)
    op.create_index("ix_outbox_open", "outbox", ["state", "available_at", "id"], unique=False)
    op.create_index("ix_outbox_posted", "outbox", ["channel", "ts"], unique=False)
    op.create_table(
        "person",
        sa.Column("user", key_text(32), nullable=False),
        sa.Column("team", key_text(32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("language", key_text(8), nullable=False),
        sa.Column("fetched_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("user"),
        mariadb_charset="utf8mb4",
        mysql_charset="utf8mb4",
    )
    op.create_table(
        "presence",
        sa.Column("user", key_text(32), nullable=False),
        sa.Column("channel", key_text(32), nullable=False),
        sa.Column("seen_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("user", "channel"),
        mariadb_charset="utf8mb4",
        mysql_charset="utf8mb4",
    )
    op.create_table(
        "queue_channel",
        sa.Column("queue", key_text(40), nullable=False),
        sa.Column("channel", key_text(32), nullable=False),
        sa.PrimaryKeyConstraint("queue"),
        mariadb_charset="utf8mb4",
        mysql_charset="utf8mb4",
    )
    op.create_table(
        "channel",
        sa.Column("channel", key_text(32), nullable=False),
        sa.Column("account_id", big_id(), nullable=False),
        sa.Column("mode", key_text(16), nullable=False),
        sa.Column("board_key", key_text(255), nullable=False),
        sa.Column("linked_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
        ),
        sa.PrimaryKeyConstraint("channel"),
        mariadb_charset="utf8mb4",
        mysql_charset="utf8mb4",
    )
    op.create_index("ix_channel_account", "channel", ["account_id"], unique=False)
    op.create_table(
        "cluster",
        sa.Column("account_id", big_id(), nullable=False),
        sa.Column("name", key_text(100), nullable=False),
        sa.Column("added_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
        ),
        sa.PrimaryKeyConstraint("account_id", "name"),
        mariadb_charset="utf8mb4",
        mysql_charset="utf8mb4",
    )
    op.create_table(
        "request",
        sa.Column("id", big_id(), nullable=False),
        sa.Column("account_id", big_id(), nullable=False),
        sa.Column("origin", key_text(255), nullable=False),
        sa.Column("requester", key_text(32), nullable=False),
        sa.Column("requester_name", sa.String(length=200), nullable=False),
        sa.Column("channel", key_text(32), nullable=False),
        sa.Column("thread_ts", key_text(300), nullable=False),
        sa.Column("intent", key_text(40), nullable=False),
        sa.Column("queue", key_text(40), nullable=False),
        sa.Column("severity", key_text(4), nullable=False),
        sa.Column("state", key_text(16), nullable=False),
        sa.Column("summary", long_text(), nullable=False),
        sa.Column("fields", JsonText(), nullable=False),
        sa.Column("language", key_text(8), nullable=False),
        sa.Column("owner", key_text(32), nullable=False),
        sa.Column("owner_name", sa.String(length=200), nullable=False),
        sa.Column("staff_channel", key_text(32), nullable=False),
        sa.Column("opened_at", UtcTime(), nullable=False),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.Column("respond_by", UtcTime(), nullable=True),
        sa.Column("responded_at", UtcTime(), nullable=True),
        sa.Column("closed_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("id", "account_id", name="uq_request_account"),
        sa.UniqueConstraint("origin", name="uq_request_origin"),
        mariadb_charset="utf8mb4",
        mysql_charset="utf8mb4",
    )
    op.create_index("ix_request_account", "request", ["account_id", "id"], unique=False)
    op.create_index("ix_request_state", "request", ["state", "queue"], unique=False)
    op.create_index("ix_request_thread", "request", ["channel", "thread_ts"], unique=False)
    op.create_table(
        "request_event",
        sa.Column("id", big_id(), nullable=False),
        sa.Column("request_id", big_id(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("kind", key_text(40), nullable=False),
        sa.Column("actor", key_text(32), nullable=False),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("detail", JsonText(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["request.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        mariadb_charset="utf8mb4",
        mysql_charset="utf8mb4",
    )
    op.create_index("ix_request_event_request", "request_event", ["request_id", "id"], unique=False)
    op.create_table(
        "request_message",
        sa.Column("id", big_id(), nullable=False),
        sa.Column("request_id", big_id(), nullable=False),
        sa.Column("account_id", big_id(), nullable=False),
        sa.Column("channel", key_text(32), nullable=False),
        sa.Column("ts", key_text(255), nullable=False),
        sa.Column("author", key_text(32), nullable=False),
        sa.Column("author_name", sa.String(length=200), nullable=False),
        sa.Column("side", key_text(16), nullable=False),
        sa.Column("internal", sa.Boolean(), nullable=False),
        sa.Column("text", long_text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id", "account_id"],
            ["request.id", "request.account_id"],
            name="fk_request_message_account",
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("request_id", "channel", "ts", name="uq_request_message"),
        mariadb_charset="utf8mb4",
        mysql_charset="utf8mb4",
    )
    op.create_index("ix_request_message_place", "request_message", ["channel", "ts"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_request_message_place", table_name="request_message")
    op.drop_table("request_message")
    op.drop_index("ix_request_event_request", table_name="request_event")
    op.drop_table("request_event")
    op.drop_index("ix_request_thread", table_name="request")
    op.drop_index("ix_request_state", table_name="request")
    op.drop_index("ix_request_account", table_name="request")
    op.drop_table("request")
    op.drop_table("cluster")
    op.drop_index("ix_channel_account", table_name="channel")
    op.drop_table("channel")
    op.drop_table("queue_channel")
    op.drop_table("presence")
    op.drop_table("person")
    op.drop_index("ix_outbox_posted", table_name="outbox")
    op.drop_index("ix_outbox_open", table_name="outbox")
    op.drop_index("ix_outbox_lane", table_name="outbox")
    op.drop_table("outbox")
    op.drop_index("ix_inbox_open", table_name="inbox")
    op.drop_index("ix_inbox_lane", table_name="inbox")
    op.drop_table("inbox")
    op.drop_index("ix_given_answer_place", table_name="given_answer")
    op.drop_table("given_answer")
    op.drop_index("ix_conversation_person", table_name="conversation")
    op.drop_table("conversation")
    op.drop_table("account")
