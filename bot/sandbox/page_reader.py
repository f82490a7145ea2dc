"""One person's reading: ids become names, times their local time, words safe HTML."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from markupsafe import Markup

from bot.sandbox.message_store import SLACKBOT
from bot.sandbox.page_markdown import render_markdown
from bot.sandbox.page_mrkdwn import draw_colons, draw_emoji, render_mrkdwn
from bot.sandbox.page_place import Place, address
from bot.sandbox.page_rich_text import render_rich_text
from bot.sandbox.readable import read_blocks, read_mrkdwn
from bot.sandbox.records import Json, Message, Person
from bot.sandbox.workspace import Workspace

APP_COLOUR = "0f5c55"
TYPED = "typed"
"""Block id of the rich text the workspace makes of a person's own words."""


@dataclass(frozen=True, slots=True)
class Face:
    """What stands beside a message."""

    name: str
    initials: str
    colour: str
    organisation: str = ""
    """Named only when it is not the reader's own."""
    is_app: bool = False


@dataclass(frozen=True)
class Reader:
    workspace: Workspace
    place: Place

    @property
    def viewer(self) -> Person:
        return self.place.person

    # Who

    def face(self, person: Person) -> Face:
        foreign = person.organisation != self.viewer.organisation and not person.is_bot
        home = self.workspace.organisations[person.organisation].name if foreign else ""
        colour = APP_COLOUR if person.is_bot else person.colour
        return Face(person.shown_name, person.initials, colour, home, person.is_bot)

    def author(self, message: Message) -> Face:
        person = self.workspace.people.get(message.user)
        if message.user == SLACKBOT or person is None:
            return Face("Slackbot", "S", "5b6b70", is_app=True)
        face = self.face(person)
        if message.username:
            initials = message.username[:1].upper()
            return Face(message.username, initials, face.colour, face.organisation, face.is_app)
        return face

    def names(self, people: list[str]) -> str:
        """As on a reaction: `Hana Mori, you`."""
        shown = ["you" if one == self.viewer.id else self._name(one) for one in people]
        return ", ".join(shown)

    def _name(self, person_id: str) -> str:
        person = self.workspace.people.get(person_id)
        return person.shown_name if person is not None else person_id

    # Words

    def person(self, person_id: str, label: str = "") -> Markup:
        person = self.workspace.people.get(person_id)
        kind = "mention me" if person_id == self.viewer.id else "mention"
        name = person.shown_name if person is not None else label or person_id
        return Markup('<span class="{}">@{}</span>').format(kind, name)

    def channel(self, channel_id: str, label: str = "") -> Markup:
        channel = self.workspace.channels.get(channel_id)
        if channel is None or self.viewer.id not in channel.members:
            # Somebody else's private channel: its name is not the reader's to see.
            is_named = channel is None or not channel.is_private
            return Markup('<span class="mention">#{}</span>').format(
                (label or (channel.name if channel else channel_id)) if is_named else "private"
            )
        link = '<a class="mention" data-go href="{}">#{}</a>'
        return Markup(link).format(address(self.viewer, channel.id), channel.name)  # noqa: S704

    def mrkdwn(self, text: str) -> Markup:
        return render_mrkdwn(text, self)

    def markdown(self, text: str) -> Markup:
        return render_markdown(text)

    def rich_text(self, block: Json) -> Markup:
        return render_rich_text(block, self)

    def words(self, item: Json | None) -> Markup:
        """A text object of Block Kit."""
        if not item:
            return Markup("")
        text = str(item.get("text", ""))
        return self.mrkdwn(text) if item.get("type") == "mrkdwn" else draw_colons(text)

    def emoji(self, name: str) -> Markup:
        return draw_emoji(name)

    def gist(self, message: Message) -> str:
        """The first line, for the strip of pinned messages."""
        text = read_blocks(self.workspace, message.blocks) if message.blocks else message.text
        lines = read_mrkdwn(self.workspace, text).strip().splitlines()
        return lines[0] if lines else "a message without words"

    @staticmethod
    def has_own_blocks(message: Message) -> bool:
        """Words typed by a person are drawn from their text, in which `*bold*` means bold."""
        return bool(message.blocks) and message.blocks[0].get("block_id") != TYPED

    # When

    @property
    def zone(self) -> tzinfo:
        try:
            return ZoneInfo(self.viewer.tz)
        except (ZoneInfoNotFoundError, ValueError):
            return UTC

    def moment(self, ts: str) -> datetime:
        return datetime.fromtimestamp(float(ts), self.zone)

    def clock(self, ts: str) -> str:
        return f"{self.moment(ts):%H:%M}"

    def day(self, ts: str) -> str:
        moment = self.moment(ts)
        today = datetime.fromtimestamp(self.workspace.clock(), self.zone).date()
        if moment.date() == today:
            return "Today"
        if moment.date() == today - timedelta(days=1):
            return "Yesterday"
        written = f"{moment:%A}, {moment.day} {moment:%B}"
        return written if moment.year == today.year else f"{written} {moment.year}"

    def day_and_clock(self, ts: str) -> str:
        day = self.day(ts)
        return self.clock(ts) if day == "Today" else f"{day} at {self.clock(ts)}"


_REFERENCE = re.compile(r"<([@#!]?)([^<>|]+)(?:\|([^<>]*))?>")


def typed_again(workspace: Workspace, text: str) -> str:
    """What the person would type to get this text: handles and bare addresses, no escapes."""

    def spoken(match: re.Match[str]) -> str:
        sign, body, label = match[1], match[2], match[3] or ""
        if sign == "@":
            person = workspace.people.get(body)
            return f"@{person.name if person is not None else body}"
        if sign:
            return f"{'#' if sign == '#' else '@'}{label or body}"
        return label if label and body.endswith(label) else body

    return html.unescape(_REFERENCE.sub(spoken, text))
