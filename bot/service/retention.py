"""Takes old words out while the bot runs, in short transactions: `bot.storage.retention`."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from bot.service.house import House
from bot.storage.retention import steps_of_retention, steps_of_transit
from bot.storage.shared_rows import Step
from bot.storage.trail import Doer
from bot.storage.unit_of_work import work

log = logging.getLogger(__name__)

EVERY = timedelta(hours=1)
"""Between two rounds: what is a month old may be an hour older."""


class Retention:
    """Any number of replicas may do it: what one has taken out the other does not find."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._steps: Iterator[Step] = iter(())
        self._step: Step | None = None
        self._next: datetime | None = None
        self._count = 0

    def take_out_some(self) -> bool:
        """One batch; False when nothing is to be done before the next round."""
        now = self._house.clock()
        if self._step is None:
            if self._next is not None and now < self._next:
                return False
            self._next = now + EVERY
            self._steps = self._all(now)
            self._step = next(self._steps, None)
        if self._step is None:
            return False
        with work(self._house.database, now, Doer(deed="retention")) as uow:
            done = self._step(uow)
        self._count += done or 0
        if done is None:
            self._step = next(self._steps, None)
        if self._step is None and self._count:
            log.info("retention: %s rows emptied or deleted", self._count)
            self._count = 0
        return True

    def _all(self, now: datetime) -> Iterator[Step]:
        yield from steps_of_transit(now)
        if self._house.keep_for is not None:
            yield from steps_of_retention(now, self._house.keep_for)
