"""`supportbot accounts forget`: a customer's rows are counted, then deleted; the trail stays."""

from __future__ import annotations

from collections import Counter

from sqlalchemy.exc import IntegrityError

from bot.desk.errors import SetupFault
from bot.storage.belongings import Scope, scope_of
from bot.storage.database import Database, utc_now
from bot.storage.forgetting import begin, counted, end, steps
from bot.storage.revision import require_current
from bot.storage.trail import at_the_shell
from bot.storage.unit_of_work import UnitOfWork, look, work

_ROUNDS = 6
"""The last one finds nothing: what a handler had in hand when they were cut off came in between."""


class Forgetting:
    """Finds the account. Raises `SetupFault` for a name that is nobody's."""

    def __init__(self, database: Database, staff_channel: str, written: str) -> None:
        require_current(database)
        self._database = database
        self._staff_channel = staff_channel
        with look(self._database, utc_now()) as uow:
            account = uow.accounts.by_name(written)
            if account is None and written.isdecimal():
                account = uow.accounts.get(int(written))
            if account is None or account.id is None:
                raise SetupFault(f"there is no account {written!r}: see `accounts list`")
            self.name = account.name
            self._id = account.id

    def counts(self) -> Counter[str]:
        """Rows by table that would go. Changes nothing."""
        with look(self._database, utc_now()) as uow:
            return counted(uow, self._scope(uow))

    def run(self) -> Counter[str]:
        """Forget them, in short transactions; broken off, it can be run again. Returns counts."""
        doer = at_the_shell("accounts forget")
        with work(self._database, utc_now(), doer) as uow:
            scope = self._scope(uow)
            counts = Counter(channel=begin(uow, scope))
        for _ in range(_ROUNDS):
            if self._round(scope, counts):
                continue
            try:
                with work(self._database, utc_now(), doer) as uow:
                    end(uow, scope, {**counts, "account": 1})
            except IntegrityError:
                continue  # something of theirs was just being written
            counts["account"] = 1
            return counts
        raise SetupFault(
            f"something of {self.name} is still being written: run it again, with the bot stopped"
        )

    def _round(self, scope: Scope, counts: Counter[str]) -> bool:
        """Whether there was anything."""
        before = counts.total()
        for name, step in steps(scope):
            done: int | None = 0
            while done is not None:
                counts[name] += done
                with work(self._database, utc_now()) as uow:
                    done = step(uow)
        return counts.total() > before

    def _scope(self, uow: UnitOfWork) -> Scope:
        """Staff are whoever acted in a staff channel, of now or of any request."""
        channels = {self._staff_channel, *uow.accounts.queue_channels().values()}
        channels |= uow.requests.staff_channels()
        return scope_of(uow, self._id, channels - {""})
