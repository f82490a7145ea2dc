"""Saving arrivals together: on SQLite one commit, one wait for the disk, for all that wait.

Whoever comes first writes for everybody who waits; who comes while it is being written waits for
the next round. Nobody is told that an arrival is saved before its commit.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from bot.fault_points import passing
from bot.storage.database import Database
from bot.storage.received import save_together


@dataclass(eq=False, slots=True)
class _Waiting:
    row: Mapping[str, Any]
    is_written: bool = False
    error: Exception | None = None


class GroupSave:
    """Shared by the threads that take in arrivals."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[_Waiting] = []
        self._lock = threading.Lock()
        self._writing = threading.Lock()

    def save(self, row: Mapping[str, Any]) -> None:
        """Returns once it is committed. Raises `IntegrityError` for one that is there already."""
        if not self._database.embedded:
            # Servers commit side by side, and group by themselves.
            self._write([row])
            return
        mine = _Waiting(row)
        with self._lock:
            self._waiting.append(mine)
        with self._writing:
            if not mine.is_written and mine.error is None:
                self._write_all(mine)
        if mine.error is not None:
            raise mine.error

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
        try:
            self._write([one.row])
            one.is_written = True
        except SQLAlchemyError as error:
            one.error = error

    def _write(self, rows: Sequence[Mapping[str, Any]]) -> None:
        with self._database.statements(urgent=True) as connection:
            save_together(connection, rows)
            passing("intake.saving")
