"""What is kept to learn from, and the audit trail."""

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


class IntentMark(SQLModel, table=True):
    """Staff said that a message was understood wrongly: for whoever edits `intents/`."""

    __tablename__ = "intent_mark"
    __table_args__ = (sa.UniqueConstraint("request_id", name="uq_intent_mark"), NUMBERED)

    id: int | None = id_field()
    account_id: int = Field(sa_type=big_id())
    request_id: int = Field(sa_type=big_id(), foreign_key="request.id")
    text: str = text_field()
    language: str = key_field(8)
    decided: str = key_field(40)
    right: str = key_field(40, default="")
    """What was meant; empty when staff did not say."""
    actor: str = key_field(32)
    state: str = key_field(16, default="new")
    """new, or done once somebody dealt with it."""
    at: datetime = time_field()


class ShadowDecision(SQLModel, table=True):
    """What the bot would have done in a channel that it only watches, and what staff did."""

    __tablename__ = "shadow_decision"
    __table_args__ = (
        sa.UniqueConstraint("channel", "ts", name="uq_shadow_decision"),
        sa.Index("ix_shadow_decision_at", "at"),
        MYSQL,
    )

    id: int | None = id_field()
    account_id: int = Field(sa_type=big_id())
    channel: str = key_field(32)
    ts: str = key_field(32)
    text: str = text_field()
    language: str = key_field(8)
    intent: str = key_field(40)
    score: float = 0.0
    speaks: bool = False
    """It would have spoken in *listen* mode, by the model's own bar."""
    would: str = key_field(200)
    """Names of the decisions, such as `AnswerQuestion`."""
    staff_text: str = text_field(default="")
    staff_at: datetime | None = time_field(default=None, nullable=True)
    at: datetime = time_field()


class Audit(SQLModel, table=True):
    """Who did what to which request, account or setting; only ever added to (`storage/trail.py`).

    It names ids, states and settings, and nobody's words; so it stays when a customer is forgotten,
    and refers to rows that may be gone.
    """

    __tablename__ = "audit"
    __table_args__ = (
        sa.Index("ix_audit_request", "request_id", "id"),
        sa.Index("ix_audit_account", "account_id", "id"),
        sa.Index("ix_audit_actor", "actor", "id"),
        sa.Index("ix_audit_at", "at"),
        NUMBERED,
    )

    id: int | None = id_field()
    at: datetime = time_field()
    actor: str = key_field(100)
    """Slack id of one of staff, `shell:<login>`, `customer`, or `bot`."""
    source: str = key_field(16)
    """button, form, command, reaction, message, shell, slack (an event of a channel) or clock."""
    deed: str = key_field(60)
    request_id: int | None = Field(default=None, sa_type=big_id(), nullable=True)
    account_id: int | None = Field(default=None, sa_type=big_id(), nullable=True)
    subject: str = key_field(120, default="")
    """What else it was done to: `channel C…`, `queue sales`, `announcement 3`."""
    before: dict[str, Any] = json_field()
    after: dict[str, Any] = json_field()
