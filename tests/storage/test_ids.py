"""Ids stand in keys and buttons: the id of what was deleted is never given again, on no engine."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command

from bot.storage import tables, upgrade
from bot.storage.database import Database
from bot.storage.migrations.versions.r0016_audit import NUMBERED
from bot.storage.unit_of_work import work
from tests.storage.rows import NOON, account, incoming, outgoing, put, request, said


def test_the_id_of_a_deleted_request_is_not_given_again(database: Database) -> None:
    customer = account(database)
    with work(database, NOON) as uow:
        last = uow.requests.add(request(customer)).id
    with database.transaction() as session:
        session.execute(sa.delete(tables.SupportRequest))
    with work(database, NOON) as uow:
        assert uow.requests.add(request(customer)).id > last


@pytest.mark.parametrize("made", [incoming, outgoing])
def test_nor_that_of_a_deleted_entry(database: Database, made: type) -> None:
    ids = []
    for key in ("1.0", "2.0"):
        row = made(key)
        put(database, row)
        with database.reading() as session:
            ids.append(session.scalar(sa.select(sa.func.max(type(row).id))))
        with database.transaction() as session:
            session.execute(sa.delete(type(row)))
    assert ids[0] < ids[1]


def test_an_older_database_keeps_its_rows_and_gives_no_id_twice(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/old.db")
    with database.engine.connect() as connection:
        config = upgrade._config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0013")
        connection.commit()
    with database.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO account VALUES (7, 'Ours', 'basic', 'UTC', 'en', '2026-11-18')"
        )
        connection.exec_driver_sql(
            "INSERT INTO cluster VALUES (7, 'prod-1', '2026-11-18 00:00:00.000000')"
        )
    upgrade.upgrade(database)
    with database.transaction() as session:
        assert session.get(tables.Cluster, (7, "prod-1")) is not None
        broken = session.connection().exec_driver_sql("PRAGMA foreign_key_check").all()
        kept = session.connection().exec_driver_sql("PRAGMA foreign_keys").scalar()
        assert (broken, kept) == ([], 1)
        for table in (*NUMBERED, "audit"):
            made = session.connection().exec_driver_sql(
                "SELECT sql FROM sqlite_master WHERE name = ?", (table,)
            )
            assert "AUTOINCREMENT" in str(made.scalar()), table
    with work(database, NOON) as uow:
        uow.requests.add(request(7))
        uow.session.flush()
        uow.requests.add_message(said(1, 7))
    database.close()
