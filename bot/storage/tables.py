"""The tables. Every rule of uniqueness that a promise rests on is a key here, not a check in code.

| promise                                   | key                                             |
|-------------------------------------------|-------------------------------------------------|
| a redelivered event is handled once       | `inbox.event_key`, `inbox.message_key`          |
| a message opens a request once            | `request.origin`                                |
| a message is part of a request once       | `request_message (request_id, channel, ts)`     |
| a message belongs to its request's account| composite foreign key to `request`              |
| the same thing is posted once             | `outbox.key`                                    |
| a thing is done later once              | `reminder (kind, about)`                        |
| a copy is found from its original         | `message_copy (message_id, key)`                |
| a reaction is shown once                  | `message_reaction` (its primary key)            |
| a channel belongs to one account          | `channel.channel` is the primary key            |
| a person is asked for an address once     | `mail_wish.user` is the primary key             |
| staff hear of an outdated answer once     | `answer_recall (answer_id, version)`            |
| a version of the documents is one thing   | `kb_version.number` is the primary key          |
| an id is never given twice                | `AUTOINCREMENT` on SQLite, as elsewhere anyway  |
| a channel is in one workspace             | `workspace_channel.channel` is the primary key  |
| an installation that was begun ends once  | `oauth_state.state`, deleted by whoever ends it |

What becomes of each table's rows when a customer is forgotten says `bot.storage.forgetting`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from bot.storage.columns import JsonText, UtcTime, big_id, key_text, long_text

_MYSQL: dict[str, Any] = {"mysql_charset": "utf8mb4", "mariadb_charset": "utf8mb4"}
_NUMBERED = {**_MYSQL, "sqlite_autoincrement": True}
"""Of tables whose ids stand in keys, in buttons or before people's eyes: SQLite would give the id
of a deleted newest row again, and an old button would act on somebody else's request."""


def _id() -> Any:
    return Field(default=None, sa_type=big_id(), primary_key=True)


def _key(length: int = 255, **options: Any) -> Any:
    return Field(sa_type=key_text(length), **options)


def _text(**options: Any) -> Any:
    return Field(sa_type=long_text(), **options)


def _json(**options: Any) -> Any:
    return Field(sa_type=JsonText, **options)


def _time(**options: Any) -> Any:
    return Field(sa_type=UtcTime, **options)


class Account(SQLModel, table=True):
    """A customer organisation."""

    __tablename__ = "account"
    __table_args__ = (sa.UniqueConstraint("name", name="uq_account_name"), _NUMBERED)

    id: int | None = _id()
    name: str = _key(200)
    plan: str = _key(40)
    time_zone: str = _key(64)
    language: str = _key(8)
    created_at: datetime = _time()
    leaving: dict[str, Any] | None = _json(default=None, nullable=True)
    """While it is being forgotten: what was its own (`bot.storage.belongings.Scope`)."""


class Channel(SQLModel, table=True):
    """The channel map: the only source of tenancy."""

    __tablename__ = "channel"
    __table_args__ = (sa.Index("ix_channel_account", "account_id"), _MYSQL)

    channel: str = _key(32, primary_key=True)
    account_id: int = Field(sa_type=big_id(), foreign_key="account.id")
    mode: str = _key(16, default="listen")
    least_score: float | None = None
    """In *listen* mode: how sure the bot must be to speak unasked, where its own bar is too low."""
    board_key: str = _key(default="")
    """Outbox key of the pinned board."""
    linked_at: datetime = _time()


class ChannelMove(SQLModel, table=True):
    """Slack gave a channel another id; `new` is the present one, however often that happened."""

    __tablename__ = "channel_move"
    __table_args__ = _MYSQL

    old: str = _key(32, primary_key=True)
    new: str = _key(32)
    at: datetime = _time()


