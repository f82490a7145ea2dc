"""What the workspace holds, as plain records.

Ids look like Slack's: `T…` organisation, `U…` person, `C…` channel, `D…` direct conversation,
`F…` file, `V…` view. A `ts` is Slack's message time: seconds with six decimals, as a string,
unique and increasing. Records are changed only under `Workspace.lock`, by the stores next door.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(slots=True)
class Organisation:
    id: str
    name: str
    domain: str


@dataclass(slots=True)
class Person:
    id: str
    organisation: str
    name: str
    """The handle, as in @handle."""
    real_name: str
    display_name: str
    email: str
    locale: str = "en-US"
    tz: str = "UTC"
    colour: str = "4a6fa5"
    is_admin: bool = False
    is_bot: bool = False
    is_deleted: bool = False

    @property
    def shown_name(self) -> str:
        return self.display_name or self.real_name or self.name

    @property
    def initials(self) -> str:
        words = self.shown_name.split()
        return "".join(word[0] for word in words[:2]).upper()


@dataclass(slots=True)
class Installation:
    """The one app of the workspace, as installed in an organisation."""

    app_id: str
    bot_id: str
    bot_user: str
    name: str
    is_installed: bool = True
    organisation: str = ""


@dataclass(slots=True)
class Channel:
    id: str
    name: str
    organisation: str
    """The owner."""
    created: int
    creator: str
    members: list[str] = field(default_factory=list)
    shared_with: list[str] = field(default_factory=list)
    """Other organisations connected to the channel."""
    is_private: bool = False
    is_im: bool = False
    is_archived: bool = False
    topic: str = ""
    purpose: str = ""
    pins: list[str] = field(default_factory=list)
    """`ts` of the pinned messages, oldest pin first."""

    @property
    def is_ext_shared(self) -> bool:
        return bool(self.shared_with)

    @property
    def kind(self) -> str:
        """Slack's `channel_type`: `im`, `group` (private) or `channel` (public)."""
        return "im" if self.is_im else "group" if self.is_private else "channel"

    @property
    def label(self) -> str:
        return self.name if self.is_im else f"#{self.name}"


@dataclass(slots=True)
class Edit:
    user: str
    ts: str


@dataclass(slots=True)
class Message:
    channel: str
    ts: str
    user: str
    text: str
    thread_ts: str = ""
    """Root of the thread; equal to `ts` on the root itself once it has replies, else empty."""
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    metadata: Json | None = None
    subtype: str = ""
    bot_id: str = ""
    username: str = ""
    icon: str = ""
    client_msg_id: str = ""
    edited: Edit | None = None
    is_broadcast: bool = False
    only_for: str = ""
    """The one person who sees it (an ephemeral message), or empty."""
    files: list[str] = field(default_factory=list)
    reactions: dict[str, list[str]] = field(default_factory=dict)
    state: dict[str, Json] = field(default_factory=dict)
    """Per person: what they chose in the message's inputs, by block id and action id."""

    @property
    def is_reply(self) -> bool:
        return bool(self.thread_ts) and self.thread_ts != self.ts

    @property
    def at_top_level(self) -> bool:
        return not self.is_reply or self.is_broadcast


@dataclass(slots=True)
class File:
    id: str
    name: str
    title: str
    mimetype: str
    uploader: str
    created: int
    content: bytes = b""
    channels: list[str] = field(default_factory=list)
    is_complete: bool = True
    """False between `files.getUploadURLExternal` and `files.completeUploadExternal`."""
    is_deleted: bool = False
    alt_text: str = ""
    is_withheld: bool = False
    """The app is told of it and may not read it: its organisation does not allow that."""


@dataclass(slots=True)
class View:
    """A modal on somebody's screen, or somebody's home tab."""

    id: str
    person: str
    payload: Json
    """What the app sent: type, title, blocks, private_metadata, …"""
    hash: str
    root_id: str
    previous_id: str = ""
    state: dict[str, dict[str, Json]] = field(default_factory=dict)
    """Input values by block id and action id, in Slack's shape."""
    errors: dict[str, str] = field(default_factory=dict)
    """By block id: what the app objected to at the last submission."""

    @property
    def type(self) -> str:
        return str(self.payload.get("type", "modal"))
