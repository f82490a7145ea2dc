"""Putting messages into the outbox: every word to Slack passes here, inside a transaction."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.content.templates import Rendered
from bot.desk.requests import Request
from bot.service.house import House
from bot.service.places import team_for
from bot.storage.posted import COPY_OF, second_key
from bot.storage.tables import Outbox
from bot.storage.unit_of_work import UnitOfWork

OR_REPLY = "or_reply"
"""In a whisper's payload, for us: it may become a reply."""
AT_ONCE = timedelta(0)
COPY = "file.copy"
PICTURE = "picture.share"
REMOVE = "file.remove"
MAIL = "email.send"
FORGET = "_forget"
"""Payload keys that begin with an underscore are ours and are not sent."""


class Posting:
    """Entries owed because of one arrival. `source` makes their keys: handled twice, owed once.

    `workspace` is that of the arrival: what goes to no channel goes back through it.
    """

    def __init__(self, uow: UnitOfWork, house: House, source: str, workspace: str = "") -> None:
        self._uow = uow
        self._house = house
        self._source = source
        self._workspace = workspace
        self._count = 0
        self.owed = 0
        """Entries made so far."""

    def message(
        self,
        channel: str,
        rendered: Rendered,
        *,
        thread: str = "",
        key: str = "",
        account_id: int | None = None,
        request_id: int | None = None,
        broadcast: bool = False,
        hold: timedelta = AT_ONCE,
    ) -> str:
        """Owe a message; returns its key. `thread` is a ts or `key:<outbox key>`.

        Held back for `hold`, it keeps its place in the thread: what is owed there later waits.
        """
        key = key or self._next_key()
        payload: dict[str, Any] = {"text": rendered.text, "blocks": rendered.blocks}
        if broadcast and thread:
            payload["reply_broadcast"] = True
        self._put(
            key=key,
            lane=self._lane(channel, thread) if thread else f"{channel}:{key_ref(key)}",
            method="chat.postMessage",
            channel=channel,
            thread=thread,
            payload=payload,
            account_id=account_id,
            request_id=request_id,
            available_at=self._uow.now + hold,
        )
        return key

    def change(
        self,
        channel: str,
        target: str,
        rendered: Rendered,
        *,
        account_id: int | None = None,
        request_id: int | None = None,
    ) -> None:
        """Owe a new version of a message of ours (`target` as `thread` above)."""
        self._put(
            key=self._next_key(),
            lane=self._lane(channel, target),
            method="chat.update",
            channel=channel,
            target=target,
            payload={"text": rendered.text, "blocks": rendered.blocks},
            account_id=account_id,
            request_id=request_id,
        )

    def board(
        self, channel: str, key: str, rendered: Rendered, account_id: int, *, every: timedelta
    ) -> None:
        """Owe a new version of a board, at most one in `every`; the one that waits is redrawn."""
        lane = f"{channel}:board"
        payload = {"text": rendered.text, "blocks": rendered.blocks}
        last = self._uow.outgoing.last_in(lane)
        same = last is not None and last.target == key_ref(key)
        if same and last is not None:
            if last.payload == payload and last.state in ("pending", "sent"):
                return
            if self._uow.outgoing.amend(last, payload=payload):
                return
        now = self._uow.now
        at = max(now, last.available_at + every) if last is not None else now
        self._put(
            key=self._next_key(),
            lane=lane,
            method="chat.update",
            channel=channel,
            target=key_ref(key),
            payload=payload,
            account_id=account_id,
            available_at=at,
        )

    def delete(self, channel: str, target: str) -> None:
        """Owe the deletion of a message of ours, whoever it was for."""
        self._put(
            key=self._next_key(),
            lane=self._lane(channel, target),
            method="chat.delete",
            channel=channel,
            target=target,
            payload={},
        )

    def file(
        self,
        channel: str,
        payload: dict[str, Any],
        *,
        thread: str,
        key: str,
        account_id: int | None,
        request_id: int,
        hold: timedelta = AT_ONCE,
    ) -> None:
        """Owe the copy of a file (`bot.service.file_copies`)."""
        self._put(
            key=key,
            lane=f"{channel}:{thread}",
            method=COPY,
            channel=channel,
            thread=thread,
            payload=payload,
            account_id=account_id,
            request_id=request_id,
            available_at=self._uow.now + hold,
        )

    def picture(self, channel: str, payload: dict[str, Any], *, below: str) -> None:
        """Owe the charts (`bot.service.week_picture`), after the post with the key `below`."""
        self._put(
            key=f"picture:{below}",
            lane=self._lane(channel, key_ref(below)),
            method=PICTURE,
            channel=channel,
            payload=payload,
        )

    def mail(
        self,
        key: str,
        request: Request,
        payload: dict[str, Any],
        *,
        behind: str,
        hold: timedelta = AT_ONCE,
    ) -> None:
        """Owe an e-mail (`bot.service.mails`), once what `behind` refers to stands in Slack."""
        self._put(
            key=key,
            lane=f"mail:{request.id}",
            method=MAIL,
            target=behind,
            payload=payload,
            account_id=request.account_id,
            request_id=request.id,
            available_at=self._uow.now + hold,
        )

    def follow(
        self, entry: Outbox, method: str, payload: dict[str, Any], *, forget: bool = False
    ) -> None:
        """Owe a call about a message of ours, in its lane: never before the message itself.

        With `forget`, the message's words leave the outbox once this is done.
        """
        self._put(
            key=self._next_key(),
            lane=entry.lane,
            method=method,
            channel=entry.channel,
            target=key_ref(entry.key),
            payload={**payload, FORGET: True} if forget else payload,
            account_id=entry.account_id,
            request_id=entry.request_id,
        )

    def unpost(self, entry: Outbox, ts: str) -> None:
        """Owe the deletion of a second copy of what `entry` posted."""
        channel = entry.channel
        self._put(
            key=second_key(channel, ts),
            lane=f"{channel}:{ts}",
            method="chat.delete",
            channel=channel,
            target=ts,
            payload={COPY_OF: entry.key},
            account_id=entry.account_id,
        )

    def whisper(
        self,
        channel: str,
        user: str,
        rendered: Rendered,
        *,
        thread: str = "",
        account_id: int | None = None,
        behind: str = "",
        or_reply: bool = False,
        key: str = "",
    ) -> None:
        """Owe a message that only `user` sees; in a DM with us a plain one.

        `behind`: a thread after whose messages it comes. `or_reply`: where Slack refuses, it is
        said in the thread for all to see.
        """
        if channel.startswith("D"):
            self.message(channel, rendered, thread=thread, account_id=account_id, key=key)
            return
        self._put(
            key=key or self._next_key(),
            lane=self._lane(channel, behind) if behind else f"{channel}:{thread}:{user}",
            method="chat.postEphemeral",
            channel=channel,
            thread=thread,
            payload={
                "text": rendered.text,
                "blocks": rendered.blocks,
                "user": user,
                **({OR_REPLY: True} if or_reply else {}),
            },
            account_id=account_id,
        )

    def respond(
        self, url: str, rendered: Rendered, user: str, *, replace: bool = False, key: str = ""
    ) -> None:
        """Owe the answer to a command, or to a button; `replace` puts it in the button's place."""
        self._put(
            key=key or self._next_key(),
            lane=f"respond:{user}",
            method="respond",
            payload={
                "url": url,
                "text": rendered.text,
                "blocks": rendered.blocks,
                "response_type": "ephemeral",
                **({"replace_original": True} if replace else {}),
            },
        )

    def pin(self, channel: str, target: str, account_id: int | None = None) -> None:
        self._put(
            key=self._next_key(),
            lane=self._lane(channel, target),
            method="pins.add",
            channel=channel,
            target=target,
            payload={},
            account_id=account_id,
        )

    def react(self, channel: str, ts: str, name: str, account_id: int | None = None) -> None:
        self._put(
            key=f"react:{channel}:{ts}:{name}",
            lane=f"{channel}:react",
            method="reactions.add",
            channel=channel,
            target=ts,
            payload={"name": name},
            account_id=account_id,
        )

    def mark(self, channel: str, ts: str, method: str, name: str) -> None:
        """Owe a reaction, or taking one back, on somebody's message; as often as it is asked."""
        self._put(
            key=self._next_key(),
            lane=f"{channel}:react",
            method=method,
            channel=channel,
            target=ts,
            payload={"name": name},
        )

    def home(self, user: str, view: dict[str, Any]) -> None:
        self._put(
            key=self._next_key(),
            lane=f"home:{user}",
            method="views.publish",
            payload={"user_id": user, "view": view},
        )

    def _next_key(self) -> str:
        self._count += 1
        return f"{self._source}:{self._count}"

    def _lane(self, channel: str, reference: str) -> str:
        return self._uow.outgoing.lane_of(channel, reference)

    def _put(self, **columns: Any) -> None:
        now = self._uow.now
        if self._house.several:
            columns["team"] = team_for(
                self._uow, self._house, columns.get("channel", ""), self._workspace
            )
        if self._uow.outgoing.put(Outbox(**{"available_at": now, **columns}, created_at=now)):
            self.owed += 1


def key_ref(key: str) -> str:
    """How a thread or target refers to the message that an outbox entry becomes."""
    return f"key:{key}"