class Workspace(SQLModel, table=True):
    """A Slack workspace that installed the app by itself, and the sealed tokens it gave us."""

    __tablename__ = "workspace"
    __table_args__ = _MYSQL

    team: str = _key(32, primary_key=True)
    name: str = Field(sa_type=sa.String(200))
    url: str = _key(default="")
    """Address of the workspace, with a slash at its end."""
    bot_user: str = _key(32)
    bot: str = _key(32)
    state: str = _key(16, default="installed")
    """installed or removed; a removed one has no tokens."""
    sealed: str = _text(default="")
    """`bot.storage.sealing`: the bot token and, where tokens rotate, the refresh token."""
    version: int = 0
    """Counts the tokens: whoever changes them names the version that was read."""
    expires_at: datetime | None = _time(default=None, nullable=True)
    """When the bot token ends; null: never."""
    refresh_after: datetime | None = _time(default=None, nullable=True)
    """Somebody refreshes the token now, or tried to: nobody else does before this."""
    refresh_error: str = _key(200, default="")
    """Why it could not be refreshed the last time."""
    installed_by: str = _key(32)
    installed_at: datetime = _time()
    removed_at: datetime | None = _time(default=None, nullable=True)


class WorkspaceChannel(SQLModel, table=True):
    """In which workspace we are in a channel: through its installation we speak there."""

    __tablename__ = "workspace_channel"
    __table_args__ = (sa.Index("ix_workspace_channel_team", "team"), _MYSQL)

    channel: str = _key(32, primary_key=True)
    team: str = _key(32)


class OAuthState(SQLModel, table=True):
    """An installation that somebody began: good once, and for ten minutes."""

    __tablename__ = "oauth_state"
    __table_args__ = _MYSQL

    state: str = _key(64, primary_key=True)
    expires_at: datetime = _time()


class Cluster(SQLModel, table=True):
    """A cluster name that an account is known to have."""

    __tablename__ = "cluster"
    __table_args__ = _MYSQL

    account_id: int = Field(sa_type=big_id(), primary_key=True, foreign_key="account.id")
    name: str = _key(100, primary_key=True)
    added_at: datetime = _time()


class QueueChannel(SQLModel, table=True):
    """Staff channel of a queue, where it is not the default one."""

    __tablename__ = "queue_channel"
    __table_args__ = _MYSQL

    queue: str = _key(40, primary_key=True)
    channel: str = _key(32)


class OnCall(SQLModel, table=True):
    """Who is called when a promise is missed: for one queue, or (`queue` empty) for all."""

    __tablename__ = "on_call"
    __table_args__ = _MYSQL

    queue: str = _key(40, primary_key=True)
    user: str = _key(32)


class Person(SQLModel, table=True):
    """Who a Slack user is, as Slack last told us."""

    __tablename__ = "person"
    __table_args__ = _MYSQL

    user: str = _key(32, primary_key=True)
    team: str = _key(32)
    name: str = Field(sa_type=sa.String(200))
    language: str = _key(8, default="")
    email: str | None = Field(default=None, sa_type=sa.String(254), nullable=True)
    time_zone: str | None = _key(64, default=None, nullable=True)
    """As Slack has it for them, such as `Asia/Tokyo`."""
    gone_at: datetime | None = _time(default=None, nullable=True)
    """Since when their account is deactivated."""
    fetched_at: datetime = _time()


class MailWish(SQLModel, table=True):
    """A person was asked for their e-mail address, and what they said."""

    __tablename__ = "mail_wish"
    __table_args__ = _MYSQL

    user: str = _key(32, primary_key=True)
    address: str | None = Field(default=None, sa_type=sa.String(254), nullable=True)
    """Null until they answer, and for those who want no e-mail."""
    asked_at: datetime = _time()
    answered_at: datetime | None = _time(default=None, nullable=True)


class Presence(SQLModel, table=True):
    """A person acted in a linked channel; tells which account a DM or the App Home is about."""

    __tablename__ = "presence"
    __table_args__ = _MYSQL

    user: str = _key(32, primary_key=True)
    channel: str = _key(32, primary_key=True)
    seen_at: datetime = _time()


class Inbox(SQLModel, table=True):
    """Everything that came in, saved before Slack is told that we have it."""

    __tablename__ = "inbox"
    __table_args__ = (
        sa.UniqueConstraint("event_key", name="uq_inbox_event"),
        sa.UniqueConstraint("message_key", name="uq_inbox_message"),
        sa.Index("ix_inbox_open", "state", "available_at", "id"),
        sa.Index("ix_inbox_lane", "lane", "state", "id"),
        sa.Index("ix_inbox_author", "author", "id"),
        _NUMBERED,
    )

    id: int | None = _id()
    event_key: str = _key()
    message_key: str | None = _key(default=None, nullable=True)
    author: str = _key(32, default="", sa_column_kwargs={"server_default": ""})
    """Who did it: how much one person does is counted."""
    lane: str = _key(100)
    kind: str = _key(40)
    payload: dict[str, Any] = _json()
    state: str = _key(16, default="new")
    attempts: int = 0
    fence: int = 0
    available_at: datetime = _time()
    lease_until: datetime | None = _time(default=None, nullable=True)
    error: str = _text(default="")
    received_at: datetime = _time()
    done_at: datetime | None = _time(default=None, nullable=True)


