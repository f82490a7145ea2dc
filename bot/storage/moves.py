"""Channels that got another id: Slack gives a private channel a new one when it is first shared.

Everything that names the old id follows in one transaction. The pair is kept, because what is
under way at that moment (an event, an open form, a message being sent) still names the old one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, SQLModel, col, select

from bot.desk.arrivals import ChannelIdChanged, MessagePosted
from bot.storage import tables

_UNKEYED: tuple[Any, ...] = (
    tables.SupportRequest,
    tables.Outbox,
    tables.GivenAnswer,
    tables.QueueChannel,
)
"""Tables whose keys have no channel in them: their rows are simply renamed."""
_KEYED: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (tables.Channel, ()),
    (tables.Conversation, ("thread_ts",)),
    (tables.Presence, ("user",)),
    (tables.ShadowDecision, ("ts",)),
    (tables.Place, ("thread_ts",)),
)
"""Tables with the channel in a key → the key's other columns. What the new id has already is newer
and stays; the old row goes."""
_MEANT = timedelta(minutes=10)
"""How long before its event a message in the new id may have come."""


class ChannelMoves:
    """Changes of ids, in the caller's transaction."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._now = now

    def present(self, channel: str) -> str:
        """The id that a channel has now: its own, unless it was changed."""
        row = self._session.get(tables.ChannelMove, channel) if channel else None
        return row.new if row else channel

    def changed(self, channels: Iterable[str]) -> Mapping[str, str]:
        """Old id → present one, of those that were changed."""
        wanted = {channel for channel in channels if channel[:1] in ("C", "G")}
        if not wanted:
            return {}
        move = tables.ChannelMove
        rows = self._session.exec(select(move.old, move.new).where(col(move.old).in_(wanted)))
        return dict(rows.all())

    def expected(self, new: str) -> bool:
        """A change to that id came in and was not handled yet."""
        waiting = self._session.exec(
            select(tables.Inbox.payload).where(
                col(tables.Inbox.state).in_(("new", "claimed")),
                tables.Inbox.kind == ChannelIdChanged.__name__,
            )
        )
        return any(payload.get("new") == new for payload in waiting)

    def follow(self, old: str, new: str) -> None:
        """Rename the channel everywhere. Harmless when it is done again."""
        self._remember(old, new)
        for table, others in _KEYED:
            self._make_room(table, others, old, new)
            self._rename(table.channel, old, new)
        for table in _UNKEYED:
            self._rename(table.channel, old, new)
        self._rename_messages(old, new)
        for staffed in (tables.SupportRequest, tables.Announcement):
            self._rename(staffed.staff_channel, old, new)
        drafts = select(tables.Announcement).where(tables.Announcement.state == "draft")
        for draft in self._session.exec(drafts):
            draft.channels = [new if channel == old else channel for channel in draft.channels]
        self._rename_inbox(old, new)
        self._rename_lanes(old, new)
        self._rename_beginning(tables.SupportRequest.origin, f"{old}:", f"{new}:")
        # Threads below second copies of cards are found by this key.
        self._rename_beginning(tables.Outbox.key, f"second:{old}:", f"second:{new}:")
        self._session.expire_all()

    def hear_again(self, channel: str) -> None:
        """Messages that came in under the new id before anybody knew whose channel it is."""
        inbox = tables.Inbox
        self._session.execute(
            sa.update(inbox)
            .where(
                col(inbox.lane) == channel,
                col(inbox.kind) == MessagePosted.__name__,
                col(inbox.state) == "done",
                col(inbox.received_at) >= self._now - _MEANT,
            )
            .values(state="new", attempts=0, done_at=None, fence=col(inbox.fence) + 1)
        )

    # --- one table after the other --------------------------------------------------------------

    def _remember(self, old: str, new: str) -> None:
        move = tables.ChannelMove
        self._session.execute(sa.update(move).where(col(move.new) == old).values(new=new))
        self._session.execute(sa.delete(move).where(col(move.old) == new))
        self._session.expire_all()
        row = self._session.get(move, old)
        if row is None:
            self._session.add(move(old=old, new=new, at=self._now))
        else:
            row.new, row.at = new, self._now
        self._session.flush()

    def _rename(self, column: Any, old: str, new: str) -> None:
        self._session.execute(
            sa.update(column.class_).where(column == old).values({column.key: new})
        )

    def _make_room(
        self, table: type[SQLModel], others: tuple[str, ...], old: str, new: str
    ) -> None:
        """Drop rows of the old id whose key the new one has."""
        there: Any = aliased(table)
        mine: Any = table
        columns = [getattr(mine, name) for name in others]
        same = [getattr(there, name) == getattr(mine, name) for name in others]
        # Looked for first: MySQL does not delete from a table that the condition reads.
        taken = self._session.execute(
            sa.select(mine.channel, *columns)
            .join(there, sa.and_(there.channel == new, *same))
            .where(mine.channel == old)
        ).all()
        for _, *values in taken:
            key = [column == value for column, value in zip(columns, values, strict=True)]
            self._session.execute(sa.delete(mine).where(mine.channel == old, *key))

    def _rename_messages(self, old: str, new: str) -> None:
        """Messages of requests, copies of which hang from their rows: none is dropped."""
        mine: Any = tables.RequestMessage
        there: Any = aliased(tables.RequestMessage)
        twice = self._session.scalars(
            sa.select(mine.id)
            .join(
                there,
                sa.and_(
                    there.request_id == mine.request_id,
                    there.ts == mine.ts,
                    there.channel == new,
                ),
            )
            .where(mine.channel == old)
        ).all()
        self._session.execute(
            sa.update(mine).where(mine.channel == old, mine.id.not_in(twice)).values(channel=new)
        )

    def _rename_inbox(self, old: str, new: str) -> None:
        """What waits is handled in the new channel; what is done is found there."""
        inbox = tables.Inbox
        waiting = select(inbox).where(inbox.lane == old, col(inbox.done_at).is_(None))
        for row in self._session.exec(waiting):
            if "channel" in row.payload:
                row.payload = {**row.payload, "channel": new}
        self._session.flush()
        self._rename(inbox.lane, old, new)
        for kind in ("", "edit:", "delete:"):
            # Read again from the history, a message must be known under its new name.
            self._rename_beginning(inbox.message_key, f"{kind}{old}:", f"{kind}{new}:")

    def _rename_lanes(self, old: str, new: str) -> None:
        """What is owed keeps its place before what will be owed in the new channel."""
        outbox = tables.Outbox
        self._rename_beginning(outbox.lane, f"{old}:", f"{new}:", unique=False)
        # Whoever looked at an entry under its old name does not get it; who sends it already, does.
        self._session.execute(
            sa.update(outbox)
            .where(col(outbox.channel) == new, col(outbox.state).in_(("pending", "unknown")))
            .values(fence=col(outbox.fence) + 1)
        )

    def _rename_beginning(self, column: Any, old: str, new: str, *, unique: bool = True) -> None:
        renamed = sa.literal(new) + sa.func.substr(column, len(old) + 1)
        change = sa.update(column.class_).where(column.like(f"{old}%"))
        if unique:
            there = aliased(column.class_)
            taken = self._session.scalars(
                sa.select(column)
                .join(there, getattr(there, column.key) == renamed)
                .where(column.like(f"{old}%"))
            ).all()
            change = change.where(column.not_in(taken))
        self._session.execute(
            change.values({column.key: renamed}).execution_options(synchronize_session=False)
        )
