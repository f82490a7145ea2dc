"""The audit trail: every change of what staff decide leaves a line in the same transaction.

Nothing has to be told to it. It sees each flush, and what a transaction changed in a watched column
becomes a line with the values before and after; what leaves no mark in such a column is written
down with `did`. So a new way of changing a request cannot forget to be recorded.

Lines hold ids, states, settings and numbers. Customers are `customer`, whoever it was: lines are
never changed, and so need not be when somebody is forgotten.
"""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

from bot.storage import tables
from bot.storage.tables import Audit

_LONGEST = 120
WATCHED: Mapping[type[SQLModel], tuple[str, ...]] = {
    tables.SupportRequest: (
        "state", "severity", "queue", "intent", "owner", "tags", "stage", "ends_at", "merged_into",
    ),
    tables.Account: ("plan", "time_zone", "language"),
    tables.Channel: ("account_id", "mode", "least_score"),
    tables.QueueChannel: ("channel",),
    tables.OnCall: ("user",),
    tables.Announcement: ("state",),
    tables.IntentMark: ("right", "state"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Doer:
    """Whose transaction it is: as `Audit.actor` and `Audit.source` say it."""

    actor: str = "bot"
    source: str = "clock"
    deed: str = ""
    """What it is called where nothing more exact is said."""


def at_the_shell(deed: str) -> Doer:
    try:
        login = getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        login = "?"
    return Doer(f"shell:{login}", "shell", deed)


Changes = dict[str, tuple[Any, Any]]
"""Column → before and after."""


class Trail:
    """The lines of one transaction; the unit of work writes them before it commits."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._now = now
        self._changed: dict[int, tuple[SQLModel, Changes]] = {}
        self.doer = Doer()

    def watch(self) -> None:
        """See every flush from now on."""
        sa.event.listen(self._session, "before_flush", self._notice)

    def did(
        self,
        deed: str,
        *,
        request_id: int | None = None,
        account_id: int | None = None,
        subject: str = "",
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        """Write a line, with what has changed in that request up to now."""
        self._session.flush()
        noticed: Changes = {}
        if request_id is not None:
            request = self._session.get(tables.SupportRequest, request_id)
            account_id = request.account_id if request else account_id
            noticed = self._changed.pop(id(request), (None, {}))[1]
        was, now = _sides(noticed)
        self._write(
            deed,
            request_id,
            account_id,
            subject,
            {**was, **(before or {})},
            {**now, **(after or {})},
        )

    def close(self) -> None:
        """Write what was changed without a word."""
        self._session.flush()
        for row, changes in list(self._changed.values()):
            was, now = _sides(changes)
            self._write(self.doer.deed or "changed", *_named(row), was, now)
        self._changed.clear()

    def _write(
        self,
        deed: str,
        request_id: int | None,
        account_id: int | None,
        subject: str,
        before: Mapping[str, Any],
        after: Mapping[str, Any],
    ) -> None:
        self._session.add(
            Audit(
                at=self._now,
                actor=self.doer.actor[:100],
                source=self.doer.source,
                deed=deed[:60],
                request_id=request_id,
                account_id=account_id,
                subject=subject[:_LONGEST],
                before=dict(before),
                after=dict(after),
            )
        )

    def _notice(self, session: Session, *_: object) -> None:
        for row in (*session.new, *session.dirty, *session.deleted):
            columns = WATCHED.get(type(row), ())
            found = self._changed.get(id(row), (row, {}))[1]
            for column, (was, now) in _changes(row, columns, gone=row in session.deleted).items():
                first = found[column][0] if column in found else was
                found[column] = first, now
            if found:
                # Holding the row keeps its `id` from being another one's.
                self._changed[id(row)] = row, found


def _changes(row: Any, columns: tuple[str, ...], *, gone: bool) -> Changes:
    state = sa.inspect(row)
    if gone:
        return {column: (_shown(column, getattr(row, column)), None) for column in columns}
    changes = {}
    for column in columns:
        history = state.attrs[column].history
        if history.has_changes():
            was = history.deleted[0] if history.deleted else None
            now = history.added[0] if history.added else None
            if was != now:
                changes[column] = _shown(column, was), _shown(column, now)
    return changes


def _shown(column: str, value: Any) -> Any:
    if column == "tags":
        return len((value or "").split())  # words of staff's own choice, a name perhaps
    return value.isoformat() if isinstance(value, datetime | date) else value


def _sides(changes: Changes) -> tuple[dict[str, Any], dict[str, Any]]:
    """Before and after, without what is empty on its side and without what came back."""
    real = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
    was = {name: old for name, (old, _) in real.items() if old not in (None, "")}
    return was, {name: new for name, (_, new) in real.items() if new not in (None, "")}


def _named(row: SQLModel) -> tuple[int | None, int | None, str]:
    """Request id, account id and subject of a line about a row."""
    match row:
        case tables.SupportRequest():
            return row.id, row.account_id, ""
        case tables.Account():
            return None, row.id, ""
        case tables.Channel():
            return None, row.account_id, f"channel {row.channel}"
        case tables.QueueChannel():
            return None, None, f"queue {row.queue}"
        case tables.OnCall():
            return None, None, f"on-call {row.queue or 'for all queues'}"
        case tables.Announcement():
            return None, None, f"announcement {row.id}"
        case tables.IntentMark():
            return row.request_id, row.account_id, f"mark {row.id}"
        case _:
            raise TypeError(f"{type(row).__name__} is watched but has no name")


def read_trail(
    session: Session,
    *,
    since: datetime | None = None,
    request_id: int | None = None,
    account_id: int | None = None,
    actor: str = "",
    limit: int = 1000,
) -> list[Audit]:
    """The newest `limit` lines that fit, oldest first."""
    query = select(Audit).order_by(col(Audit.id).desc()).limit(limit)
    if since is not None:
        query = query.where(Audit.at >= since)
    if request_id is not None:
        query = query.where(Audit.request_id == request_id)
    if account_id is not None:
        query = query.where(Audit.account_id == account_id)
    if actor:
        query = query.where(Audit.actor == actor)
    return list(reversed(session.exec(query).all()))
