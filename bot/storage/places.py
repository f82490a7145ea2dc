"""Up to where the channels and threads that we follow have been read: the marks of the catch-up.

A place is a channel, or one thread of it. Taking one is an UPDATE that names the fence it saw, so
that of any number of replicas one reads it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from bot.desk.requests import OPEN_STATES
from bot.storage.tables import Channel, Conversation, Outbox, Place, SupportRequest

Wanted = dict[tuple[str, str], datetime]
"""(channel, root of a thread or empty) → since when it is ours."""


class Places:
    """The marks, in the caller's transaction."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._now = now

    def follow(self, wanted: Wanted, threads_due_at: datetime) -> None:
        """Exactly these from now on; a new one has been read up to when it became ours."""
        known = {(row.channel, row.thread_ts): row for row in self._session.exec(select(Place))}
        for gone in known.keys() - wanted.keys():
            self._session.delete(known[gone])
        for channel, thread_ts in wanted.keys() - known.keys():
            since = wanted[channel, thread_ts]
            self._session.add(
                Place(
                    channel=channel,
                    thread_ts=thread_ts,
                    ours_since=since,
                    read_until=since,
                    due_at=threads_due_at if thread_ts else self._now,
                )
            )

    def all_due(self) -> None:
        """Something may have been missed anywhere, also by whoever is reading just now."""
        self._session.execute(
            sa.update(Place).values(due_at=self._now, whole=True, fence=Place.fence + 1)
        )

    def due(self) -> Place | None:
        """The one that waits longest; of those that wait alike, channels before threads."""
        return self._session.exec(
            select(Place)
            .where(col(Place.due_at) <= self._now)
            .order_by(col(Place.due_at), col(Place.thread_ts) != "", col(Place.read_until))
            .limit(1)
        ).first()

    def take(self, place: Place, again_at: datetime) -> bool:
        """False when another replica was quicker."""
        return self._write(place, place.fence, fence=place.fence + 1, due_at=again_at)

    def read(self, place: Place, until: datetime) -> None:
        """`place` as it was found, before it was taken."""
        self._write(place, place.fence + 1, read_until=until, whole=False)

    def put_off(self, place: Place, until: datetime) -> None:
        self._write(place, place.fence + 1, due_at=until)

    def _write(self, place: Place, holding: int, **values: Any) -> bool:
        result: sa.CursorResult[Any] = self._session.execute(  # type: ignore[assignment]
            sa.update(Place)
            .where(
                col(Place.channel) == place.channel,
                col(Place.thread_ts) == place.thread_ts,
                col(Place.fence) == holding,
            )
            .values(**values)
        )
        return result.rowcount == 1

    # --- what is to be followed ---------------------------------------------------------------

    def linked_channels(self) -> Wanted:
        return {(row.channel, ""): row.linked_at for row in self._session.exec(select(Channel))}

    def threads_of_requests(self, lately: datetime) -> Wanted:
        """Both threads of every request that is open or was touched since `lately`."""
        found: Wanted = {}
        requests = self._session.exec(
            select(SupportRequest).where(
                sa.or_(
                    col(SupportRequest.state).in_(OPEN_STATES),
                    col(SupportRequest.updated_at) >= lately,
                )
            )
        ).all()
        card_keys = [request.card_key or f"card:{request.id}" for request in requests]
        keys = [r.thread_ts.removeprefix("key:") for r in requests if r.thread_ts[:4] == "key:"]
        ts = self._posted((*card_keys, *keys))
        for request, card_key in zip(requests, card_keys, strict=True):
            root = request.thread_ts
            if root.startswith("key:"):
                root = ts.get(root.removeprefix("key:"), "")
            if root:
                found[request.channel, root] = request.opened_at
            card = ts.get(card_key, "")
            if card:
                found[request.staff_channel, card] = request.opened_at
        return found

    def direct_conversations(self, lately: datetime) -> Wanted:
        """DMs in which the bot was spoken to since `lately`."""
        rows = self._session.exec(
            select(Conversation.channel, Conversation.updated_at).where(
                col(Conversation.updated_at) >= lately, col(Conversation.channel).startswith("D")
            )
        )
        found: Wanted = {}
        for channel, at in rows:
            found[channel, ""] = min(at, found.get((channel, ""), at))
        return found

    def threads_of_conversations(self, lately: datetime) -> Wanted:
        """Threads in which the bot was spoken to since `lately`."""
        rows = self._session.exec(
            select(Conversation).where(col(Conversation.updated_at) >= lately)
        )
        # On a board everybody has a conversation of their own: `<ts>:<user>`.
        roots = {(row.channel, row.thread_ts.partition(":")[0]) for row in rows}
        return {(channel, root): lately for channel, root in roots if root[:1].isdigit()}

    def _posted(self, keys: Collection[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        wanted = sorted(set(keys))
        for start in range(0, len(wanted), 500):
            rows = self._session.exec(
                select(Outbox.key, Outbox.ts).where(
                    col(Outbox.key).in_(wanted[start : start + 500]), Outbox.ts != ""
                )
            )
            found |= dict(rows.all())
        return found
