"""What the service needs of the world outside; `bot.slack.gateway` answers to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any, Protocol

from bot.desk.arrivals import Arrival


@dataclass(frozen=True, slots=True)
class Profile:
    """A person as Slack describes them; `team` is the home workspace."""

    user: str
    team: str
    name: str
    language: str = ""
    bot: bool = False
    email: str = ""
    """Empty where Slack shows us none."""
    time_zone: str = ""
    """Such as `Asia/Tokyo`, as Slack writes it."""
    gone: bool = False
    """The account is deactivated."""


@dataclass(frozen=True, slots=True)
class Page:
    """A part of what a channel or thread holds, as if it came in now."""

    arrivals: Sequence[Arrival]
    """People's messages and our own; other bots' and Slack's are left out."""
    cursor: str = ""
    """Of the next page; empty on the last."""


@dataclass(frozen=True, slots=True)
class FileInfo:
    """A file as `files.info` tells of it."""

    id: str = ""
    name: str = ""
    size: int = 0
    """Bytes."""
    mimetype: str = ""
    url: str = ""
    """Where the bytes are, for those who may read them."""
    permalink: str = ""
    elsewhere: bool = False
    """Only linked to Slack: the bytes are with another service."""
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Mail:
    """One e-mail to one person."""

    name: str
    """Left side of its Message-ID."""
    answers: str
    """`name` of the mail that it stands under; empty for the first one."""
    recipient: str
    subject: str
    text: str
    html: str
    at: datetime


class Mailer(Protocol):
    """`bot.mail`."""

    def send(self, mail: Mail) -> None:
        """Raises `TryLater` (surely not sent), `OutcomeUnknown` (perhaps sent) or `GiveUp`."""
        ...


class Slack(Protocol):
    """Slack, in one workspace or in several."""

    def at(self, workspace: str = "", channel: str = "") -> SlackGateway:
        """The way through one workspace's installation: the named one, or where the channel is.

        Without either it is our own. Where there is only one workspace it is always that one.
        Raises `TryLater` while its token cannot be read, `GiveUp` when it removed the app.
        """
        ...


class SlackGateway(Protocol):
    """Calls to Slack.

    Every call raises `TryLater` (surely not done), `OutcomeUnknown` (perhaps done) or `GiveUp`.
    """

    def call(self, method: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]: ...

    def respond(self, url: str, payload: Mapping[str, Any]) -> None:
        """Answer a command or button through its `response_url`."""
        ...

    def find_posted(self, channel: str, thread_ts: str, key: str, since: datetime) -> str:
        """The ts of our (oldest) message that carries `key`, or empty when it is not there.

        It cannot be older than `since`: only from there on is it looked for.
        """
        ...

    def profile(self, user: str) -> Profile | None: ...

    def channel_name(self, channel: str) -> str: ...

    def past(self, channel: str, thread_ts: str, since: datetime, cursor: str) -> Page:
        """What was written in a thread, or at the top of the channel (`thread_ts` empty).

        A message that was edited comes as it is now, and its edit behind it. One call to Slack;
        pages come in any order. `cursor` is empty for the first.
        """
        ...

    def still_there(self, channel: str, thread_ts: str, ts: str) -> bool:
        """That message of a thread, or the thread's root, was not deleted."""
        ...

    def file(self, file_id: str) -> FileInfo | None:
        """None when we may not know of it."""
        ...

    def fetch(self, file: FileInfo, largest: int, into: IO[bytes]) -> bool:
        """Write a file's bytes into `into`; False when it is not ours to read.

        Raises `GiveUp` when there are more than `largest`.
        """
        ...

    def upload(self, name: str, size: int, content: IO[bytes], alt: str = "") -> str:
        """Give Slack the bytes; returns the id of a file that nobody sees yet.

        `alt` is what screen readers say of a picture.
        """
        ...

    def share(self, file_id: str, title: str, channel: str, thread_ts: str, comment: str) -> None:
        """Show an upload in a thread, or in the channel (`thread_ts` empty).

        May end unknown: look for it before repeating.
        """
        ...

    def find_shared(self, channel: str, thread_ts: str, file_id: str, since: datetime) -> str:
        """The ts of the message that shows this file, or empty when there is none.

        Outside threads it is looked for from `since` on.
        """
        ...
