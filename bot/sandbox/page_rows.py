"""The messages of a channel or a thread as rows for the templates. Callers hold the lock."""

from __future__ import annotations

from dataclasses import dataclass, field

from markupsafe import Markup

from bot.sandbox.page_reader import Face, Reader
from bot.sandbox.page_unread import REMARKS, ReadMarks
from bot.sandbox.records import File, Json, Message

MOST_ROWS = 200
"""Older messages are not drawn: every change draws the list anew."""
TOGETHER_SECONDS = 300
"""Messages of one author this close to each other share a name and a face."""


@dataclass(frozen=True, slots=True)
class Reaction:
    name: str
    sign: Markup
    count: int
    who: str
    is_mine: bool


@dataclass(frozen=True, slots=True)
class Replies:
    count: int
    latest: str
    faces: list[Face]
    has_new: bool


@dataclass(frozen=True, slots=True)
class Row:
    message: Message
    face: Face
    day: str = ""
    """Set on the first row of a day."""
    is_compact: bool = False
    is_remark: bool = False
    is_own: bool = False
    is_pinned: bool = False
    reactions: list[Reaction] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    replies: Replies | None = None
    state: dict[str, Json] = field(default_factory=dict)
    """What the reader chose in the message's controls."""


def channel_rows(reader: Reader, marks: ReadMarks) -> list[Row]:
    channel = reader.place.channel
    if channel is None:
        return []
    messages = reader.workspace.messages.in_channel(channel.id)
    shown = [
        message
        for message in messages
        if message.at_top_level and message.only_for in ("", reader.viewer.id)
    ]
    return _rows(reader, shown[-MOST_ROWS:], marks)


def thread_rows(reader: Reader) -> list[Row]:
    root = reader.place.root
    if root is None:
        return []
    messages = reader.workspace.messages.in_channel(root.channel)
    replies = [
        message
        for message in messages
        if message.thread_ts == root.ts
        and message.ts != root.ts
        and message.only_for in ("", reader.viewer.id)
    ]
    return _rows(reader, [root, *replies[-MOST_ROWS:]], None)


def pinned_rows(reader: Reader) -> list[Row]:
    channel = reader.place.channel
    if channel is None:
        return []
    messages = (reader.workspace.messages.get(channel.id, ts) for ts in channel.pins)
    return [_row(reader, message, None, None) for message in messages if message is not None]


def _rows(reader: Reader, messages: list[Message], marks: ReadMarks | None) -> list[Row]:
    """Without marks, as in a thread, no replies are counted and no days are named."""
    rows: list[Row] = []
    previous: Message | None = None
    for message in messages:
        rows.append(_row(reader, message, previous, marks))
        previous = message
    return rows


def _row(
    reader: Reader, message: Message, previous: Message | None, marks: ReadMarks | None
) -> Row:
    workspace, channel = reader.workspace, reader.place.channel
    begins_day = previous is None or reader.day(previous.ts) != reader.day(message.ts)
    files = (workspace.files.get(file) for file in message.files)
    return Row(
        message=message,
        face=reader.author(message),
        day=reader.day(message.ts) if begins_day and marks is not None else "",
        is_compact=not begins_day and _belongs_to(message, previous),
        is_remark=message.subtype in REMARKS,
        is_own=message.user == reader.viewer.id and message.subtype not in REMARKS,
        is_pinned=channel is not None and message.ts in channel.pins,
        reactions=[
            Reaction(name, reader.emoji(name), len(who), reader.names(who), reader.viewer.id in who)
            for name, who in message.reactions.items()
        ],
        files=[file for file in files if file is not None],
        replies=_replies(reader, message, marks) if marks is not None else None,
        state=message.state.get(reader.viewer.id, {}),
    )


def _belongs_to(message: Message, previous: Message | None) -> bool:
    return (
        previous is not None
        and previous.user == message.user
        and previous.username == message.username
        and bool(previous.only_for) == bool(message.only_for)
        and not previous.is_reply
        and not message.is_broadcast
        and not {previous.subtype, message.subtype} & set(REMARKS)
        and float(message.ts) - float(previous.ts) < TOGETHER_SECONDS
    )


def _replies(reader: Reader, message: Message, marks: ReadMarks) -> Replies | None:
    replies = reader.workspace.messages.replies(message.channel, message.ts)
    if not replies:
        return None
    authors = {reply.user: reply for reply in replies}
    faces = [reader.author(reply) for reply in authors.values()]
    return Replies(
        count=len(replies),
        latest=reader.day_and_clock(replies[-1].ts),
        faces=faces[:4],
        has_new=marks.in_thread(reader.viewer, message),
    )
