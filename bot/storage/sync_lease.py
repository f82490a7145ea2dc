"""Who imports documentation just now: one at a time, and a killed one does not block for long.

The holder renews its lease while it works. Every transaction in which it writes begins with
`renew`, so a holder that lost the lease cannot write any more.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from bot.storage.database import Database
from bot.storage.tables import KbSync
from bot.storage.unit_of_work import UnitOfWork

LEASE = timedelta(seconds=30)
"""The holder renews it three times within; a killed process of another host blocks that long."""
_ROW = 1


class SyncRunning(Exception):
    """Somebody else holds the lease."""

    def __init__(self, host: str, pid: int, started_at: datetime, until: datetime) -> None:
        super().__init__(f"{host} process {pid}")
        self.host = host
        self.pid = pid
        self.started_at = started_at
        self.until = until


class SyncTakenOver(Exception):
    """The lease was over and another sync has it: nothing of ours may be written any more."""


class SyncLease:
    """The right to import, from `take` to `release`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._holder = secrets.token_hex(16)

    def take(self, now: datetime) -> None:
        """Raises `SyncRunning`."""
        self._make_row()
        with self._database.transaction() as session:
            row = session.get(KbSync, _ROW)
            assert row is not None
            until = row.lease_until or now
            if row.holder and until > now and not _is_gone(row.host, row.pid):
                raise SyncRunning(row.host, row.pid, row.started_at or now, until)
            seen = row.holder
            session.expunge(row)
            taken = session.execute(
                sa.update(KbSync)
                .where(col(KbSync.id) == _ROW, col(KbSync.holder) == seen)
                .values(
                    holder=self._holder,
                    host=_host(),
                    pid=os.getpid(),
                    started_at=now,
                    lease_until=now + LEASE,
                )
            )
            if taken.rowcount != 1:  # type: ignore[attr-defined]
                raise SyncRunning("", 0, now, now + LEASE)

    def renew(self, uow: UnitOfWork, now: datetime) -> None:
        """Within the caller's transaction. Raises `SyncTakenOver`."""
        self._ours(uow, lease_until=now + LEASE)

    def release(self, uow: UnitOfWork, now: datetime, report: dict[str, Any]) -> None:
        """Keep how it went and let the next one in. Raises `SyncTakenOver`."""
        self._ours(uow, holder="", lease_until=now, finished_at=now, report=report)

    def abandon(self, uow: UnitOfWork) -> None:
        """Let the next one in at once after a failure; nothing when the lease was lost."""
        uow.session.execute(
            sa.update(KbSync)
            .where(col(KbSync.id) == _ROW, col(KbSync.holder) == self._holder)
            .values(holder="")
        )

    def _ours(self, uow: UnitOfWork, **values: Any) -> None:
        changed = uow.session.execute(
            sa.update(KbSync)
            .where(col(KbSync.id) == _ROW, col(KbSync.holder) == self._holder)
            .values(**values)
        )
        if changed.rowcount != 1:  # type: ignore[attr-defined]
            raise SyncTakenOver("another sync has the lease")

    def _make_row(self) -> None:
        with self._database.reading() as session:
            if session.get(KbSync, _ROW) is not None:
                return
        # Another process may make it at the same moment.
        with contextlib.suppress(IntegrityError), self._database.transaction() as session:
            session.add(KbSync(id=_ROW))


def last_sync(uow: UnitOfWork) -> KbSync | None:
    return uow.session.get(KbSync, _ROW)


def _is_gone(host: str, pid: int) -> bool:
    """The holder was a process of this machine that is no more; elsewhere only time can tell."""
    if host != _host():
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except OSError:  # it lives and belongs to somebody else
        return False
    return False


def _host() -> str:
    return socket.gethostname()[:200]
