"""Opening the database: engine, transactions, and what is wrong when it cannot be opened."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlmodel import Session

from bot.desk.errors import SetupFault

SQLITE_WAIT_MS = 15_000
"""How long a writer of another process may hold SQLite before we give up."""
_DRIVERS = {
    "postgresql+psycopg": "pip install 'supportbot[postgresql]'",
    "mysql+pymysql": "pip install 'supportbot[mysql]'",
}


class Turns:
    """A lock with two doors: who is urgent goes before everybody who is not."""

    def __init__(self) -> None:
        self._free = threading.Condition()
        self._is_taken = False
        self._urgent = 0

    @contextmanager
    def taken(self, urgent: bool) -> Iterator[None]:
        with self._free:
            self._urgent += urgent
            try:
                self._free.wait_for(lambda: not self._is_taken and (urgent or not self._urgent))
            finally:
                self._urgent -= urgent
            self._is_taken = True
        try:
            yield
        finally:
            with self._free:
                self._is_taken = False
                self._free.notify_all()


class Database:
    """One engine and its transactions.

    SQLite has one writer at a time. Waiting for it inside SQLite is a sleep loop that starves
    somebody, so writers of this process queue on a lock and start with BEGIN IMMEDIATE (a read
    that turns into a write is refused without waiting).
    """

    def __init__(self, url: str) -> None:
        self.url = _checked_url(url)
        self.embedded = self.url.get_backend_name() == "sqlite"
        self._writer = Turns() if self.embedded else None
        self.engine = self._engine()

    @contextmanager
    def transaction(self, *, urgent: bool = False) -> Iterator[Session]:
        """A session that commits at the end and rolls back on any error.

        `urgent` goes before all other writers of SQLite: Slack waits for an acknowledgement.
        """
        if self._writer is None:
            with Session(self.engine, expire_on_commit=False) as session, session.begin():
                yield session
            return
        new = Session(self.engine, expire_on_commit=False)
        with self._writer.taken(urgent), new as session, session.begin():
            session.connection().exec_driver_sql("BEGIN IMMEDIATE")
            yield session

    @contextmanager
    def statements(self, *, urgent: bool = False) -> Iterator[sa.Connection]:
        """As `transaction`, for plain statements: without objects it costs a quarter."""
        turn = self._writer.taken(urgent) if self._writer else nullcontext()
        with turn, self.engine.connect() as connection, connection.begin():
            if self.embedded:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection

    def look_up(
        self, query: sa.Select[Any] | sa.CompoundSelect[Any], values: Mapping[str, Any]
    ) -> Sequence[sa.Row[Any]]:
        """The rows of one query, as plain values."""
        with self.engine.connect() as connection:
            return connection.execute(query, values).all()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for looking only: nothing is committed."""
        with Session(self.engine, expire_on_commit=False) as session:
            if self.embedded:
                # Without it every statement is a transaction of its own, and a slip would commit.
                session.connection().exec_driver_sql("BEGIN")
            yield session

    def close(self) -> None:
        self.engine.dispose()

    def revision(self) -> str | None:
        """The schema's revision, None for an empty database."""
        try:
            with self.engine.connect() as connection:
                if not sa.inspect(connection).has_table("alembic_version"):
                    return None
                row = connection.exec_driver_sql("SELECT version_num FROM alembic_version").first()
        except sa.exc.DatabaseError as error:
            raise SetupFault(_unreachable(self.url, error)) from error
        return str(row[0]) if row else None

    def _engine(self) -> sa.Engine:
        if not self.embedded:
            try:
                return sa.create_engine(
                    self.url,
                    pool_size=20,
                    max_overflow=20,
                    pool_pre_ping=True,
                    # Two replicas that wait for each other's row see the newest committed one.
                    isolation_level="READ COMMITTED",
                )
            except ModuleNotFoundError as error:
                mend = _DRIVERS.get(self.url.drivername, f"install {error.name}")
                raise SetupFault(f"no driver for {shown(self.url)}: {mend}") from error
        folder = Path(self.url.database or "").parent
        if not folder.is_dir():
            raise SetupFault(f"SUPPORTBOT_DATABASE_URL: the folder {folder} does not exist")
        engine = sa.create_engine(self.url, pool_size=20, max_overflow=20)
        sa.event.listen(engine, "connect", _prepare_sqlite)
        return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # Transactions are opened by `transaction` itself, not by the driver before the first write.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {SQLITE_WAIT_MS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    # FULL: a commit that was acknowledged to Slack survives a power cut.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _checked_url(url: str) -> sa.URL:
    try:
        parsed = make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        raise SetupFault(
            "SUPPORTBOT_DATABASE_URL is not a database address; write for example"
            " sqlite:///supportbot.db or postgresql+psycopg://user@host/name"
        ) from None
    if parsed.get_backend_name() not in ("sqlite", "postgresql", "mysql", "mariadb"):
        raise SetupFault(
            f"SUPPORTBOT_DATABASE_URL: {parsed.get_backend_name()} is not supported; use sqlite,"
            " postgresql+psycopg or mysql+pymysql"
        )
    if parsed.get_backend_name() == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise SetupFault(
            "SUPPORTBOT_DATABASE_URL: a database in memory keeps nothing; name a file, for example"
            " sqlite:///supportbot.db"
        )
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername in ("mysql", "mariadb"):
        parsed = parsed.set(drivername="mysql+pymysql")
    if parsed.get_backend_name() == "mysql" and "charset" not in parsed.query:
        parsed = parsed.update_query_dict({"charset": "utf8mb4"})
    return parsed


def shown(url: sa.URL) -> str:
    """The address without its password."""
    return url.render_as_string(hide_password=True)


def _unreachable(url: sa.URL, error: sa.exc.DatabaseError) -> str:
    reason = str(error.orig).strip().splitlines()[0] if error.orig else "no reason given"
    return (
        f"the database {shown(url)} cannot be opened ({reason}): is it running, and is"
        " SUPPORTBOT_DATABASE_URL right?"
    )


def utc_now() -> datetime:
    return datetime.now(UTC)
