"""How the bot is: alive (its threads run) and ready (it can save what Slack sends)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from bot.service.house import House
from bot.storage.queues import Queues, Standing

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Health:
    """Asked by whoever watches; each look is one short read of the database."""

    house: House
    threads: Callable[[], dict[str, bool]]
    """Name of each loop → whether it still runs."""
    connections: Callable[[], int]
    """Ways on which Slack reaches us now."""
    versions: dict[str, str] = field(default_factory=dict)
    """Of the schema and of the content."""

    def liveness(self) -> tuple[bool, dict[str, Any]]:
        """Not alive: start the process anew."""
        dead = sorted(name for name, runs in self.threads().items() if not runs)
        return not dead, {"alive": not dead, "ended": dead}

    def readiness(self) -> tuple[bool, dict[str, Any]]:
        """Not ready: what comes in cannot be saved, or nothing can come in.

        Messages that wait are told but do not count: another process would not send them sooner.
        """
        connections = self.connections()
        told: dict[str, Any] = {"connections": connections, **self._versions()}
        try:
            standings = self._standings()
        except SQLAlchemyError as error:
            return False, {"ready": False, "database": type(error).__name__, **told}
        now = self.house.clock()
        ready = connections > 0
        told |= {
            "ready": ready,
            "database": "ok",
            "oldest_unhandled_seconds": _age(standings["inbox"], now),
            "oldest_unsent_seconds": _age(standings["outbox"], now),
            "waiting": {name: one.waiting for name, one in standings.items()},
            "given_up": {name: one.dead for name, one in standings.items()},
        }
        return ready, told

    def gauges(self) -> dict[str, dict[str, float]]:
        """For the metrics; without the queues while the database is away."""
        found: dict[str, dict[str, float]] = {
            "supportbot_connections": {"slack": float(self.connections())},
            "supportbot_threads_running": {
                name: float(runs) for name, runs in self.threads().items()
            },
            "supportbot_version": {f"{what}:{one}": 1.0 for what, one in self._versions().items()},
        }
        try:
            standings = self._standings()
        except SQLAlchemyError as error:
            log.warning("the queues cannot be looked at: %s", type(error).__name__)
            return {**found, "supportbot_database_up": {"database": 0.0}}
        now = self.house.clock()
        return {
            **found,
            "supportbot_database_up": {"database": 1.0},
            "supportbot_waiting": {n: float(one.waiting) for n, one in standings.items()},
            "supportbot_given_up": {n: float(one.dead) for n, one in standings.items()},
            "supportbot_oldest_seconds": {n: _age(one, now) for n, one in standings.items()},
        }

    def _versions(self) -> dict[str, str]:
        """With the documentation's, which a running process swaps."""
        return {**self.versions, "documents": str(self.house.answers.version)}

    def _standings(self) -> dict[str, Standing]:
        with self.house.database.reading() as session:
            return Queues(session, self.house.clock()).standings()


def _age(standing: Standing, now: datetime) -> float:
    if standing.oldest is None:
        return 0.0
    return round(max(0.0, (now - standing.oldest).total_seconds()), 3)
