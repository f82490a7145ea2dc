"""The tokens by which we act in the workspaces that installed the app, opened as they are needed.

They are read from the database each time: a token that was refreshed or deleted on one replica is
so on all of them at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from bot.desk.errors import SetupFault
from bot.service.house import Identity
from bot.storage.database import Database
from bot.storage.sealing import TokenKeys, Tokens
from bot.storage.tables import Workspace
from bot.storage.unit_of_work import look


@dataclass(frozen=True, slots=True)
class Access:
    """Who we are in one workspace."""

    team: str
    bot_user: str
    bot: str
    token: str = field(repr=False)
    version: int = 0
    """Of the stored tokens; 0 for a token of the environment."""


class Accesses:
    def __init__(
        self,
        database: Database,
        keys: TokenKeys,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._keys = keys
        self._clock = clock
        self._home: Access | None = None

    def set_home(self, identity: Identity, token: str) -> None:
        """The token of our own workspace stands in the environment."""
        self._home = Access(identity.team, identity.user, identity.bot, token)

    def of(self, team: str) -> Access | None:
        """None where the app is not installed (any more). Raises `SetupFault` for a wrong key."""
        if self._home is not None and team == self._home.team:
            return self._home
        row = self.installed(team)
        if row is None:
            return None
        return Access(row.team, row.bot_user, row.bot, self.tokens(row).bot, row.version)

    def installed(self, team: str) -> Workspace | None:
        """The row of a workspace that has the app."""
        with look(self._database, self._clock()) as uow:
            row = uow.workspaces.get(team)
        return row if row is not None and row.state == "installed" else None

    def tokens(self, row: Workspace) -> Tokens:
        """Raises `SetupFault`."""
        return self._keys.open(row.team, row.sealed)

    def seal(self, team: str, tokens: Tokens) -> str:
        return self._keys.seal(team, tokens)

    def is_home(self, team: str) -> bool:
        """Its token stands in the environment, and no other is kept."""
        return self._home is not None and team == self._home.team

    def check(self) -> list[str]:
        """Open every stored token; returns their workspaces. Raises `SetupFault`."""
        faults: list[str] = []
        found: list[str] = []
        with look(self._database, self._clock()) as uow:
            rows = uow.workspaces.all()
        for row in rows:
            if row.state != "installed":
                continue
            try:
                self.tokens(row)
                found.append(row.team)
            except SetupFault as fault:
                faults += fault.problems
        if faults:
            raise SetupFault(*faults)
        return found
