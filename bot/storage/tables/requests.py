"""Conversations and requests, with everything said and done about them."""

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


class Conversation(SQLModel, table=True):
    """What the bot remembers of one thread."""

    __tablename__ = "conversation"
    __table_args__ = (
        sa.UniqueConstraint("channel", "thread_ts", name="uq_conversation"),
        sa.Index("ix_conversation_person", "channel", "user", "updated_at"),
        sa.Index("ix_conversation_updated", "updated_at"),
        MYSQL,
    )

    id: int | None = id_field()
    channel: str = key_field(32)
    thread_ts: str = key_field(64)
    """Root of the thread; on the shared board `<ts>:<user>`, so that everybody has their own."""
    user: str = key_field(32, default="")
    """The customer who wrote last."""
    state: dict[str, Any] = json_field()
    updated_at: datetime = time_field()


class SupportRequest(SQLModel, table=True):
    """A request; its number is `SUP-` and 1000 + id."""

    __tablename__ = "request"
    __table_args__ = (
        sa.UniqueConstraint("origin", name="uq_request_origin"),
        sa.UniqueConstraint("id", "account_id", name="uq_request_account"),
        sa.Index("ix_request_account", "account_id", "id"),
        sa.Index("ix_request_open", "account_id", "state", "id"),
        sa.Index("ix_request_thread", "channel", "thread_ts"),
        sa.Index("ix_request_state", "state", "queue"),
        NUMBERED,
    )

    id: int | None = id_field()
    account_id: int = Field(sa_type=big_id(), foreign_key="account.id")
    origin: str = key_field()
    requester: str = key_field(32)
    requester_name: str = Field(sa_type=sa.String(200))
    channel: str = key_field(32)
    thread_ts: str = key_field(300)
    """Root of the customer's thread: a ts, or `key:<outbox key>` while the root is being posted."""
    intent: str = key_field(40)
    queue: str = key_field(40)
    severity: str = key_field(4)
    state: str = key_field(16)
    summary: str = text_field()
    fields: dict[str, str] = json_field()
    language: str = key_field(8)
    owner: str = key_field(32, default="")
    owner_name: str = Field(default="", sa_type=sa.String(200))
    staff_channel: str = key_field(32)
    opened_at: datetime = time_field()
    updated_at: datetime = time_field()
    promised_minutes: int | None = None
    """The target of the plan for the severity; None where nothing is promised."""
    around_the_clock: bool = False
    pauses: list[list[str | None]] | None = json_field(default=None, nullable=True)
    """`[start, end]` of each wait for the customer before the first answer, ISO; end null: now."""
    respond_by: datetime | None = time_field(default=None, nullable=True)
    """When the first answer is due; null while the clock is paused."""
    responded_at: datetime | None = time_field(default=None, nullable=True)
    answered_after: int | None = None
    """Counted minutes until the first answer."""
    promise: str = key_field(8, default="")
    """kept or missed, once it is decided."""
    waiting_since: datetime | None = time_field(default=None, nullable=True)
    """Since when we wait for the customer's reply."""
    closed_at: datetime | None = time_field(default=None, nullable=True)
    tags: str = key_field(500, default="", sa_column_kwargs={"server_default": ""})
    """Separated by spaces; `bot.desk.tags` says what a tag is."""
    card_key: str = key_field(default="", sa_column_kwargs={"server_default": ""})
    """Outbox key of the staff card after a change of queue moved it; empty for the first one."""
    follows: int | None = Field(default=None, sa_type=big_id(), nullable=True)
    """Id of the request this one continues or was split from."""
    merged_into: int | None = Field(default=None, sa_type=big_id(), nullable=True)
    """Id of the request that answers for this one since they were merged."""
    stage: str = key_field(16, default="", sa_column_kwargs={"server_default": ""})
    """How far a request that is decided has come; empty before the first step."""
    ends_at: datetime | None = time_field(default=None, nullable=True)


