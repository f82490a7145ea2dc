"""Answers from the documentation, and its imported versions."""

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


class GivenAnswer(SQLModel, table=True):
    """An answer from the documentation, with the text it rested on and what people said of it."""

    __tablename__ = "given_answer"
    __table_args__ = (sa.Index("ix_given_answer_place", "channel", "thread_ts"), NUMBERED)

    id: int | None = id_field()
    account_id: int | None = Field(default=None, sa_type=big_id(), nullable=True)
    channel: str = key_field(32)
    thread_ts: str = key_field(300)
    band: str = key_field(16)
    question: str = text_field()
    language: str = key_field(8)
    path: str = Field(default="", sa_type=sa.String(500))
    anchor: str = Field(default="", sa_type=sa.String(300))
    content_hash: str = key_field(80, default="")
    source_language: str = key_field(8, default="")
    """Language of the page, which is English where there is no translation."""
    rests_on: list[list[str]] | None = json_field(default=None, nullable=True)
    """Anchor and content hash of every section whose words were given; of a lead `["", hash]`."""
    choices: list[list[str]] | None = json_field(default=None, nullable=True)
    """Language, path and anchor of each suggestion that was offered."""
    posted_key: str = key_field(default="")
    """Outbox key of the message that carries the answer."""
    vote: str = key_field(8, default="")
    at: datetime = time_field()


class AnswerRecall(SQLModel, table=True):
    """An answer whose section a sync changed or removed; staff decide what becomes of it.

    new → told → corrected
            └→ not_needed
    """

    __tablename__ = "answer_recall"
    __table_args__ = (
        sa.UniqueConstraint("answer_id", "version", name="uq_answer_recall"),
        sa.Index("ix_answer_recall_state", "state", "version"),
        NUMBERED,
    )

    id: int | None = id_field()
    answer_id: int = Field(sa_type=big_id(), foreign_key="given_answer.id")
    version: int = Field(sa_type=big_id())
    kind: str = key_field(16)
    """changed or removed."""
    title: str = text_field()
    section: str = text_field()
    """Title and heading as they were when the answer was given."""
    state: str = key_field(16, default="new")
    notice_key: str = key_field(default="")
    """Outbox key of the message that told staff."""
    actor_name: str = Field(default="", sa_type=sa.String(200))
    at: datetime = time_field()
    done_at: datetime | None = time_field(default=None, nullable=True)


class KbVersion(SQLModel, table=True):
    """A published state of the imported documentation; the highest number is the one served."""

    __tablename__ = "kb_version"
    __table_args__ = MYSQL

    number: int = Field(sa_type=big_id(), primary_key=True)
    fingerprint: str = key_field(64)
    """Hash over languages, paths and content hashes of its pages: what was loaded can be proved."""
    url_base: str = text_field()
    pages: int = 0
    sections: int = 0
    published_at: datetime = time_field()


class KbPage(SQLModel, table=True):
    """One imported page, in every version from `since_version` until before `gone_version`."""

    __tablename__ = "kb_page"
    __table_args__ = (
        sa.UniqueConstraint("language", "path", "since_version", name="uq_kb_page"),
        sa.Index("ix_kb_page_versions", "since_version", "gone_version"),
        MYSQL,
    )

    id: int = Field(sa_type=big_id(), primary_key=True)
    language: str = key_field(8)
    path: str = key_field(500)
    content_hash: str = key_field(64)
    """Of the file, its variables and the parser: whether it has to be read again."""
    head: dict[str, Any] = json_field()
    """Title, summary and what else the front matter gives."""
    sections: int = 0
    since_version: int = Field(sa_type=big_id())
    gone_version: int | None = Field(default=None, sa_type=big_id(), nullable=True)


class KbSection(SQLModel, table=True):
    """The text under one heading of a page."""

    __tablename__ = "kb_section"
    __table_args__ = MYSQL

    page_id: int = Field(sa_type=big_id(), primary_key=True, foreign_key="kb_page.id")
    position: int = Field(primary_key=True)
    content_hash: str = key_field(64)
    about: dict[str, Any] = json_field()
    """Anchor, heading, headings above, level, plans, tabs."""
    markdown: str = text_field()


class KbSync(SQLModel, table=True):
    """The one row that says who imports just now, and how the last import went."""

    __tablename__ = "kb_sync"
    __table_args__ = MYSQL

    id: int = Field(sa_type=big_id(), primary_key=True)
    holder: str = key_field(64, default="")
    """Empty while nobody imports."""
    host: str = Field(default="", sa_type=sa.String(200))
    pid: int = 0
    started_at: datetime | None = time_field(default=None, nullable=True)
    lease_until: datetime | None = time_field(default=None, nullable=True)
    finished_at: datetime | None = time_field(default=None, nullable=True)
    report: dict[str, Any] = json_field(default_factory=dict)