class Outbox(SQLModel, table=True):
    """Everything we owe Slack. `key` says what the entry means, so nothing is owed twice."""

    __tablename__ = "outbox"
    __table_args__ = (
        sa.UniqueConstraint("key", name="uq_outbox_key"),
        sa.Index("ix_outbox_open", "state", "available_at", "id"),
        sa.Index("ix_outbox_lane", "lane", "state", "id"),
        sa.Index("ix_outbox_posted", "channel", "ts"),
        sa.Index("ix_outbox_team", "team", "state"),
        _NUMBERED,
    )

    id: int | None = _id()
    key: str = _key()
    lane: str = _key(300)
    method: str = _key(40)
    team: str = _key(32, default="", sa_column_kwargs={"server_default": ""})
    """Workspace through whose installation it is sent; empty: our own, or where `channel` is."""
    channel: str = _key(64, default="")
    thread: str = _key(300, default="")
    """A Slack ts, or `key:<outbox key>` for the message that entry became."""
    target: str = _key(300, default="")
    """What an update, pin or reaction acts on; as `thread`."""
    payload: dict[str, Any] = _json()
    account_id: int | None = Field(default=None, sa_type=big_id(), nullable=True)
    """The account whose words this carries; the gate compares it with the channel's."""
    request_id: int | None = Field(default=None, sa_type=big_id(), nullable=True)
    state: str = _key(16, default="pending")
    attempts: int = 0
    fence: int = 0
    available_at: datetime = _time()
    lease_until: datetime | None = _time(default=None, nullable=True)
    ts: str = _key(32, default="")
    error: str = _text(default="")
    created_at: datetime = _time()
    sent_at: datetime | None = _time(default=None, nullable=True)


class Conversation(SQLModel, table=True):
    """What the bot remembers of one thread."""

    __tablename__ = "conversation"
    __table_args__ = (
        sa.UniqueConstraint("channel", "thread_ts", name="uq_conversation"),
        sa.Index("ix_conversation_person", "channel", "user", "updated_at"),
        sa.Index("ix_conversation_updated", "updated_at"),
        _MYSQL,
    )

    id: int | None = _id()
    channel: str = _key(32)
    thread_ts: str = _key(64)
    """Root of the thread; on the shared board `<ts>:<user>`, so that everybody has their own."""
    user: str = _key(32, default="")
    """The customer who wrote last."""
    state: dict[str, Any] = _json()
    updated_at: datetime = _time()


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
        _NUMBERED,
    )

    id: int | None = _id()
    account_id: int = Field(sa_type=big_id(), foreign_key="account.id")
    origin: str = _key()
    requester: str = _key(32)
    requester_name: str = Field(sa_type=sa.String(200))
    channel: str = _key(32)
    thread_ts: str = _key(300)
    """Root of the customer's thread: a ts, or `key:<outbox key>` while the root is being posted."""
    intent: str = _key(40)
    queue: str = _key(40)
    severity: str = _key(4)
    state: str = _key(16)
    summary: str = _text()
    fields: dict[str, str] = _json()
    language: str = _key(8)
    owner: str = _key(32, default="")
    owner_name: str = Field(default="", sa_type=sa.String(200))
    staff_channel: str = _key(32)
    opened_at: datetime = _time()
    updated_at: datetime = _time()
    promised_minutes: int | None = None
    """The target of the plan for the severity; None where nothing is promised."""
    around_the_clock: bool = False
    pauses: list[list[str | None]] | None = _json(default=None, nullable=True)
    """`[start, end]` of each wait for the customer before the first answer, ISO; end null: now."""
    respond_by: datetime | None = _time(default=None, nullable=True)
    """When the first answer is due; null while the clock is paused."""
    responded_at: datetime | None = _time(default=None, nullable=True)
    answered_after: int | None = None
    """Counted minutes until the first answer."""
    promise: str = _key(8, default="")
    """kept or missed, once it is decided."""
    waiting_since: datetime | None = _time(default=None, nullable=True)
    """Since when we wait for the customer's reply."""
    closed_at: datetime | None = _time(default=None, nullable=True)
    tags: str = _key(500, default="", sa_column_kwargs={"server_default": ""})
    """Separated by spaces; `bot.desk.tags` says what a tag is."""
    card_key: str = _key(default="", sa_column_kwargs={"server_default": ""})
    """Outbox key of the staff card after a change of queue moved it; empty for the first one."""
    follows: int | None = Field(default=None, sa_type=big_id(), nullable=True)
    """Id of the request this one continues or was split from."""
    merged_into: int | None = Field(default=None, sa_type=big_id(), nullable=True)
    """Id of the request that answers for this one since they were merged."""
    stage: str = _key(16, default="", sa_column_kwargs={"server_default": ""})
    """How far a request that is decided has come; empty before the first step."""
    ends_at: datetime | None = _time(default=None, nullable=True)


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
        _NUMBERED,
    )

    id: int | None = _id()
    request_id: int = Field(sa_type=big_id())
    account_id: int = Field(sa_type=big_id())
    channel: str = _key(32)
    ts: str = _key()
    """Slack's ts, or the form's id for words that were never a message."""
    author: str = _key(32)
    author_name: str = Field(sa_type=sa.String(200))
    side: str = _key(16)
    """customer, staff or bot."""
    internal: bool = False
    text: str = _text()
    """Empty once it was deleted."""
    at: datetime = _time()
    edited_at: datetime | None = _time(default=None, nullable=True)
    deleted_at: datetime | None = _time(default=None, nullable=True)


