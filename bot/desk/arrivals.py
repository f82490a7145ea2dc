"""What comes in from Slack, as values: one class per thing a person can do.

`bot.slack.payloads` makes them from Slack's JSON, the inbox stores them as JSON, the worker
handles them. Ids are Slack's own (`C…` channel, `U…` person, `T…` workspace); `ts` is Slack's
message time, a decimal string of seconds that is unique in its channel. `team` is always the
person's *home* workspace, or empty when the payload did not say.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What every arrival says: who did it."""

    user: str
    team: str = ""
    secrets: tuple[str, ...] = ()
    """Kinds of secrets that were taken out of it before it was stored (`desk/redaction.py`)."""
    workspace: str = ""
    """Through whose installation of the app it came; empty where there is only one workspace."""

    def to_json(self) -> dict[str, Any]:
        return dataclasses.asdict(self)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a message; from another organisation Slack only tells its id."""

    id: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePosted(Arrival):
    channel: str
    ts: str
    text: str
    thread_ts: str = ""
    """Root of the thread, empty for a message at the top of the channel."""
    direct: bool = False
    """A DM with the bot."""
    files: tuple[Attachment, ...] = ()

    @property
    def root(self) -> str:
        return self.thread_ts or self.ts


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnMessageSeen(Arrival):
    """One of our own posts came back as an event; `key` is the outbox key in its metadata."""

    channel: str
    ts: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageEdited(Arrival):
    channel: str
    ts: str
    """The message's own time, not that of the edit."""
    text: str
    thread_ts: str = ""
    direct: bool = False
    stamp: str = ""
    """When it was edited: the same edit under another event id is one."""

    def as_posted(self) -> MessagePosted:
        """The message as if it had been written like this at first."""
        return MessagePosted(
            user=self.user,
            team=self.team,
            channel=self.channel,
            ts=self.ts,
            text=self.text,
            thread_ts=self.thread_ts,
            direct=self.direct,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageDeleted(Arrival):
    channel: str
    ts: str
    thread_ts: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactionAdded(Arrival):
    channel: str
    ts: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactionRemoved(Arrival):
    channel: str
    ts: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ButtonPressed(Arrival):
    action: str
    """The button's `action_id`; the part before the first colon names what to do."""
    value: str = ""
    channel: str = ""
    message_ts: str = ""
    thread_ts: str = ""
    name: str = ""
    stamp: str = ""
    """When it was pressed (`action_ts`): pressed twice is meant twice, delivered twice is not."""
    response_url: str = ""
    """Where the message that holds the button can be replaced, also one that only one sees."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormSubmitted(Arrival):
    form: str
    """The view's `callback_id`."""
    view_id: str
    context: dict[str, str] = field(default_factory=dict)
    """What the form was opened with (`private_metadata`)."""
    values: dict[str, str] = field(default_factory=dict)
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandGiven(Arrival):
    command: str
    text: str
    channel: str
    response_url: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeOpened(Arrival):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelJoined(Arrival):
    """Somebody (`user`), perhaps the bot itself, became a member of a channel."""

    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelShared(Arrival):
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelUnshared(Arrival):
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelArchived(Arrival):
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelUnarchived(Arrival):
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BotRemoved(Arrival):
    """The bot itself is no member of the channel any more."""

    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonLeft(Arrival):
    """The account of a person (`user`) was deactivated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelIdChanged(Arrival):
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AppRemoved(Arrival):
    """The app was uninstalled or its tokens were revoked."""

    at: float = 0.0
    """When, by Slack's clock: seconds since 1970."""


_KINDS: dict[str, type[Arrival]] = {
    kind.__name__: kind
    for kind in (
        MessagePosted,
        OwnMessageSeen,
        MessageEdited,
        MessageDeleted,
        ReactionAdded,
        ReactionRemoved,
        ButtonPressed,
        FormSubmitted,
        CommandGiven,
        HomeOpened,
        ChannelJoined,
        ChannelShared,
        ChannelUnshared,
        ChannelArchived,
        ChannelUnarchived,
        BotRemoved,
        PersonLeft,
        ChannelIdChanged,
        AppRemoved,
    )
}


def arrival_from_json(kind: str, payload: dict[str, Any]) -> Arrival:
    """The value that `to_json` stored. Raises `ValueError` for a kind of a newer version."""
    if kind not in _KINDS:
        raise ValueError(
            f"inbox kind {kind!r} is unknown: a newer version of supportbot stored it, run that one"
        )
    values = dict(payload)
    if "files" in values:
        values["files"] = attachments(values["files"])
    values["secrets"] = tuple(values.get("secrets", ()))
    return _KINDS[kind](**values)


def attachments(stored: Iterable[Any]) -> tuple[Attachment, ...]:
    """Stored files; an older version stored their names only."""
    return tuple(
        Attachment(**file) if isinstance(file, dict) else Attachment(name=str(file))
        for file in stored
    )
