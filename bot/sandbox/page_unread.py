"""What a person has not looked at yet. The page remembers it; the workspace need not."""

from __future__ import annotations

from dataclasses import dataclass

from bot.sandbox.records import Channel, Message, Person
from bot.sandbox.workspace import Workspace

REMARKS = ("channel_join", "channel_leave", "channel_name", "tombstone")
"""Subtypes of the grey lines that are nobody's words."""


@dataclass(frozen=True, slots=True)
class Unread:
    messages: int = 0
    calls: int = 0
    """Those that name the person, or speak to them directly."""

    def __bool__(self) -> bool:
        return self.messages > 0


class ReadMarks:
    """Callers hold the workspace's lock."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._marks: dict[tuple[str, str, str], str] = {}

    def look(self, person: Person, channel: Channel, root: str = "") -> None:
        """The person has the channel, or one of its threads, before their eyes."""
        newest = next(self._workspace.messages.newest_first(channel.id), None)
        self._marks[person.id, channel.id, root] = newest.ts if newest is not None else ""

    def in_channel(self, person: Person, channel: Channel) -> Unread:
        waiting = [one for one in self._visible(person, channel) if self._is_new(person, one)]
        called = [one for one in waiting if channel.is_im or f"<@{person.id}>" in one.text]
        return Unread(len(waiting), len(called))

    def in_thread(self, person: Person, root: Message) -> bool:
        replies = self._workspace.messages.replies(root.channel, root.ts)
        return any(self._is_new(person, reply) for reply in replies)

    def anywhere(self, person: Person) -> bool:
        return any(
            self._is_new(person, message)
            for channel in self._workspace.channels_of(person)
            for message in self._visible(person, channel)
        )

    def _visible(self, person: Person, channel: Channel) -> list[Message]:
        messages = self._workspace.messages.in_channel(channel.id)
        return [message for message in messages if message.only_for in ("", person.id)]

    def _is_new(self, person: Person, message: Message) -> bool:
        if message.user == person.id or message.subtype in REMARKS:
            return False
        seen = self._mark(person, message, "") if message.at_top_level else ""
        if message.is_reply:
            if not message.is_broadcast and not self._follows(person, message):
                return False
            seen = max(seen, self._mark(person, message, message.thread_ts))
        return message.ts > seen

    def _mark(self, person: Person, message: Message, root: str) -> str:
        return self._marks.get((person.id, message.channel, root), "")

    def _follows(self, person: Person, reply: Message) -> bool:
        """Whoever began a thread or wrote in it hears of its replies; so does who is named."""
        messages = self._workspace.messages
        root = messages.get(reply.channel, reply.thread_ts)
        earlier = messages.replies(reply.channel, reply.thread_ts)
        authors = {one.user for one in (root, *earlier) if one is not None}
        return bool(reply.only_for) or person.id in authors or f"<@{person.id}>" in reply.text
