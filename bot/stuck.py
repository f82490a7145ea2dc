"""`supportbot stuck`: what waits and why, beside a bot that may be running."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from bot.desk.errors import SetupFault
from bot.settings import Settings
from bot.storage.database import Database, utc_now
from bot.storage.queues import Entry, Queues
from bot.storage.revision import require_current
from bot.storage.trail import at_the_shell
from bot.storage.unit_of_work import work

_SOON = timedelta(seconds=30)
"""What is younger and had no trouble is simply under way."""
_MOST = 500


class Stuck:
    """Opens the database once; every method is one transaction."""

    def __init__(self, settings: Settings) -> None:
        self._database = Database(settings.database_url)
        require_current(self._database)

    def listed(self) -> list[dict[str, Any]]:
        """Entries in trouble, oldest first."""
        now = utc_now()
        with self._database.reading() as session:
            entries = Queues(session, now).waiting(_MOST)
        return [_shown(entry, now) for entry in entries if _in_trouble(entry, now)]

    def retry(self, name: str) -> str:
        """Raises `SetupFault` when there is nothing of that name to try again."""
        with self._noted("stuck retry", name) as queues:
            if not queues.retry(name):
                raise SetupFault(_unknown(name))
        return f"{name} is tried again at once by the running bot"

    def give_up(self, name: str) -> str:
        """Raises as `retry`."""
        with self._noted("stuck give-up", name) as queues:
            if not queues.give_up(name, "given up by hand"):
                raise SetupFault(_unknown(name))
        return f"{name} is given up; what waited behind it goes on"

    @contextmanager
    def _noted(self, deed: str, name: str) -> Iterator[Queues]:
        """One transaction, with a line in the audit trail."""
        with work(self._database, utc_now(), at_the_shell(deed)) as uow:
            yield Queues(uow.session, uow.now)
            uow.trail.did(deed, subject=name)


def _in_trouble(entry: Entry, now: datetime) -> bool:
    return bool(entry.state == "dead" or entry.error or now - entry.since > _SOON)


def _shown(entry: Entry, now: datetime) -> dict[str, Any]:
    return {
        "id": entry.id,
        "what": entry.what,
        "lane": entry.lane,
        "state": entry.state,
        "waits_s": round((now - entry.since).total_seconds()),
        "attempts": entry.attempts,
        "why": _why(entry, now),
    }


def _why(entry: Entry, now: datetime) -> str:
    """Why it is not done: its error, what stands before it, whom it is with, when it is due."""
    if entry.state == "dead":
        return f"given up: {entry.error}"
    if entry.behind:
        return f"waits for {entry.behind}, which is before it"
    ahead = round((entry.next_try - now).total_seconds())
    if entry.state in ("claimed", "sending"):
        when = f"{ahead} s more" if ahead > 0 else "its process is gone; it is due"
        return f"in hand, {when}"
    reasons = [entry.error] if entry.error else []
    if entry.state == "unknown":
        reasons.append("perhaps posted: looked for before it is repeated")
    reasons.append(f"next try in {ahead} s" if ahead > 0 else "due: is the bot running?")
    return "; ".join(reasons)


def _unknown(name: str) -> str:
    return f"{name} is no entry that waits: `supportbot stuck` lists them"
