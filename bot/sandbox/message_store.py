"""Messages of all channels: posting, editing, deleting, reactions, pins, reading back."""

from __future__ import annotations

import copy
from bisect import insort
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bot.sandbox.records import Channel, Edit, Json, Message
from bot.sandbox.wire import message_json

if TYPE_CHECKING:
    from bot.sandbox.workspace import Workspace

SLACKBOT = "USLACKBOT"
TOMBSTONE_TEXT = "This message was deleted."


class MessageStore:
    """All operations expect existing records; the callers check rights and answer errors."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._by_channel: dict[str, dict[str, Message]] = {}
        self._replies: dict[tuple[str, str], list[str]] = {}

    def get(self, channel: str, ts: str) -> Message | None:
        return self._by_channel.get(channel, {}).get(ts)

    def in_channel(self, channel: str) -> list[Message]:
        """All messages in time order, replies and ephemeral ones too."""
        return list(self._by_channel.get(channel, {}).values())

    def newest_first(self, channel: str) -> Iterator[Message]:
        return reversed(self._by_channel.get(channel, {}).values())

    def replies(self, channel: str, root: str) -> list[Message]:
        """The replies everybody sees, oldest first."""
        messages = self._by_channel.get(channel, {})
        return [messages[ts] for ts in self._replies.get((channel, root), [])]

    def everything(self) -> Iterator[Message]:
        for messages in self._by_channel.values():
            yield from messages.values()

    def post(
        self,
        channel: Channel,
        user: str,
        text: str,
        *,
        thread_ts: str = "",
        blocks: list[Json] | None = None,
        attachments: list[Json] | None = None,
        metadata: Json | None = None,
        subtype: str = "",
        bot_id: str = "",
        username: str = "",
        icon: str = "",
        client_msg_id: str = "",
        is_broadcast: bool = False,
        only_for: str = "",
        files: list[str] | None = None,
    ) -> Message:
        with self._workspace.lock:
            message = Message(
                channel=channel.id,
                ts=self._workspace.next_ts(),
                user=user,
                text=text,
                thread_ts=self._root_of(channel.id, thread_ts),
                blocks=blocks or [],
                attachments=attachments or [],
                metadata=metadata,
                subtype="thread_broadcast" if is_broadcast and not subtype else subtype,
                bot_id=bot_id,
                username=username,
                icon=icon,
                client_msg_id=client_msg_id,
                is_broadcast=is_broadcast,
                only_for=only_for,
                files=files or [],
            )
            self.restore(message)
            self._publish("ephemeral_posted" if only_for else "message_posted", message, user)
            return message

    def restore(self, message: Message) -> None:
        """Put a message into the books without telling anybody."""
        self._by_channel.setdefault(message.channel, {})[message.ts] = message
        if message.is_reply and not message.only_for:
            replies = self._replies.setdefault((message.channel, message.thread_ts), [])
            insort(replies, message.ts)
            root = self.get(message.channel, message.thread_ts)
            if root is not None:
                root.thread_ts = root.ts

    def _root_of(self, channel: str, thread_ts: str) -> str:
        """A reply to a reply lands in the thread of that reply."""
        target = self.get(channel, thread_ts) if thread_ts else None
        return target.thread_ts if target is not None and target.is_reply else thread_ts

    def edit(
        self,
        message: Message,
        by: str,
        *,
        text: str | None = None,
        blocks: list[Json] | None = None,
        attachments: list[Json] | None = None,
        metadata: Json | None = None,
        mark_edited: bool = True,
    ) -> None:
        """None keeps what was there. `mark_edited=False` is Slack's own change, as an unfurl."""
        with self._workspace.lock:
            previous = self._as_json(message)
            if text is not None:
                message.text = text
            if blocks is not None:
                message.blocks = blocks
            if attachments is not None:
                message.attachments = attachments
            if metadata is not None:
                message.metadata = metadata or None
            if mark_edited:
                message.edited = Edit(user=by, ts=self._workspace.next_ts())
            self._publish("message_changed", message, by, previous=previous)

    def delete(self, message: Message, by: str) -> None:
        """A root with replies leaves a tombstone, as in Slack."""
        with self._workspace.lock:
            previous = self._as_json(message)
            channel = self._workspace.channels[message.channel]
            if message.ts in channel.pins:
                channel.pins.remove(message.ts)
            if self._replies.get((message.channel, message.ts)):
                self._bury(message)
                self._publish("message_changed", message, by, previous=previous)
                return
            del self._by_channel[message.channel][message.ts]
            self._forget_reply(message)
            self._publish("message_deleted", message, by, previous=previous)

    def _forget_reply(self, message: Message) -> None:
        """The last reply to go also ends the thread, and takes a tombstone root with it."""
        siblings = self._replies.get((message.channel, message.thread_ts))
        if siblings is None or message.ts not in siblings:
            return
        siblings.remove(message.ts)
        if siblings:
            return
        del self._replies[message.channel, message.thread_ts]
        root = self.get(message.channel, message.thread_ts)
        if root is None:
            return
        root.thread_ts = ""
        if root.subtype == "tombstone":
            del self._by_channel[root.channel][root.ts]

    @staticmethod
    def _bury(message: Message) -> None:
        message.user = SLACKBOT
        message.text = TOMBSTONE_TEXT
        message.subtype = "tombstone"
        message.bot_id = message.username = message.icon = ""
        message.blocks, message.attachments, message.files = [], [], []
        message.metadata = message.edited = None
        message.reactions = {}

    def react(self, message: Message, by: str, name: str) -> bool:
        """False when the person had already reacted so."""
        with self._workspace.lock:
            users = message.reactions.setdefault(name, [])
            if by in users:
                return False
            users.append(by)
            self._publish("reaction_added", message, by, reaction=name)
            return True

    def unreact(self, message: Message, by: str, name: str) -> bool:
        """False when there was no such reaction of this person."""
        with self._workspace.lock:
            users = message.reactions.get(name, [])
            if by not in users:
                return False
            users.remove(by)
            if not users:
                del message.reactions[name]
            self._publish("reaction_removed", message, by, reaction=name)
            return True

    def pin(self, message: Message, by: str) -> bool:
        with self._workspace.lock:
            pins = self._workspace.channels[message.channel].pins
            if message.ts in pins:
                return False
            pins.append(message.ts)
            self._publish("pin_added", message, by)
            return True

    def unpin(self, message: Message, by: str) -> bool:
        with self._workspace.lock:
            pins = self._workspace.channels[message.channel].pins
            if message.ts not in pins:
                return False
            pins.remove(message.ts)
            self._publish("pin_removed", message, by)
            return True

    def move_channel(self, old: str, new: str) -> None:
        """Follow a change of the channel's id."""
        messages = self._by_channel.pop(old, {})
        for message in messages.values():
            message.channel = new
        self._by_channel[new] = messages
        for channel, root in [key for key in self._replies if key[0] == old]:
            self._replies[new, root] = self._replies.pop((channel, root))

    def _as_json(self, message: Message) -> Json:
        return copy.deepcopy(message_json(self._workspace, message))

    def _publish(self, kind: str, message: Message, by: str, **detail: Json | str) -> None:
        self._workspace.feed.publish(
            kind,
            channel=message.channel,
            ts=message.ts,
            thread_ts=message.thread_ts,
            person=by,
            only_for=message.only_for,
            detail={"message": self._as_json(message), **detail},
        )
