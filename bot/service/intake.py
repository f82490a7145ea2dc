"""Saving what came in, before Slack is told that we have it. Nothing here talks to Slack."""

from __future__ import annotations

import logging
import time
from dataclasses import replace

from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from bot.desk.arrivals import (
    Arrival,
    ChannelIdChanged,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    OwnMessageSeen,
)
from bot.desk.redaction import without_secrets
from bot.fault_points import passing
from bot.service.group_save import GroupSave
from bot.service.house import House
from bot.service.second_copies import settle_copies
from bot.storage.received import Seen, delete_key, edit_key, inbox_values, seen_before
from bot.storage.unit_of_work import look, work

log = logging.getLogger(__name__)


class Intake:
    """The door: one transaction per arrival, duplicates recognised by the inbox's unique keys."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._group = GroupSave(house.database)

    def save(self, arrival: Arrival, event_key: str) -> bool:
        """True when it is new. Raises whatever the database raises: Slack then delivers again.

        `event_key` is Slack's event id, or what identifies a press, a form or a swept message.
        The same message under two event ids (as `message` and as `app_mention`) is one.
        """
        started = time.perf_counter()
        self._house.rush.note()
        arrival = without_secrets(arrival)
        if isinstance(arrival, MessagePosted | MessageEdited | MessageDeleted):
            seen = self._seen(arrival)
            if seen.moved_to:
                # Under another name it would be another message.
                arrival = replace(arrival, channel=seen.moved_to)
                seen = self._seen(arrival)
            if seen.is_known:
                # A mention comes twice by design: that needs no failing INSERT.
                log.info("inbox duplicate message")
                return self._counted(arrival, "duplicate")
        lane = arrival.user or arrival.workspace
        if isinstance(arrival, ChannelIdChanged):
            # What was said there before is handled before.
            lane = arrival.old
        if hasattr(arrival, "channel") and arrival.channel:
            lane = arrival.channel
        message_key = _message_key(arrival)
        passing("intake.arrived")
        kind = type(arrival).__name__
        row = inbox_values(arrival, event_key[:255], lane, self._house.clock(), message_key)
        try:
            self._group.save(row)
        except IntegrityError:
            log.info("inbox duplicate kind=%s key=%s", kind, event_key)
            return self._counted(arrival, "duplicate")
        except SQLAlchemyError:
            # Should it be away for longer than Slack tries, the history has it.
            self._house.missed.set()
            self._counted(arrival, "not_saved")
            raise
        passing("intake.saved")
        self._house.arrived.ring()
        seconds = time.perf_counter() - started
        self._house.measures.save_seconds.observe(seconds)
        log.info("inbox saved kind=%s key=%s ms=%.1f", kind, event_key, seconds * 1000)
        return self._counted(arrival, "new")

    def _seen(self, arrival: MessagePosted | MessageEdited | MessageDeleted) -> Seen:
        # Slack delivers in any order: a message, or an edit, may have been deleted before it came.
        deletion = delete_key(arrival.channel, arrival.ts)
        key = _message_key(arrival) or deletion
        return seen_before(self._house.database, arrival.channel, key, deletion)

    def _counted(self, arrival: Arrival, outcome: str) -> bool:
        self._house.measures.arrivals.labels(type(arrival).__name__, outcome).inc()
        return outcome == "new"

    def own_message(self, seen: OwnMessageSeen) -> bool:
        """One of our posts came back as an event; True when that told something new.

        Nearly always the outcome is known, so this looks before it writes.
        """
        self._house.in_flight.wait_for(seen.key)
        now = self._house.clock()
        with look(self._house.database, now) as uow:
            entry = uow.outgoing.by_key(seen.key)
            if entry is None or entry.ts == seen.ts:
                return False
        with work(self._house.database, now) as uow:
            told = settle_copies(uow, self._house, seen.key, seen.ts)
            passing("echo.noting")
        passing("echo.noted")
        self._house.owed.ring()
        self._house.arrived.ring()
        return told


def _message_key(arrival: Arrival) -> str | None:
    """What makes a message, or a change of it, one under whatever event ids."""
    match arrival:
        case MessagePosted():
            return f"{arrival.channel}:{arrival.ts}"
        case MessageEdited():
            return edit_key(arrival.channel, arrival.ts, arrival.stamp)
        case MessageDeleted():
            return delete_key(arrival.channel, arrival.ts)
        case _:
            return None
