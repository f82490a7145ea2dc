"""Accounts, their channels, and who people are."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from bot.storage.columns import big_id
from bot.storage.tables.fields import MYSQL, NUMBERED, id_field, json_field, key_field, time_field


class Account(SQLModel, table=True):
    """A customer organisation."""

    __tablename__ = "account"
    __table_args__ = (sa.UniqueConstraint("name", name="uq_account_name"), NUMBERED)

    id: int | None = id_field()
    name: str = key_field(200)
    plan: str = key_field(40)
    time_zone: str = key_field(64)
    language: str = key_field(8)
    created_at: datetime = time_field()
    leaving: dict[str, Any] | None = json_field(default=None, nullable=True)
    """While it is being forgotten: what was its own (`bot.storage.belongings.Scope`)."""


class Channel(SQLModel, table=True):
    """The channel map: the only source of tenancy."""

    __tablename__ = "channel"
    __table_args__ = (sa.Index("ix_channel_account", "account_id"), MYSQL)

    channel: str = key_field(32, primary_key=True)
    account_id: int = Field(sa_type=big_id(), foreign_key="account.id")
    mode: str = key_field(16, default="listen")
    least_score: float | None = None
    """In *listen* mode: how sure the bot must be to speak unasked, where its own bar is too low."""
    board_key: str = key_field(default="")
    """Outbox key of the pinned board."""
    linked_at: datetime = time_field()


class ChannelMove(SQLModel, table=True):
    """Slack gave a channel another id; `new` is the present one, however often that happened."""

    __tablename__ = "channel_move"
    __table_args__ = MYSQL

    old: str = key_field(32, primary_key=True)
    new: str = key_field(32)
    at: datetime = time_field()


class Cluster(SQLModel, table=True):
    """A cluster name that an account is known to have."""

    __tablename__ = "cluster"
    __table_args__ = MYSQL

    account_id: int = Field(sa_type=big_id(), primary_key=True, foreign_key="account.id")
    name: str = key_field(100, primary_key=True)
    added_at: datetime = time_field()


class QueueChannel(SQLModel, table=True):
    """Staff channel of a queue, where it is not the default one."""

    __tablename__ = "queue_channel"
    __table_args__ = MYSQL

    queue: str = key_field(40, primary_key=True)
    channel: str = key_field(32)


class OnCall(SQLModel, table=True):
    """Who is called when a promise is missed: for one queue, or (`queue` empty) for all."""

    __tablename__ = "on_call"
    __table_args__ = MYSQL

    queue: str = key_field(40, primary_key=True)
    user: str = key_field(32)


class Person(SQLModel, table=True):
    """Who a Slack user is, as Slack last told us."""

    __tablename__ = "person"
    __table_args__ = MYSQL

    user: str = key_field(32, primary_key=True)
    team: str = key_field(32)
    name: str = Field(sa_type=sa.String(200))
    language: str = key_field(8, default="")
    email: str | None = Field(default=None, sa_type=sa.String(254), nullable=True)
    time_zone: str | None = key_field(64, default=None, nullable=True)
    """As Slack has it for them, such as `Asia/Tokyo`."""
    gone_at: datetime | None = time_field(default=None, nullable=True)
    """Since when their account is deactivated."""
    fetched_at: datetime = time_field()


class MailWish(SQLModel, table=True):
    """A person was asked for their e-mail address, and what they said."""

    __tablename__ = "mail_wish"
    __table_args__ = MYSQL

    user: str = key_field(32, primary_key=True)
    address: str | None = Field(default=None, sa_type=sa.String(254), nullable=True)
    """Null until they answer, and for those who want no e-mail."""
    asked_at: datetime = time_field()
    answered_at: datetime | None = time_field(default=None, nullable=True)


class Presence(SQLModel, table=True):
    """A person acted in a linked channel; tells which account a DM or the App Home is about."""

    __tablename__ = "presence"
    __table_args__ = MYSQL

    user: str = key_field(32, primary_key=True)
    channel: str = key_field(32, primary_key=True)
    seen_at: datetime = time_field()
