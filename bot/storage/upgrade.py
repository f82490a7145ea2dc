"""Running the migrations (the only place that imports alembic: it is slow to load)."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from bot.desk.errors import SetupFault
from bot.storage.database import Database, shown
from bot.storage.revision import HEAD

_MIGRATIONS = Path(__file__).parent / "migrations"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config


def refuse_newer(database: Database) -> None:
    """Raise `SetupFault` when a newer supportbot has migrated the database."""
    found = database.revision()
    known = ScriptDirectory.from_config(_config()).walk_revisions()
    if found is not None and found not in {script.revision for script in known}:
        raise SetupFault(
            f"the database {shown(database.url)} has revision {found}, which is newer than this"
            f" supportbot ({HEAD}): start the newer version, or restore a backup"
        )


def upgrade(database: Database) -> None:
    """Bring the schema to `HEAD`. Raises `SetupFault` for a database that is beyond it."""
    refuse_newer(database)
    config = _config()
    with database.engine.connect() as connection:
        if database.embedded:
            _make_ready_for_rebuilding(connection)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()
        if database.embedded:
            connection.exec_driver_sql("ROLLBACK")  # a pragma has no effect in a transaction
            connection.exec_driver_sql("PRAGMA foreign_keys = ON")


def _make_ready_for_rebuilding(connection: sa.Connection) -> None:
    """SQLite changes a table by copying it: no row may miss the old one, and all or nothing.

    Its driver begins no transactions by itself here (see `database`).
    """
    raw = connection.connection.dbapi_connection
    assert raw is not None
    raw.cursor().execute("PRAGMA foreign_keys = OFF")
    sa.event.listen(connection, "begin", lambda it: it.exec_driver_sql("BEGIN IMMEDIATE"))
