"""The same suite over every database: each test gets an empty one with the current schema."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from bot.storage.database import Database
from bot.storage.upgrade import upgrade

SERVERS = {
    "postgresql": "postgresql+psycopg://postgres@127.0.0.1:5432/postgres",
    "mariadb": "mysql+pymysql://root@127.0.0.1:3306/mysql",
}
ENGINES = ("sqlite", *SERVERS)


@contextmanager
def own_database(engine: str, folder: Path) -> Iterator[str]:
    """The address of a fresh, empty database that is dropped in the end."""
    name = f"supportbot_{secrets.token_hex(6)}"
    if engine == "sqlite":
        yield f"sqlite:///{folder / name}.db"
        return
    address = sa.make_url(SERVERS[engine])
    server = sa.create_engine(
        address, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 3}
    )
    # A server whose own default cannot hold an emoji: our tables have to say what they need.
    options = " CHARACTER SET latin1" if engine == "mariadb" else ""
    try:
        with server.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}{options}")
    except sa.exc.OperationalError:
        server.dispose()
        pytest.skip(f"{engine} is not reachable at {address.host}:{address.port}: not tested")
    try:
        yield address.set(database=name).render_as_string(hide_password=False)
    finally:
        with server.connect() as connection:
            force = " WITH (FORCE)" if engine == "postgresql" else ""
            connection.exec_driver_sql(f"DROP DATABASE {name}{force}")
        server.dispose()


@pytest.fixture(scope="session", params=ENGINES)
def migrated(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    with own_database(request.param, tmp_path_factory.mktemp("database")) as url:
        database = Database(url)
        upgrade(database)
        yield database
        database.close()


@pytest.fixture
def database(migrated: Database) -> Iterator[Database]:
    yield migrated
    with migrated.transaction() as session:
        for table in reversed(SQLModel.metadata.sorted_tables):
            session.execute(table.delete())


@pytest.fixture(params=ENGINES)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without any table."""
    with own_database(request.param, tmp_path) as url:
        yield url
