"""What the service needs of the world outside; `bot.slack.gateway` answers to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from bot.desk.arrivals import Arrival


@dataclass(frozen=True, slots=True)
class Profile:
    """A person as Slack describes them; `team` is the home workspace."""

    user: str
    team: str
    name: str
    language: str = ""
    bot: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """A part of what a channel or thread holds, as if it came in now."""

    arrivals: Sequence[Arrival]
    """People's messages and our own; other bots' and Slack's are left out."""
    cursor: str = ""
    """Of the next page; empty on the last."""


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

        One call to Slack; pages come in any order. `cursor` is empty for the first.
        """
        ...
