"""What the command line does with workspaces that installed the app, and with the keys.

It may run beside a bot: tokens that the bot refreshes meanwhile are not put back.
"""

from __future__ import annotations

from typing import Any

from bot.desk.errors import SetupFault
from bot.settings import Settings
from bot.storage.database import Database, utc_now
from bot.storage.revision import require_current
from bot.storage.sealing import TokenKeys
from bot.storage.unit_of_work import look, work

_ROUNDS = 5
"""A row that changes under our hands is read again; nobody refreshes it that often."""


class Installs:
    """Opens the database once."""

    def __init__(self, settings: Settings) -> None:
        self._keys = settings.token_keys
        self._database = Database(settings.database_url)
        require_current(self._database)

    def listed(self) -> list[dict[str, Any]]:
        with look(self._database, utc_now()) as uow:
            rows = uow.workspaces.all()
            return [
                {
                    "workspace": row.team,
                    "name": row.name,
                    "state": row.state,
                    "installed": f"{row.installed_at:%Y-%m-%d %H:%M}",
                    "token ends": f"{row.expires_at:%Y-%m-%d %H:%M}" if row.expires_at else "",
                    "trouble": row.refresh_error,
                }
                for row in rows
            ]

    def rotate_keys(self) -> str:
        """Seal every token with the first key. Raises `SetupFault` and changes nothing then."""
        keys = TokenKeys(self._keys)
        for _ in range(_ROUNDS):
            with look(self._database, utc_now()) as uow:
                rows = [row for row in uow.workspaces.all() if row.state == "installed"]
            sealed = [(row, keys.seal(row.team, keys.open(row.team, row.sealed))) for row in rows]
            with work(self._database, utc_now()) as uow:
                done = [uow.workspaces.resealed(row, text) for row, text in sealed]
            if all(done):
                return (
                    f"the tokens of {len(rows)} workspaces are sealed with the first key; further"
                    " ones may go from SUPPORTBOT_TOKEN_KEYS once every bot has the first"
                )
        raise SetupFault("the tokens change all the time: run it once more")
