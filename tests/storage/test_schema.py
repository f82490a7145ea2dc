from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlmodel import SQLModel

from bot.desk.errors import SetupFault
from bot.storage import upgrade as migrations
from bot.storage.database import Database
from bot.storage.revision import HEAD, require_current


def set_revision(database: Database, revision: str) -> None:
    with database.transaction() as session:
        session.execute(
            sa.text("UPDATE alembic_version SET version_num = :found"), {"found": revision}
        )


def test_the_migrations_make_exactly_the_tables_of_the_code(migrated: Database) -> None:
    with migrated.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_the_code_is_written_for_the_newest_migration(migrated: Database) -> None:
    assert migrated.revision() == HEAD


def test_migrating_twice_changes_nothing(migrated: Database) -> None:
    migrations.upgrade(migrated)
    assert migrated.revision() == HEAD


def test_an_empty_database_is_brought_up_by_hand_on_a_server_and_by_itself_when_embedded(
    empty_url: str,
) -> None:
    database = Database(empty_url)
    try:
        assert database.revision() is None
        if database.embedded:
            require_current(database)
        else:
            with pytest.raises(SetupFault, match=r"has revision none.*run `supportbot db upgrade`"):
                require_current(database)
            migrations.upgrade(database)
        assert database.revision() == HEAD
        require_current(database)
    finally:
        database.close()


def test_a_database_of_a_newer_version_is_left_alone(empty_url: str) -> None:
    database = Database(empty_url)
    try:
        migrations.upgrade(database)
        set_revision(database, "9999")
        for step in (require_current, migrations.upgrade):
            with pytest.raises(SetupFault, match=r"revision 9999, which is newer.*newer version"):
                step(database)
        assert database.revision() == "9999"
    finally:
        database.close()


@pytest.mark.parametrize(
    "address",
    ["postgresql+psycopg://bot:{}@127.0.0.1:1/desk", "mysql+pymysql://bot:{}@127.0.0.1:1/desk"],
)
def test_an_unreachable_database_is_named_without_its_password(address: str) -> None:
    password = "pass" + "phrase"
    database = Database(address.format(password))
    with pytest.raises(SetupFault, match=r"127\.0\.0\.1:1/desk.* cannot be opened") as fault:
        require_current(database)
    assert password not in str(fault.value)
    assert "SUPPORTBOT_DATABASE_URL" in str(fault.value)


@pytest.mark.parametrize(
    ("url", "mend"),
    [
        ("nonsense", "is not a database address"),
        ("postgresql://host:port/name", "is not a database address"),
        ("oracle://somewhere/x", "oracle is not supported; use sqlite"),
        ("mysql+mysqldb://root@127.0.0.1/x", "install MySQLdb"),
        ("sqlite://", "keeps nothing"),
        ("sqlite:///:memory:", "keeps nothing"),
        ("sqlite:////no/such/folder/desk.db", "the folder /no/such/folder does not exist"),
    ],
)
def test_an_address_that_cannot_work_says_what_to_write(url: str, mend: str) -> None:
    with pytest.raises(SetupFault, match=mend):
        Database(url)


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    file = tmp_path / "notes.db"
    file.write_text("this is a shopping list and no database\n" * 50, encoding="utf-8")
    database = Database(f"sqlite:///{file}")
    with pytest.raises(SetupFault, match=r"notes\.db cannot be opened.*not a database"):
        require_current(database)


@pytest.mark.parametrize(
    ("written", "driver"),
    [("postgresql://h/x", "postgresql+psycopg"), ("mysql://h/x", "mysql+pymysql")],
)
def test_an_address_without_a_driver_gets_ours(written: str, driver: str) -> None:
    database = Database(written)
    assert database.url.drivername == driver
    database.close()
