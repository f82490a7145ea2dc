"""Claiming work from the inbox and the outbox: compare-and-swap, lease and fence.

Both tables are queues of *lanes*. Entries of one lane are worked off in the order of their ids,
one at a time; different lanes go side by side. A claim is an UPDATE that names the fence it saw:
only one claimer's UPDATE finds the row, on every engine (TiDB accepts SKIP LOCKED and takes no
lock, so locks are not relied on). A holder that outlives its lease finds the fence moved on, and
its own commit fails.
"""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from bot.fault_points import passing
from bot.storage.columns import UtcTime
from bot.storage.database import Database
from bot.storage.tables import Inbox, Outbox

Row = TypeVar("Row", Inbox, Outbox)
_CANDIDATES = 16
"""Rows looked at for one claim; others may be claimed by somebody else between look and claim."""

_REMEMBERED = 256
"""Lanes: many more than stand among the candidates."""


class LostLease(Exception):
    """Somebody else took the row over; what was done for it must be rolled back."""

    def __init__(self, row_id: int) -> None:
        super().__init__(f"row {row_id} has another holder")
        self.row_id = row_id


class Lanes(Generic[Row]):
    """One queue table. `waiting` rows may be claimed, `running` ones once their lease is over."""

    def __init__(
        self, database: Database, table: type[Row], waiting: tuple[str, ...], running: str
    ) -> None:
        self._database = database
        self._table: type[Row] = table
        self._running = running
        self._serving = threading.Lock()
        self._served: dict[str, int] = {}
        self._turn = 0
        self._candidates: sa.Select[Any] = _candidates(table, waiting, running)

    def claim(self, now: datetime, lease: timedelta) -> Row | None:
        """A row whose turn it is, now ours until `now + lease`, or None.

        Of the oldest ones that of the lane which this process has not served for longest.

        The returned row shows the state it was found in (so the caller knows that an earlier
        attempt broke off) with the fence that is now valid.
        """
        found = self._database.look_up(self._candidates, {"now": now})
        for seen in sorted(found, key=lambda row: (self._served.get(row.lane, 0), row.id)):
            row = self._take(seen, now, lease)
            if row is not None:
                self._note_served(row.lane)
                return row
        return None

    def _note_served(self, lane: str) -> None:
        """Who was served last comes last: a thousand rows of one lane wait for one of another."""
        with self._serving:
            self._turn += 1
            self._served.pop(lane, None)
            self._served[lane] = self._turn
            if len(self._served) > _REMEMBERED:
                del self._served[next(iter(self._served))]

    def _take(self, seen: sa.Row[Any], now: datetime, lease: timedelta) -> Row | None:
        table = self._table
        # A holder that died says nothing about the row: its attempt is taken over, not counted.
        attempts = seen.attempts + (seen.state != self._running)
        with self._database.transaction() as session:
            result: sa.CursorResult[Any] = session.execute(  # type: ignore[assignment]
                sa.update(table)
                .where(
                    col(table.id) == seen.id,
                    col(table.fence) == seen.fence,
                    col(table.state) == seen.state,
                )
                .values(
                    state=self._running,
                    fence=seen.fence + 1,
                    attempts=attempts,
                    lease_until=now + lease,
                )
                .execution_options(synchronize_session=False)
            )
            passing("lanes.claiming")
            if result.rowcount != 1:
                return None
            row: Row = session.scalars(sa.select(table).where(col(table.id) == seen.id)).one()
            session.expunge(row)
        row.state = seen.state
        return row

    def renew(self, row: Row, now: datetime, lease: timedelta, **values: Any) -> None:
        """Hold it from now on as long as a new claim. Raises `LostLease` if it is not ours.

        `values` note on it how far its holder has come.
        """
        with self._database.transaction() as session:
            self._write(session, row, lease_until=now + lease, **values)

    def finish(self, session: Session, row: Row, **values: Any) -> None:
        """Write the outcome in the caller's transaction. Raises `LostLease` if it is not ours."""
        self._write(session, row, lease_until=None, **values)

    def _write(self, session: Session, row: Row, **values: Any) -> None:
        table = self._table
        result: sa.CursorResult[Any] = session.execute(  # type: ignore[assignment]
            sa.update(table)
            .where(col(table.id) == row.id, col(table.fence) == row.fence)
            .values(**values)
            .execution_options(synchronize_session=False)
        )
        if result.rowcount != 1:
            raise LostLease(row.id or 0)


def _candidates(table: type[Row], waiting: tuple[str, ...], running: str) -> sa.Select[Any]:
    """Rows whose turn it is at `:now`: nothing unfinished stands before them in their lane."""
    now = sa.bindparam("now", type_=UtcTime())
    earlier = aliased(table)
    blocked = (
        sa.select(sa.literal(1))
        .where(
            col(earlier.lane) == col(table.lane),
            col(earlier.id) < col(table.id),
            col(earlier.state).in_((*waiting, running)),
        )
        .exists()
    )
    # Not the payloads: all but one of them would be read for nothing.
    seen: Any = (table.id, table.lane, table.fence, table.state, table.attempts)
    found: sa.Select[Any] = sa.select(*seen)
    return (
        found.where(
            sa.or_(
                sa.and_(col(table.state).in_(waiting), col(table.available_at) <= now),
                sa.and_(col(table.state) == running, col(table.lease_until) < now),
            ),
            ~blocked,
        )
        .order_by(col(table.id))
        .limit(_CANDIDATES)
    )


def inbox_lanes(database: Database) -> Lanes[Inbox]:
    return Lanes(database, Inbox, waiting=("new",), running="claimed")


def outbox_lanes(database: Database) -> Lanes[Outbox]:
    return Lanes(database, Outbox, waiting=("pending", "unknown"), running="sending")