class MessageCopy(SQLModel, table=True):
    """Where a message of a request is shown on the other side: the outbox entry that shows it."""

    __tablename__ = "message_copy"
    __table_args__ = (
        sa.UniqueConstraint("message_id", "key", name="uq_message_copy"),
        sa.Index("ix_message_copy_key", "key"),
        _MYSQL,
    )

    id: int | None = _id()
    message_id: int = Field(sa_type=big_id(), foreign_key="request_message.id")
    key: str = _key()
    """Outbox key; the entry's ts is the copy's once it is posted."""
    kind: str = _key(16)
    """text (alone), shown (staff's words for colleagues), transcript (among others), file, mail,
    notice (of an edit after the answer)."""


class MessageReaction(SQLModel, table=True):
    """A reaction of a person to a message of a request or to its copy."""

    __tablename__ = "message_reaction"
    __table_args__ = _MYSQL

    message_id: int = Field(sa_type=big_id(), primary_key=True, foreign_key="request_message.id")
    side: str = _key(16, primary_key=True)
    """original or copy: where the person reacted."""
    name: str = _key(100, primary_key=True)
    user: str = _key(32, primary_key=True)


class RequestEvent(SQLModel, table=True):
    """What happened to a request: append-only, who did what when."""

    __tablename__ = "request_event"
    __table_args__ = (sa.Index("ix_request_event_request", "request_id", "id"), _MYSQL)

    id: int | None = _id()
    request_id: int = Field(sa_type=big_id(), foreign_key="request.id")
    at: datetime = _time()
    kind: str = _key(40)
    actor: str = _key(32)
    actor_name: str = Field(sa_type=sa.String(200))
    detail: dict[str, str] = _json()


class Reminder(SQLModel, table=True):
    """Something to be done later, once; `kind` says what (`bot.service.rings`)."""

    __tablename__ = "reminder"
    __table_args__ = (
        sa.UniqueConstraint("kind", "about", name="uq_reminder"),
        sa.Index("ix_reminder_due", "state", "due_at"),
        sa.Index("ix_reminder_request", "request_id"),
        _NUMBERED,
    )

    id: int | None = _id()
    kind: str = _key(40)
    about: str = _key(200)
    """What it concerns: `request:<id>`, or a name of its own."""
    request_id: int | None = Field(default=None, sa_type=big_id(), nullable=True)
    payload: dict[str, Any] = _json()
    due_at: datetime = _time()
    state: str = _key(16, default="waiting")
    """waiting, done, dropped (not needed any more) or dead (given up)."""
    attempts: int = 0
    fence: int = 0
    error: str = _text(default="")
    created_at: datetime = _time()
    done_at: datetime | None = _time(default=None, nullable=True)


