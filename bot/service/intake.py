"""Saving what came in, before Slack is told that we have it. Nothing here talks to Slack."""

from __future__ import annotations

import logging
import time

from sqlalchemy.exc import IntegrityError

from bot.desk.arrivals import Arrival, MessagePosted
from bot.service.house import House
from bot.storage.unit_of_work import inbox_row

log = logging.getLogger(__name__)


class Intake:
    """The door: one transaction per arrival, duplicates recognised by the inbox's unique keys."""

    def __init__(self, house: House) -> None:
        self._house = house

    def save(self, arrival: Arrival, event_key: str) -> bool:
        """True when it is new. Raises whatever the database raises: Slack then delivers again.

        `event_key` is Slack's event id, or what identifies a press, a form or a swept message.
        The same message under two event ids (as `message` and as `app_mention`) is one.
        """
        started = time.perf_counter()
        message_key = None
        lane = arrival.user
        if hasattr(arrival, "channel") and arrival.channel:
            lane = arrival.channel
        if isinstance(arrival, MessagePosted):
            message_key = f"{arrival.channel}:{arrival.ts}"
        row = inbox_row(arrival, event_key[:255], lane, self._house.clock(), message_key)
        try:
            with self._house.database.transaction() as session:
                session.add(row)
        except IntegrityError:
            log.info("inbox duplicate kind=%s key=%s", row.kind, event_key)
            return False
        self._house.arrived.ring()
        milliseconds = (time.perf_counter() - started) * 1000
        log.info("inbox saved id=%s kind=%s ms=%.1f", row.id, row.kind, milliseconds)
        return True
