"""What came in, what is owed, what is due later, and what was read of the history."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from bot.storage.columns import big_id
from bot.storage.tables.fields import (
    MYSQL,
    NUMBERED,
    id_field,
    json_field,
    key_field,
    text_field,
    time_field,
)


class Inbox(SQLModel, table=True):
    """Everything that came in, saved before Slack is told that we have it."""

    __tablename__ = "inbox"
    __table_args__ = (
        sa.UniqueConstraint("event_key", name="uq_inbox_event"),
        sa.UniqueConstraint("message_key", name="uq_inbox_message"),
        sa.Index("ix_inbox_open", "state", "available_at", "id"),
        sa.Index("ix_inbox_lane", "lane", "state", "id"),
        sa.Index("ix_inbox_author", "author", "id"),
        NUMBERED,
    )

    id: int | None = id_field()
    event_key: str = key_field()
    message_key: str | None = key_field(default=None, nullable=True)
    author: str = key_field(32, default="", sa_column_kwargs={"server_default": ""})
    """Who did it: how much one person does is counted."""
    lane: str = key_field(100)
    kind: str = key_field(40)
    payload: dict[str, Any] = json_field()
    state: str = key_field(16, default="new")
    attempts: int = 0
    fence: int = 0
    available_at: datetime = time_field()
    lease_until: datetime | None = time_field(default=None, nullable=True)
    error: str = text_field(default="")
    received_at: datetime = time_field()
    done_at: datetime | None = time_field(default=None, nullable=True)


class Outbox(SQLModel, table=True):
    """Everything we owe Slack. `key` says what the entry means, so nothing is owed twice."""

    __tablename__ = "outbox"
    __table_args__ = (
        sa.UniqueConstraint("key", name="uq_outbox_key"),
        sa.Index("ix_outbox_open", "state", "available_at", "id"),
        sa.Index("ix_outbox_lane", "lane", "state", "id"),
        sa.Index("ix_outbox_posted", "channel", "ts"),
        sa.Index("ix_outbox_team", "team", "state"),
        NUMBERED,
    )

    id: int | None = id_field()
    key: str = key_field()
    lane: str = key_field(300)
    method: str = key_field(40)
    team: str = key_field(32, default="", sa_column_kwargs={"server_default": ""})
    """Workspace through whose installation it is sent; empty: our own, or where `channel` is."""
    channel: str = key_field(64, default="")
    thread: str = key_field(300, default="")
    """A Slack ts, or `key:<outbox key>` for the message that entry became."""
    target: str = key_field(300, default="")
    """What an update, pin or reaction acts on; as `thread`."""
    payload: dict[str, Any] = json_field()
    account_id: int | None = Field(default=None, sa_type=big_id(), nullable=True)
    """The account whose words this carries; the gate compares it with the channel's."""
    request_id: int | None = Field(default=None, sa_type=big_id(), nullable=True)
    state: str = key_field(16, default="pending")
    attempts: int = 0
    fence: int = 0
    available_at: datetime = time_field()
    lease_until: datetime | None = time_field(default=None, nullable=True)
    ts: str = key_field(32, default="")
    error: str = text_field(default="")
    created_at: datetime = time_field()
    sent_at: datetime | None = time_field(default=None, nullable=True)


class Reminder(SQLModel, table=True):
    """Something to be done later, once; `kind` says what (`bot.service.rings`)."""

    __tablename__ = "reminder"
    __table_args__ = (
        sa.UniqueConstraint("kind", "about", name="uq_reminder"),
        sa.Index("ix_reminder_due", "state", "due_at"),
        sa.Index("ix_reminder_request", "request_id"),
        NUMBERED,
    )

    id: int | None = id_field()
    kind: str = key_field(40)
    about: str = key_field(200)
    """What it concerns: `request:<id>`, or a name of its own."""
    request_id: int | None = Field(default=None, sa_type=big_id(), nullable=True)
    payload: dict[str, Any] = json_field()
    due_at: datetime = time_field()
    state: str = key_field(16, default="waiting")
    """waiting, done, dropped (not needed any more) or dead (given up)."""
    attempts: int = 0
    fence: int = 0
    error: str = text_field(default="")
    created_at: datetime = time_field()
    done_at: datetime | None = time_field(default=None, nullable=True)


class Place(SQLModel, table=True):
    """A channel, or a thread of one, and up to when its history was read."""

    __tablename__ = "place"
    __table_args__ = (sa.Index("ix_place_due", "due_at"), MYSQL)

    channel: str = key_field(32, primary_key=True)
    thread_ts: str = key_field(32, primary_key=True)
    """Root of the thread; empty for the channel itself."""
    ours_since: datetime = time_field()
    """What was written before is nothing to us."""
    read_until: datetime = time_field()
    whole: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    """Something may have been missed: of a thread, all messages are read, changed ones too."""
    due_at: datetime = time_field()
    fence: int = 0
