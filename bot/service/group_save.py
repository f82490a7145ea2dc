"""Saving arrivals together: on SQLite one commit, one wait for the disk, for all that wait.

Whoever comes first writes for everybody who waits; who comes while it is being written waits for
the next round. Nobody is told that an arrival is saved before its commit.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from bot.fault_points import passing
from bot.storage.database import Database
from bot.storage.tables import Inbox


@dataclass(eq=False, slots=True)
class _Waiting:
    row: Inbox
    is_written: bool = False
    error: Exception | None = None


class GroupSave:
    """Shared by the threads that take in arrivals."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[_Waiting] = []
        self._lock = threading.Lock()
        self._writing = threading.Lock()

    def save(self, row: Inbox) -> int:
        """Its id, once it is committed. Raises `IntegrityError` for one that is there already."""
        if not self._database.embedded:
            # Servers commit side by side, and group by themselves.
            self._write([row])
            return row.id or 0
        mine = _Waiting(row)
        with self._lock:
            self._waiting.append(mine)
        with self._writing:
            if not mine.is_written and mine.error is None:
                self._write_all(mine)
        if mine.error is not None:
            raise mine.error
        return mine.row.id or 0

    def _write_all(self, mine: _Waiting) -> None:
        with self._lock:
            together, self._waiting = self._waiting, []
        if mine not in together:
            # Whoever took it along broke off without an outcome.
            together.append(mine)
        try:
            self._write([one.row for one in together])
        except IntegrityError:
            # One of them is there already: each for itself.
            for one in together:
                self._write_one(one)
        except SQLAlchemyError as error:
            for one in together:
                one.error = error
        else:
            for one in together:
                one.is_written = True

    def _write_one(self, one: _Waiting) -> None:
        one.row = Inbox(**one.row.model_dump(exclude={"id"}))
        try:
            self._write([one.row])
            one.is_written = True
        except SQLAlchemyError as error:
            one.error = error

    def _write(self, rows: list[Inbox]) -> None:
        with self._database.transaction(urgent=True) as session:
            session.add_all(rows)
            session.flush()
            passing("intake.saving")