class Place(SQLModel, table=True):
    """A channel, or a thread of one, and up to when its history was read."""

    __tablename__ = "place"
    __table_args__ = (sa.Index("ix_place_due", "due_at"), _MYSQL)

    channel: str = _key(32, primary_key=True)
    thread_ts: str = _key(32, primary_key=True)
    """Root of the thread; empty for the channel itself."""
    ours_since: datetime = _time()
    """What was written before is nothing to us."""
    read_until: datetime = _time()
    whole: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    """Something may have been missed: of a thread, all messages are read, changed ones too."""
    due_at: datetime = _time()
    fence: int = 0


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
        _MYSQL,
    )

    request_id: int = Field(
        sa_type=big_id(), primary_key=True, sa_column_kwargs={"autoincrement": False}
    )
    account_id: int = Field(sa_type=big_id())
    user: str = _key(32)
    """The requester, who was asked."""
    score: int | None = None
    """1 (bad) to 5 (great); None until they answer."""
    words: str = _text(default="")
    asked_at: datetime = _time()
    answered_at: datetime | None = _time(default=None, nullable=True)


class Announcement(SQLModel, table=True):
    """Words to many customers: drafted, then sent or cancelled, once."""

    __tablename__ = "announcement"
    __table_args__ = _NUMBERED

    id: int | None = _id()
    state: str = _key(16)
    """draft, sent or cancelled."""
    texts: dict[str, str] = _json()
    """Language → text."""
    channels: list[str] = _json()
    author: str = _key(32)
    author_name: str = Field(sa_type=sa.String(200))
    staff_channel: str = _key(32)
    created_at: datetime = _time()
    decided_by: str = Field(default="", sa_type=sa.String(200))
    decided_at: datetime | None = _time(default=None, nullable=True)


class GivenAnswer(SQLModel, table=True):
    """An answer from the documentation, with the text it rested on and what people said of it."""

    __tablename__ = "given_answer"
    __table_args__ = (sa.Index("ix_given_answer_place", "channel", "thread_ts"), _NUMBERED)

    id: int | None = _id()
    account_id: int | None = Field(default=None, sa_type=big_id(), nullable=True)
    channel: str = _key(32)
    thread_ts: str = _key(300)
    band: str = _key(16)
    question: str = _text()
    language: str = _key(8)
    path: str = Field(default="", sa_type=sa.String(500))
    anchor: str = Field(default="", sa_type=sa.String(300))
    content_hash: str = _key(80, default="")
    source_language: str = _key(8, default="")
    """Language of the page, which is English where there is no translation."""
    rests_on: list[list[str]] | None = _json(default=None, nullable=True)
    """Anchor and content hash of every section whose words were given; of a lead `["", hash]`."""
    choices: list[list[str]] | None = _json(default=None, nullable=True)
    """Language, path and anchor of each suggestion that was offered."""
    posted_key: str = _key(default="")
    """Outbox key of the message that carries the answer."""
    vote: str = _key(8, default="")
    at: datetime = _time()


class AnswerRecall(SQLModel, table=True):
    """An answer whose section a sync changed or removed; staff decide what becomes of it.

    new → told → corrected
            └→ not_needed
    """

    __tablename__ = "answer_recall"
    __table_args__ = (
        sa.UniqueConstraint("answer_id", "version", name="uq_answer_recall"),
        sa.Index("ix_answer_recall_state", "state", "version"),
        _NUMBERED,
    )

    id: int | None = _id()
    answer_id: int = Field(sa_type=big_id(), foreign_key="given_answer.id")
    version: int = Field(sa_type=big_id())
    kind: str = _key(16)
    """changed or removed."""
    title: str = _text()
    section: str = _text()
    """Title and heading as they were when the answer was given."""
    state: str = _key(16, default="new")
    notice_key: str = _key(default="")
    """Outbox key of the message that told staff."""
    actor_name: str = Field(default="", sa_type=sa.String(200))
    at: datetime = _time()
    done_at: datetime | None = _time(default=None, nullable=True)


class KbVersion(SQLModel, table=True):
    """A published state of the imported documentation; the highest number is the one served."""

    __tablename__ = "kb_version"
    __table_args__ = _MYSQL

    number: int = Field(sa_type=big_id(), primary_key=True)
    fingerprint: str = _key(64)
    """Hash over languages, paths and content hashes of its pages: what was loaded can be proved."""
    url_base: str = _text()
    pages: int = 0
    sections: int = 0
    published_at: datetime = _time()