class RequestMessage(SQLModel, table=True):
    """One message of a request, from either side."""

    __tablename__ = "request_message"
    __table_args__ = (
        sa.UniqueConstraint("request_id", "channel", "ts", name="uq_request_message"),
        sa.Index("ix_request_message_place", "channel", "ts"),
        sa.ForeignKeyConstraint(
            ["request_id", "account_id"],
            ["request.id", "request.account_id"],
            name="fk_request_message_account",
        ),
        NUMBERED,
    )

    id: int | None = id_field()
    request_id: int = Field(sa_type=big_id())
    account_id: int = Field(sa_type=big_id())
    channel: str = key_field(32)
    ts: str = key_field()
    """Slack's ts, or the form's id for words that were never a message."""
    author: str = key_field(32)
    author_name: str = Field(sa_type=sa.String(200))
    side: str = key_field(16)
    """customer, staff or bot."""
    internal: bool = False
    text: str = text_field()
    """Empty once it was deleted."""
    at: datetime = time_field()
    edited_at: datetime | None = time_field(default=None, nullable=True)
    deleted_at: datetime | None = time_field(default=None, nullable=True)


class MessageCopy(SQLModel, table=True):
    """Where a message of a request is shown on the other side: the outbox entry that shows it."""

    __tablename__ = "message_copy"
    __table_args__ = (
        sa.UniqueConstraint("message_id", "key", name="uq_message_copy"),
        sa.Index("ix_message_copy_key", "key"),
        MYSQL,
    )

    id: int | None = id_field()
    message_id: int = Field(sa_type=big_id(), foreign_key="request_message.id")
    key: str = key_field()
    """Outbox key; the entry's ts is the copy's once it is posted."""
    kind: str = key_field(16)
    """text (alone), shown (staff's words for colleagues), transcript (among others), file, mail,
    notice (of an edit after the answer)."""


class MessageReaction(SQLModel, table=True):
    """A reaction of a person to a message of a request or to its copy."""

    __tablename__ = "message_reaction"
    __table_args__ = MYSQL

    message_id: int = Field(sa_type=big_id(), primary_key=True, foreign_key="request_message.id")
    side: str = key_field(16, primary_key=True)
    """original or copy: where the person reacted."""
    name: str = key_field(100, primary_key=True)
    user: str = key_field(32, primary_key=True)


class RequestEvent(SQLModel, table=True):
    """What happened to a request: append-only, who did what when."""

    __tablename__ = "request_event"
    __table_args__ = (sa.Index("ix_request_event_request", "request_id", "id"), MYSQL)

    id: int | None = id_field()
    request_id: int = Field(sa_type=big_id(), foreign_key="request.id")
    at: datetime = time_field()
    kind: str = key_field(40)
    actor: str = key_field(32)
    actor_name: str = Field(sa_type=sa.String(200))
    detail: dict[str, str] = json_field()


class Rating(SQLModel, table=True):
    """The question how satisfied a requester is, and the answer."""

    __tablename__ = "rating"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["request_id", "account_id"],
            ["request.id", "request.account_id"],
            name="fk_rating_account",
        ),
        sa.Index("ix_rating_person", "user", "asked_at"),
        MYSQL,
    )

    request_id: int = Field(
        sa_type=big_id(), primary_key=True, sa_column_kwargs={"autoincrement": False}
    )
    account_id: int = Field(sa_type=big_id())
    user: str = key_field(32)
    """The requester, who was asked."""
    score: int | None = None
    """1 (bad) to 5 (great); None until they answer."""
    words: str = text_field(default="")
    asked_at: datetime = time_field()
    answered_at: datetime | None = time_field(default=None, nullable=True)


class Announcement(SQLModel, table=True):
    """Words to many customers: drafted, then sent or cancelled, once."""

    __tablename__ = "announcement"
    __table_args__ = NUMBERED

    id: int | None = id_field()
    state: str = key_field(16)
    """draft, sent or cancelled."""
    texts: dict[str, str] = json_field()
    """Language → text."""
    channels: list[str] = json_field()
    author: str = key_field(32)
    author_name: str = Field(sa_type=sa.String(200))
    staff_channel: str = key_field(32)
    created_at: datetime = time_field()
    decided_by: str = Field(default="", sa_type=sa.String(200))
    decided_at: datetime | None = time_field(default=None, nullable=True)
