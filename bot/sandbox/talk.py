"""What people do with words: say, edit, delete, react, pin, upload, and look after channels.

Every act may be called from any thread. What Slack would not allow raises `ActRefusedError`.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from bot.sandbox.errors import ActRefusedError
from bot.sandbox.records import Channel, Message, Organisation, Person
from bot.sandbox.stage import Someone, Somewhere, Stage
from bot.sandbox.typed_text import as_rich_text, as_sent

Upload = tuple[str, bytes]
"""File name and content."""


class Talk(Stage):
    def say(
        self,
        person: Someone,
        channel: Somewhere,
        text: str,
        *,
        thread_ts: str | None = None,
        broadcast: bool = False,
        files: Sequence[Upload] = (),
    ) -> Message:
        """Type and send. `@handle`, `#channel` and addresses become what Slack makes of them."""
        who, where = self._writer(person, channel)
        if where.is_im and not self.platform.manifest.has_direct_messages:
            raise ActRefusedError("Sending messages to this app has been turned off.")
        workspace = self.workspace
        with workspace.lock:
            if thread_ts:
                self._shared_message(who, where, thread_ts)
            uploads = [workspace.files.add(who.id, name, content) for name, content in files]
            for upload in uploads:
                workspace.files.share(upload, where)
            sent = as_sent(workspace, text)
            return workspace.messages.post(
                where,
                who.id,
                sent,
                thread_ts=thread_ts or "",
                blocks=as_rich_text(sent),
                client_msg_id=str(uuid.uuid4()),
                is_broadcast=broadcast and bool(thread_ts),
                subtype="file_share" if uploads else "",
                files=[upload.id for upload in uploads],
            )

    def upload(
        self,
        person: Someone,
        channel: Somewhere,
        name: str,
        content: bytes,
        *,
        text: str = "",
        thread_ts: str | None = None,
    ) -> Message:
        """A file with or without words."""
        return self.say(person, channel, text, thread_ts=thread_ts, files=[(name, content)])

    def edit(self, person: Someone, channel: Somewhere, ts: str, text: str) -> None:
        who, where = self._writer(person, channel)
        message = self._own(who, where, ts)
        sent = as_sent(self.workspace, text)
        self.workspace.messages.edit(message, who.id, text=sent, blocks=as_rich_text(sent))

    def delete(self, person: Someone, channel: Somewhere, ts: str) -> None:
        who, where = self._writer(person, channel)
        self.workspace.messages.delete(self._own(who, where, ts), who.id)

    def unfurl(self, channel: Somewhere, ts: str, title: str = "A page") -> None:
        """Slack adds a preview by itself: a change of the message that nobody typed."""
        where = self.workspace.find_channel(channel)
        message = self.workspace.messages.get(where.id, ts)
        if message is None:
            raise ActRefusedError(f"There is no message {ts} in {where.label}.")
        preview = {"id": 1, "title": title, "fallback": title}
        self.workspace.messages.edit(
            message, message.user, attachments=[preview], mark_edited=False
        )

    def react(self, person: Someone, channel: Somewhere, ts: str, name: str) -> None:
        """`name` without colons, as `ticket`."""
        who, where = self._writer(person, channel)
        self.workspace.messages.react(self._shared_message(who, where, ts), who.id, name)

    def unreact(self, person: Someone, channel: Somewhere, ts: str, name: str) -> None:
        who, where = self._writer(person, channel)
        self.workspace.messages.unreact(self._shared_message(who, where, ts), who.id, name)

    def pin(self, person: Someone, channel: Somewhere, ts: str) -> None:
        who, where = self._writer(person, channel)
        self.workspace.messages.pin(self._shared_message(who, where, ts), who.id)

    def _own(self, who: Person, where: Channel, ts: str) -> Message:
        message = self._visible_message(who, where, ts)
        if message.user != who.id or message.subtype == "tombstone":
            raise ActRefusedError(f"{who.shown_name} may only change their own messages.")
        return message

    # Direct conversations and channels

    def open_dm(self, person: Someone) -> Channel:
        """The person's conversation with the bot, opened on its messages tab."""
        who = self.workspace.find_person(person)
        channel = self.workspace.direct_channel(who)
        self.workspace.feed.publish("home_opened", channel=channel.id, person=who.id)
        return channel

    def join(self, person: Someone, channel: Somewhere, *, inviter: Someone | None = None) -> None:
        who, where = self.workspace.find_person(person), self.workspace.find_channel(channel)
        connected = (where.organisation, *where.shared_with)
        if who.organisation not in connected:
            raise ActRefusedError(f"{where.label} is not shared with {who.shown_name}'s team.")
        if who.id in where.members:
            return
        by = self.workspace.find_person(inviter).id if inviter is not None else ""
        self.workspace.join(where, who, by)
        self._remark(where, who, "channel_join", f"<@{who.id}> has joined the channel")

    def leave(self, person: Someone, channel: Somewhere) -> None:
        """Also how the bot is removed from a channel."""
        who, where = self._member(person, channel)
        self.workspace.leave(where, who)
        self._remark(where, who, "channel_leave", f"<@{who.id}> has left the channel")

    def rename(self, person: Someone, channel: Somewhere, name: str) -> None:
        who, where = self._writer(person, channel)
        old = where.name
        self.workspace.rename(where, name, who)
        said = f'has renamed the channel from "{old}" to "{name}"'
        self._remark(where, who, "channel_name", said)

    def archive(self, person: Someone, channel: Somewhere) -> None:
        who, where = self._writer(person, channel)
        self.workspace.archive(where, who)

    def unarchive(self, person: Someone, channel: Somewhere) -> None:
        who, where = self._member(person, channel)
        self.workspace.unarchive(where, who)

    def share(self, channel: Somewhere, organisation: Organisation | str) -> None:
        """Connect another organisation; its people may `join` afterwards."""
        where = self.workspace.find_channel(channel)
        self.workspace.share(where, self._organisation(organisation))

    def unshare(self, channel: Somewhere, organisation: Organisation | str) -> None:
        where = self.workspace.find_channel(channel)
        self.workspace.unshare(where, self._organisation(organisation))

    def change_channel_id(self, channel: Somewhere) -> str:
        return self.workspace.change_channel_id(self.workspace.find_channel(channel))

    def uninstall(self, organisation: Organisation | str | None = None) -> None:
        """Remove the app from an organisation, by default the vendor's: its tokens stop working."""
        if organisation is None:
            self.workspace.uninstall()
        else:
            self.platform.oauth.revoke(self._organisation(organisation).id)

    def _remark(self, channel: Channel, who: Person, subtype: str, text: str) -> None:
        """The grey line Slack writes into the channel."""
        self.workspace.messages.post(channel, who.id, text, subtype=subtype)
