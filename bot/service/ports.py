"""What the service needs of the world outside; `bot.slack.gateway` answers to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Profile:
    """A person as Slack describes them; `team` is the home workspace."""

    user: str
    team: str
    name: str
    language: str = ""
    bot: bool = False


@dataclass(frozen=True, slots=True)
class PastMessage:
    """One message read back from Slack."""

    ts: str
    user: str
    team: str
    text: str
    thread_ts: str = ""
    key: str = ""
    """The outbox key in its metadata, for our own."""
    plain: bool = True
    """Written by a person: no bot's, no system message."""


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

    def history(self, channel: str, after: str) -> Iterator[PastMessage]:
        """Messages at the top of the channel since `after`, oldest first."""
        ...
