"""How the queues stand: what waits, how long and why; one entry tried again or given up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from bot.storage.tables import Inbox, Outbox, Reminder

_ENDED = ("done", "sent", "dropped")


@dataclass(frozen=True, slots=True)
class Standing:
    """One queue at one moment."""

    waiting: int
    oldest: datetime | None
    """When the oldest waiting entry came in; None when nothing waits."""
    dead: int


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry that is neither done nor gone."""

    id: str
    """`in-…`, `out-…` or `later-…`."""
    what: str
    lane: str
    state: str
    since: datetime
    next_try: datetime
    attempts: int
    error: str
    behind: str = ""
    """The entry of the same lane that has to be done first."""


class Queues:
    """Inbox, outbox and reminders, in the caller's transaction."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._now = now

    def standings(self) -> dict[str, Standing]:
        return {
            "inbox": self._standing(Inbox, ("new", "claimed"), col(Inbox.received_at)),
            "outbox": self._standing(
                Outbox, ("pending", "sending", "unknown"), col(Outbox.created_at)
            ),
        }

    def _standing(self, table: Any, waiting: tuple[str, ...], since: Any) -> Standing:
        count, oldest = self._session.execute(
            sa.select(sa.func.count(), sa.func.min(since)).where(table.state.in_(waiting))
        ).one()
        dead = self._session.execute(
            sa.select(sa.func.count()).select_from(table).where(table.state == "dead")
        ).scalar_one()
        return Standing(count, oldest, dead)

    def waiting(self, limit: int) -> list[Entry]:
        """Everything that is not done, the dead included, oldest first."""
        inbox = self._session.exec(
            select(Inbox).where(col(Inbox.state).in_(("new", "claimed", "dead")))
            .order_by(col(Inbox.id)).limit(limit)
        ).all()  # fmt: skip
        outbox = self._session.exec(
            select(Outbox).where(col(Outbox.state).in_(("pending", "sending", "unknown", "dead")))
            .order_by(col(Outbox.id)).limit(limit)
        ).all()  # fmt: skip
        overdue = self._session.exec(
            select(Reminder).where(
                sa.or_(
                    col(Reminder.state) == "dead",
                    sa.and_(col(Reminder.state) == "waiting", col(Reminder.due_at) < self._now),
                )
            ).order_by(col(Reminder.id)).limit(limit)
        ).all()  # fmt: skip
        entries = [*_in_lanes(inbox, "in"), *_in_lanes(outbox, "out"), *map(_reminder, overdue)]
        return sorted(entries, key=lambda entry: entry.since)

    def retry(self, name: str) -> bool:
        """Let it be tried at once, as if for the first time; False when there is no such entry.

        A post that may have been made is looked for before it is repeated.
        """
        row = self._row(name)
        if row is None:
            return False
        if isinstance(row, Reminder):
            row.state, row.attempts, row.due_at = "waiting", 0, self._now
        else:
            if isinstance(row, Inbox):
                row.state = "new"
            else:
                perhaps_sent = row.attempts or row.state in ("sending", "unknown")
                row.state = "unknown" if perhaps_sent else "pending"
            row.attempts, row.available_at, row.lease_until = 0, self._now, None
        row.fence += 1
        return True

    def give_up(self, name: str, why: str) -> bool:
        """Never try it again; what stands behind it goes on. False as in `retry`."""
        row = self._row(name)
        if row is None or row.state == "dead":
            return False
        row.state, row.error = "dead", why
        row.fence += 1
        if not isinstance(row, Reminder):
            row.lease_until = None
        return True

    def _row(self, name: str) -> Inbox | Outbox | Reminder | None:
        queue, _, number = name.partition("-")
        tables: dict[str, type[Inbox | Outbox | Reminder]] = {
            "in": Inbox,
            "out": Outbox,
            "later": Reminder,
        }
        if queue not in tables or not number.isdecimal():
            return None
        row: Any = self._session.get(tables[queue], int(number), with_for_update=True)
        return None if row is None or row.state in _ENDED else row


def _in_lanes(rows: Any, prefix: str) -> list[Entry]:
    first: dict[str, str] = {}
    entries = []
    for row in rows:
        name = f"{prefix}-{row.id}"
        behind = first.get(row.lane, "")
        if row.state != "dead":
            first.setdefault(row.lane, name)
        held = row.lease_until if row.state in ("claimed", "sending") else None
        entries.append(
            Entry(
                id=name,
                what=getattr(row, "kind", "") or getattr(row, "method", ""),
                lane=row.lane,
                state=row.state,
                since=getattr(row, "received_at", None) or row.created_at,
                next_try=held or row.available_at,
                attempts=row.attempts,
                error=row.error,
                behind=behind if row.state != "dead" else "",
            )
        )
    return entries


def _reminder(row: Reminder) -> Entry:
    return Entry(
        id=f"later-{row.id}",
        what=row.kind,
        lane=row.about,
        state=row.state,
        since=row.due_at,
        next_try=row.due_at,
        attempts=row.attempts,
        error=row.error,
    )
