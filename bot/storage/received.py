"""What came in earlier, read again from the inbox in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from bot.desk.arrivals import (
    Arrival,
    Attachment,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    arrival_from_json,
    attachments,
)
from bot.storage.database import Database
from bot.storage.tables import ChannelMove, Inbox, RequestMessage

_THREAD_LOOK_BACK = 300
"""Messages of a channel that are looked through for those of one thread."""
_INSERT = sa.insert(Inbox)
_SEEN = sa.union_all(
    sa.select(sa.literal("").label("moved_to")).where(
        col(Inbox.message_key).in_([sa.bindparam("key"), sa.bindparam("also")])
    ),
    sa.select(col(ChannelMove.new)).where(col(ChannelMove.old) == sa.bindparam("channel")),
)
"""Two questions in one trip: Slack waits for an acknowledgement meanwhile."""


def edit_key(channel: str, ts: str, stamp: str) -> str:
    """The inbox's message key of an edit: every edit of a message once."""
    return f"edit:{channel}:{ts}:{stamp}"


def delete_key(channel: str, ts: str) -> str:
    return f"delete:{channel}:{ts}"


class Received:
    def __init__(self, session: Session) -> None:
        self._session = session

    def posted(self, channel: str, ts: str) -> Inbox | None:
        """The row of a message as it came in; its words follow its edits."""
        return self._session.exec(
            select(Inbox).where(Inbox.message_key == f"{channel}:{ts}")
        ).first()

    def reword(self, channel: str, ts: str, text: str) -> None:
        """Keep the newest words of a message only: after a deletion none at all."""
        row = self.posted(channel, ts)
        if row is not None:
            kept: dict[str, Any] = {} if text else {"files": []}
            row.payload = {**row.payload, "text": text, **kept}

    def files(self, channel: str, ts: str) -> tuple[Attachment, ...]:
        """What was attached to a message."""
        row = self.posted(channel, ts)
        return attachments(row.payload.get("files", ())) if row else ()

    def change_waiting(
        self, row_id: int, lane: str, ts: str
    ) -> MessageEdited | MessageDeleted | None:
        """The deletion, else the newest edit of a message that waits behind it in its lane."""
        rows = self._session.exec(
            select(Inbox).where(
                Inbox.lane == lane,
                Inbox.state == "new",
                col(Inbox.id) > row_id,
                col(Inbox.kind).in_((MessageEdited.__name__, MessageDeleted.__name__)),
            )
        )
        newest: MessageEdited | None = None
        for row in rows:
            found = arrival_from_json(row.kind, row.payload)
            if isinstance(found, MessageDeleted) and found.ts == ts:
                return found
            if isinstance(found, MessageEdited) and found.ts == ts:
                newest = max(newest or found, found, key=_stamp)
        return newest

    def take_in(self, edit: MessageEdited, now: datetime) -> None:
        """The message of an edit that came before it: as it stands now, under its own key."""
        key = f"{edit.channel}:{edit.ts}"
        values = inbox_values(edit.as_posted(), f"edited:{key}", edit.channel, now, key)
        self._session.add(Inbox(**values))

    def has_newer_edit(self, edit: MessageEdited) -> bool:
        """A later edit of that message came in already: Slack delivers in any order."""
        others = (
            arrival_from_json(row.kind, row.payload)
            for row in self._latest(edit.channel, MessageEdited.__name__)
        )
        return any(
            isinstance(other, MessageEdited)
            and other.ts == edit.ts
            and _stamp(other) > _stamp(edit)
            for other in others
        )

    def acts(
        self, user: str, kinds: Sequence[str], row: Inbox, within: timedelta, *, at_most: int
    ) -> int:
        """How many things of these kinds a person did up to that row, counted up to `at_most`."""
        some = (
            select(Inbox.id)
            .where(
                Inbox.author == user,
                col(Inbox.id) <= row.id,
                col(Inbox.received_at) > row.received_at - within,
                col(Inbox.kind).in_(kinds),
            )
            .order_by(col(Inbox.id).desc())
            .limit(at_most)
        )
        return self._session.scalar(select(func.count()).select_from(some.subquery())) or 0

    def thread(self, channel: str, root: str, before: str) -> list[MessagePosted]:
        """The messages of a thread that came in before `before` (a ts), oldest first."""
        found = [arrival_from_json(row.kind, row.payload) for row in self._latest(channel)]
        return sorted(
            (
                one
                for one in found
                if isinstance(one, MessagePosted)
                and one.root == root
                and one.text
                and float(one.ts) < float(before)
            ),
            key=lambda one: float(one.ts),
        )

    def in_requests(self, channel: str, root: str, start: datetime, end: datetime) -> list[str]:
        """ts of the messages of a thread, its root included, that are part of requests.

        Only what was written between the two times, was not deleted, and is known to have come in
        in this thread: other messages of the same request stand elsewhere.
        """
        written = self._session.exec(
            select(RequestMessage.ts)
            .where(
                RequestMessage.channel == channel,
                # Slack's times are of one length for the next centuries.
                col(RequestMessage.ts) >= f"{start.timestamp():.6f}",
                col(RequestMessage.ts) <= f"{end.timestamp():.6f}",
                col(RequestMessage.deleted_at).is_(None),
            )
            .distinct()
        ).all()
        found = []
        for first in range(0, len(written), 500):
            keys = [f"{channel}:{ts}" for ts in written[first : first + 500]]
            for row in self._session.exec(select(Inbox).where(col(Inbox.message_key).in_(keys))):
                if root in (row.payload.get("thread_ts") or row.payload["ts"], row.payload["ts"]):
                    found.append(str(row.payload["ts"]))
        return sorted(found, key=float)

    def handle_again_below(self, channel: str, root: str) -> None:
        """The messages of that thread that were handled before it was known what its root is.

        What they caused already is not owed again: it has the same keys.
        """
        for row in self._latest(channel):
            written = row.payload.get("text") or row.payload.get("files")
            if row.state == "done" and row.payload.get("thread_ts") == root and written:
                row.state, row.attempts, row.done_at = "new", 0, None
                row.fence += 1

    def _latest(self, channel: str, kind: str = MessagePosted.__name__) -> Sequence[Inbox]:
        """What came in last in a channel, newest first."""
        return self._session.exec(
            select(Inbox)
            .where(Inbox.lane == channel, Inbox.kind == kind)
            .order_by(col(Inbox.id).desc())
            .limit(_THREAD_LOOK_BACK)
        ).all()


def inbox_values(
    arrival: Arrival, event_key: str, lane: str, now: datetime, message_key: str | None = None
) -> dict[str, Any]:
    """The columns of a new row."""
    return {
        "event_key": event_key,
        "message_key": message_key,
        "author": arrival.user,
        "lane": lane,
        "kind": type(arrival).__name__,
        "payload": arrival.to_json(),
        "state": "new",
        "attempts": 0,
        "fence": 0,
        "error": "",
        "available_at": now,
        "received_at": now,
    }


def save_together(connection: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Raises `IntegrityError` when one of them is there already."""
    connection.execute(_INSERT, list(rows))


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of a message before it is saved."""

    is_known: bool
    """It came in before, under either key."""
    moved_to: str
    """The id that its channel has now; empty unless it was changed."""


def seen_before(database: Database, channel: str, message_key: str, also: str) -> Seen:
    """Outside of any transaction: one cheap look."""
    found = database.look_up(_SEEN, {"key": message_key, "also": also, "channel": channel})
    answers = [row.moved_to for row in found]
    return Seen("" in answers, next(filter(None, answers), ""))


def _stamp(edit: MessageEdited) -> float:
    return float(edit.stamp or 0)