class KbPage(SQLModel, table=True):
    """One imported page, in every version from `since_version` until before `gone_version`."""

    __tablename__ = "kb_page"
    __table_args__ = (
        sa.UniqueConstraint("language", "path", "since_version", name="uq_kb_page"),
        sa.Index("ix_kb_page_versions", "since_version", "gone_version"),
        _MYSQL,
    )

    id: int = Field(sa_type=big_id(), primary_key=True)
    language: str = _key(8)
    path: str = _key(500)
    content_hash: str = _key(64)
    """Of the file, its variables and the parser: whether it has to be read again."""
    head: dict[str, Any] = _json()
    """Title, summary and what else the front matter gives."""
    sections: int = 0
    since_version: int = Field(sa_type=big_id())
    gone_version: int | None = Field(default=None, sa_type=big_id(), nullable=True)


class KbSection(SQLModel, table=True):
    """The text under one heading of a page."""

    __tablename__ = "kb_section"
    __table_args__ = _MYSQL

    page_id: int = Field(sa_type=big_id(), primary_key=True, foreign_key="kb_page.id")
    position: int = Field(primary_key=True)
    content_hash: str = _key(64)
    about: dict[str, Any] = _json()
    """Anchor, heading, headings above, level, plans, tabs."""
    markdown: str = _text()


class KbSync(SQLModel, table=True):
    """The one row that says who imports just now, and how the last import went."""

    __tablename__ = "kb_sync"
    __table_args__ = _MYSQL

    id: int = Field(sa_type=big_id(), primary_key=True)
    holder: str = _key(64, default="")
    """Empty while nobody imports."""
    host: str = Field(default="", sa_type=sa.String(200))
    pid: int = 0
    started_at: datetime | None = _time(default=None, nullable=True)
    lease_until: datetime | None = _time(default=None, nullable=True)
    finished_at: datetime | None = _time(default=None, nullable=True)
    report: dict[str, Any] = _json(default_factory=dict)


class IntentMark(SQLModel, table=True):
    """Staff said that a message was understood wrongly: for whoever edits `intents/`."""

    __tablename__ = "intent_mark"
    __table_args__ = (sa.UniqueConstraint("request_id", name="uq_intent_mark"), _NUMBERED)

    id: int | None = _id()
    account_id: int = Field(sa_type=big_id())
    request_id: int = Field(sa_type=big_id(), foreign_key="request.id")
    text: str = _text()
    language: str = _key(8)
    decided: str = _key(40)
    right: str = _key(40, default="")
    """What was meant; empty when staff did not say."""
    actor: str = _key(32)
    state: str = _key(16, default="new")
    """new, or done once somebody dealt with it."""
    at: datetime = _time()


class ShadowDecision(SQLModel, table=True):
    """What the bot would have done in a channel that it only watches, and what staff did."""

    __tablename__ = "shadow_decision"
    __table_args__ = (
        sa.UniqueConstraint("channel", "ts", name="uq_shadow_decision"),
        sa.Index("ix_shadow_decision_at", "at"),
        _MYSQL,
    )

    id: int | None = _id()
    account_id: int = Field(sa_type=big_id())
    channel: str = _key(32)
    ts: str = _key(32)
    text: str = _text()
    language: str = _key(8)
    intent: str = _key(40)
    score: float = 0.0
    speaks: bool = False
    """It would have spoken in *listen* mode, by the model's own bar."""
    would: str = _key(200)
    """Names of the decisions, such as `AnswerQuestion`."""
    staff_text: str = _text(default="")
    staff_at: datetime | None = _time(default=None, nullable=True)
    at: datetime = _time()


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
        _NUMBERED,
    )

    id: int | None = _id()
    at: datetime = _time()
    actor: str = _key(100)
    """Slack id of one of staff, `shell:<login>`, `customer`, or `bot`."""
    source: str = _key(16)
    """button, form, command, reaction, message, shell, slack (an event of a channel) or clock."""
    deed: str = _key(60)
    request_id: int | None = Field(default=None, sa_type=big_id(), nullable=True)
    account_id: int | None = Field(default=None, sa_type=big_id(), nullable=True)
    subject: str = _key(120, default="")
    """What else it was done to: `channel C…`, `queue sales`, `announcement 3`."""
    before: dict[str, Any] = _json()
    after: dict[str, Any] = _json()
