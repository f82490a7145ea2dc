"""Which schema this code is written for, and making sure that the database has it."""

from __future__ import annotations

from bot.desk.errors import SetupFault
from bot.storage.database import Database, shown

HEAD = "0018"
"""The newest file of `migrations/versions`."""


def require_current(database: Database) -> None:
    """Migrate an embedded database; on a server, refuse to start on another revision.

    Raises `SetupFault` with the mend.
    """
    found = database.revision()
    if found == HEAD:
        return
    # Alembic is slow to load and seldom needed.
    from bot.storage.upgrade import refuse_newer, upgrade

    refuse_newer(database)
    if not database.embedded:
        raise SetupFault(
            f"the database {shown(database.url)} has revision {found or 'none'}, this supportbot"
            f" needs {HEAD}: run `supportbot db upgrade`"
        )
    upgrade(database)
