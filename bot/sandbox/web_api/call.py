"""One call of a Web API method: who answers it, its arguments, and what most methods ask."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from bot.sandbox.errors import ApiError
from bot.sandbox.faults import Faults
from bot.sandbox.manifest import Manifest
from bot.sandbox.oauth import OAuth
from bot.sandbox.rate_limits import RateLimits
from bot.sandbox.records import Channel, Installation, Json, Message, Person
from bot.sandbox.side_doors import ResponseUrls, Triggers
from bot.sandbox.workspace import Workspace

_T = TypeVar("_T")


@dataclass(slots=True)
class Platform:
    """What all methods share."""

    workspace: Workspace
    manifest: Manifest
    faults: Faults
    limits: RateLimits
    triggers: Triggers
    response_urls: ResponseUrls
    bot_token: str
    app_token: str
    open_link: Callable[[], str]
    """Makes the address of a new Socket Mode connection."""
    oauth: OAuth


@dataclass(slots=True)
class Call:
    method: str
    arguments: Json
    platform: Platform
    app: Installation
    """The installation whose token was shown; where none is asked for, the vendor's."""
    token: str = ""

    @property
    def workspace(self) -> Workspace:
        return self.platform.workspace

    @property
    def bot(self) -> Person:
        return self.workspace.people[self.app.bot_user]

    @property
    def team(self) -> str:
        return self.app.organisation

    # Arguments

    def text(self, name: str, default: str = "") -> str:
        value = self.arguments.get(name)
        return default if value is None else str(value)

    def required(self, name: str) -> str:
        value = self.text(name)
        if not value:
            problem = f"[ERROR] missing required field: {name}"
            raise ApiError("invalid_arguments", response_metadata={"messages": [problem]})
        return value

    def flag(self, name: str) -> bool:
        return self.arguments.get(name) in (True, 1, "1", "true", "True")

    def number(self, name: str, default: int, most: int) -> int:
        value = self.arguments.get(name)
        if value in (None, "", 0, "0"):
            return default
        try:
            return max(1, min(int(str(value)), most))
        except ValueError:
            problem = f"[ERROR] must be an integer [json-pointer:/{name}]"
            raise ApiError("invalid_arguments", response_metadata={"messages": [problem]}) from None

    def structure(self, name: str, error: str = "invalid_arguments") -> Any:
        """A JSON argument, sent as such or as a string. None when absent; `error` if broken."""
        value = self.arguments.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, str):
            try:
                return json.loads(value)
            except ValueError:
                raise ApiError(error) from None
        return value

    # What the arguments point to

    def require_scope(self, *any_of: str) -> None:
        manifest = self.platform.manifest
        if not manifest.grants(*any_of):
            raise ApiError("missing_scope", needed=any_of[0], provided=manifest.scope_header)

    def channel(self, name: str = "channel", right: str = "") -> Channel:
        """A channel the app can know of. `right` (`read`, `history`) asks for that scope."""
        channel = self.workspace.channels.get(self.required(name))
        if channel is None or (channel.is_private and not self.is_inside(channel)):
            raise ApiError("channel_not_found")
        if self.team not in (channel.organisation, *channel.shared_with):
            raise ApiError("channel_not_found")
        if right:
            family = {"channel": "channels", "group": "groups", "im": "im"}[channel.kind]
            self.require_scope(f"{family}:{right}")
        return channel

    def is_inside(self, channel: Channel) -> bool:
        return self.app.bot_user in channel.members

    def own_channel(self, name: str = "channel", right: str = "") -> Channel:
        """A channel the bot is a member of."""
        channel = self.channel(name, right)
        if not self.is_inside(channel):
            raise ApiError("not_in_channel")
        return channel

    def person(self, name: str = "user") -> Person:
        person = self.workspace.people.get(self.required(name))
        if person is None or not self._knows(person):
            raise ApiError("user_not_found")
        return person

    def _knows(self, person: Person) -> bool:
        """Of the own organisation, or of one with which a channel is shared."""
        return person.organisation == self.team or any(
            {person.organisation, self.team} <= {channel.organisation, *channel.shared_with}
            for channel in self.workspace.channels.values()
        )

    def message(self, channel: Channel, name: str) -> Message:
        """A message everybody in the channel sees."""
        message = self.workspace.messages.get(channel.id, self.required(name))
        if message is None or message.only_for:
            raise ApiError("message_not_found")
        return message


def page(
    call: Call, found: Sequence[_T], default: int = 100, most: int = 1000
) -> tuple[list[_T], str]:
    """The asked-for slice of a list, and the cursor of the next one (empty at the end)."""
    limit = call.number("limit", default, most)
    start = decode_cursor(call.text("cursor"))
    rest = start + limit
    return list(found[start:rest]), encode_cursor(rest) if rest < len(found) else ""


def encode_cursor(position: int) -> str:
    return base64.urlsafe_b64encode(f"next:{position}".encode()).decode("ascii")


def decode_cursor(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        mark, _, position = base64.urlsafe_b64decode(cursor).decode("utf-8").partition(":")
        if mark == "next":
            return int(position)
    except (binascii.Error, ValueError):
        pass
    raise ApiError("invalid_cursor")


def next_cursor(cursor: str) -> Json:
    return {"response_metadata": {"next_cursor": cursor}}
