"""What is to be done later: one row per thing and subject, moved or dropped as things change.

A row waits for its moment, is taken by one UPDATE that names the fence it saw (so any number of
replicas may look), and is done in the same commit as everything it caused.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from bot.storage.tables import Reminder

_CANDIDATES = 16
"""Rows looked at for one claim; others may be taken by somebody else between look and claim."""


@dataclass(frozen=True, slots=True)
class DueReminder:
    """One reminder as it was found; `about` is what it concerns within its kind."""

    id: int
    kind: str
    about: str
    request_id: int | None
    payload: Mapping[str, Any]
    due_at: datetime
    attempts: int
    fence: int


_FOUND = [getattr(Reminder, column.name) for column in fields(DueReminder)]


class Reminders:
    """The reminders of one transaction."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._now = now

    def remind(
        self,
        kind: str,
        at: datetime,
        *,
        request_id: int | None = None,
        about: str = "",
        payload: Mapping[str, Any] | None = None,
    ) -> None:
        """Have `kind` done at `at` (aware); the one of the same kind and subject is moved there.

        The subject is the request, or `about` for anything else (or several a request).
        """
        about = about or _about(request_id)
        values: dict[str, Any] = {
            "due_at": at,
            "payload": dict(payload or {}),
            "request_id": request_id,
        }
        if self._change(kind, about, state="waiting", attempts=0, error="", **values) == 0:
            self._session.add(
                Reminder(kind=kind, about=about, state="waiting", created_at=self._now, **values)
            )
            self._session.flush()

    def forget(self, kind: str, *, request_id: int | None = None, about: str = "") -> None:
        """It need not be done any more. What was never to be done is forgotten in peace."""
        drop = sa.update(Reminder).where(
            col(Reminder.kind) == kind,
            col(Reminder.about) == (about or _about(request_id)),
            col(Reminder.state) == "waiting",
        )
        self._update(drop, {"state": "dropped"})

    def forget_request(self, request_id: int, kinds: Collection[str] = ()) -> None:
        """Drop a request's waiting reminders: those of `kinds`, or all of them."""
        drop = sa.update(Reminder).where(
            col(Reminder.request_id) == request_id, col(Reminder.state) == "waiting"
        )
        if kinds:
            drop = drop.where(col(Reminder.kind).in_(list(kinds)))
        self._update(drop, {"state": "dropped"})

    def waits(
        self, kind: str, *, request_id: int | None = None, about: str = ""
    ) -> datetime | None:
        """When it will be done, or None."""
        row = self._session.execute(
            sa.select(col(Reminder.due_at)).where(
                col(Reminder.kind) == kind,
                col(Reminder.about) == (about or _about(request_id)),
                col(Reminder.state) == "waiting",
            )
        ).first()
        return row[0] if row else None

    def note(self, kind: str, *, about: str) -> Mapping[str, Any] | None:
        """The payload of a reminder that waits, or None."""
        row = self._session.execute(
            sa.select(col(Reminder.payload)).where(
                col(Reminder.kind) == kind,
                col(Reminder.about) == about,
                col(Reminder.state) == "waiting",
            )
        ).first()
        return row[0] if row else None

    # --- for the timekeeper -------------------------------------------------------------------

    def due(self) -> list[DueReminder]:
        """What should be done by now, the longest overdue first."""
        rows = self._session.execute(
            sa.select(*_FOUND)
            .where(col(Reminder.state) == "waiting", col(Reminder.due_at) <= self._now)
            .order_by(col(Reminder.due_at), col(Reminder.id))
            .limit(_CANDIDATES)
        )
        return [DueReminder(*row) for row in rows]

    def take(self, reminder: DueReminder) -> bool:
        """Mark it as done in the caller's transaction; False when somebody else was first."""
        return self._swap(reminder, state="done", done_at=self._now, error="")

    def put_off(self, reminder: DueReminder, until: datetime, error: str) -> bool:
        """It went wrong: once more at `until`."""
        return self._swap(
            reminder, due_at=until, attempts=reminder.attempts + 1, error=error, state="waiting"
        )

    def give_up(self, reminder: DueReminder, error: str) -> bool:
        return self._swap(reminder, state="dead", done_at=self._now, error=error)

    def _swap(self, reminder: DueReminder, **values: Any) -> bool:
        found = sa.update(Reminder).where(
            col(Reminder.id) == reminder.id,
            col(Reminder.fence) == reminder.fence,
            col(Reminder.state) == "waiting",
        )
        return self._update(found, values) == 1

    def _change(self, kind: str, about: str, **values: Any) -> int:
        return self._update(
            sa.update(Reminder).where(col(Reminder.kind) == kind, col(Reminder.about) == about),
            values,
        )

    def _update(self, change: sa.Update, values: Mapping[str, Any]) -> int:
        result: sa.CursorResult[Any] = self._session.execute(  # type: ignore[assignment]
            change.values(fence=Reminder.fence + 1, **values)
        )
        return result.rowcount


def _about(request_id: int | None) -> str:
    if request_id is None:
        raise ValueError("a reminder concerns a request or says what else it is about")
    return f"request:{request_id}"
