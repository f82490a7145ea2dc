"""What came in earlier, read again from the inbox in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlmodel import Session, col, select

from bot.desk.arrivals import (
    Attachment,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    arrival_from_json,
    attachments,
)
from bot.storage.tables import Inbox

_THREAD_LOOK_BACK = 300
"""Messages of a channel that are looked through for those of one thread."""


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
        """The newest edit or the deletion of a message that waits behind it in its lane."""
        rows = self._session.exec(
            select(Inbox)
            .where(
                Inbox.lane == lane,
                Inbox.state == "new",
                col(Inbox.id) > row_id,
                col(Inbox.kind).in_((MessageEdited.__name__, MessageDeleted.__name__)),
            )
            .order_by(col(Inbox.id).desc())
        )
        for row in rows:
            found = arrival_from_json(row.kind, row.payload)
            if isinstance(found, MessageEdited | MessageDeleted) and found.ts == ts:
                return found
        return None

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

    def handle_again_below(self, channel: str, root: str) -> None:
        """The messages of that thread that were handled before it was known what its root is.

        What they caused already is not owed again: it has the same keys.
        """
        for row in self._latest(channel):
            written = row.payload.get("text") or row.payload.get("files")
            if row.state == "done" and row.payload.get("thread_ts") == root and written:
                row.state, row.attempts, row.done_at = "new", 0, None
                row.fence += 1

    def _latest(self, channel: str) -> Sequence[Inbox]:
        """The newest messages of a channel, newest first."""
        return self._session.exec(
            select(Inbox)
            .where(Inbox.lane == channel, Inbox.kind == MessagePosted.__name__)
            .order_by(col(Inbox.id).desc())
            .limit(_THREAD_LOOK_BACK)
        ).all()
