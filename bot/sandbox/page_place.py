"""Whose eyes the page looks through, and at what: everything an address of the page says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from bot.sandbox.records import Channel, Message, Person
from bot.sandbox.workspace import Workspace

HOME, DIRECT = "home", "messages"
"""The two tabs of the app."""


@dataclass(frozen=True, slots=True)
class Place:
    person: Person
    channel: Channel | None = None
    """None on the home tab, and where there is no conversation yet."""
    root: Message | None = None
    """Of the thread open beside the channel."""
    tab: str = ""

    @property
    def key(self) -> str:
        return f"{self.person.id}/{self.tab or (self.channel.id if self.channel else '')}"

    @property
    def thread_ts(self) -> str:
        return self.root.ts if self.root is not None else ""

    def of_person(self, person: Person) -> str:
        """The same sight through somebody else's eyes, as far as they may see it."""
        if self.tab:
            return address(person, tab=self.tab)
        if self.channel is not None and person.id in self.channel.members:
            shared = self.root is not None and not self.root.only_for
            return address(person, self.channel.id, self.thread_ts if shared else "")
        return address(person)

    def of_channel(self, channel: Channel) -> str:
        return address(self.person, channel.id)

    def of_tab(self, tab: str) -> str:
        return address(self.person, tab=tab)

    def of_thread(self, ts: str) -> str:
        """Beside what is open now; with an empty `ts` the thread is closed."""
        channel = self.channel.id if self.channel is not None and not self.tab else ""
        return address(self.person, channel, ts, self.tab)


def address(person: Person, channel: str = "", thread: str = "", tab: str = "") -> str:
    parts = {"person": person.id, "channel": channel, "tab": tab, "thread": thread}
    return "/?" + urlencode({key: value for key, value in parts.items() if value})


def find_place(workspace: Workspace, query: Mapping[str, str]) -> Place:
    """The nearest that exists: an address from before a restart must not be an error."""
    with workspace.lock:
        person = workspace.people.get(query.get("person", "")) or _first_person(workspace)
        tab = query.get("tab", "")
        if tab == HOME:
            return Place(person, tab=tab)
        if tab == DIRECT:
            channel = _direct_channel(workspace, person)
        else:
            tab = ""
            channel = workspace.channels.get(query.get("channel", ""))
            if channel is None or person.id not in channel.members or channel.is_im:
                channel = next(iter(listed_channels(workspace, person)), None)
        root = find_root(workspace, person, channel, query.get("thread", ""))
        return Place(person, channel, root, tab)


def linked_place(workspace: Workspace, person: str, channel: str, stamp: str) -> str | None:
    """Address of the thread that a link to a message (`/archives/C…/p1763…`) leads to.

    For somebody who is in that conversation, else for one of its members; None when it is gone.
    """
    digits = stamp.removeprefix("p")
    ts = f"{digits[:-6]}.{digits[-6:]}"
    with workspace.lock:
        where = workspace.channels.get(channel)
        message = workspace.messages.get(channel, ts)
        if where is None or message is None or message.only_for not in ("", person):
            return None
        members = [one for one in where.members if not workspace.people[one].is_bot]
        if not members:
            return None
        visitor = workspace.people[person if person in members else members[0]]
        root = message.thread_ts or message.ts
        if where.is_im:
            return address(visitor, thread=root, tab=DIRECT)
        return address(visitor, where.id, root)


def find_root(
    workspace: Workspace, person: Person, channel: Channel | None, ts: str
) -> Message | None:
    message = workspace.messages.get(channel.id, ts) if channel is not None and ts else None
    if message is None or message.only_for not in ("", person.id):
        return None
    return message


def listed_channels(workspace: Workspace, person: Person) -> list[Channel]:
    """The person's channels without direct conversations."""
    return [channel for channel in workspace.channels_of(person) if not channel.is_im]


def _direct_channel(workspace: Workspace, person: Person) -> Channel | None:
    members = [person.id, workspace.app.bot_user]
    direct = (one for one in workspace.channels_of(person) if one.is_im)
    return next((one for one in direct if one.members == members), None)


def _first_person(workspace: Workspace) -> Person:
    """A customer if there is one: the bot is there for them."""
    people = [person for person in workspace.people.values() if not person.is_bot]
    customers = [person for person in people if workspace.is_external(person)]
    return (customers or people or list(workspace.people.values()))[0]
