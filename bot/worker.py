"""The loops that work off inbox and outbox: claim → do → finish; leases; a clean stop.

This is the one place that catches every exception: it is recorded on the row, which is tried
again later and in the end given up with a word to staff.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import timedelta

from sqlalchemy.exc import DBAPIError

from bot.desk.errors import TryLater
from bot.desk.retries import MOST_ATTEMPTS, wait_before
from bot.fault_points import passing
from bot.service.catch_up import CatchUp
from bot.service.delivery import Delivery
from bot.service.handling import Handling
from bot.service.house import House, Wakeup
from bot.service.posting import Posting
from bot.service.present_channels import staff_home
from bot.service.timekeeping import Timekeeper
from bot.service.upkeep import EVERY, Upkeep
from bot.storage.lanes import Lanes, LostLease
from bot.storage.tables import Inbox
from bot.storage.unit_of_work import UnitOfWork, work

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)
"""Handling takes milliseconds, plus a look-up of a name with its time-out of 10 s."""
LOOK_AGAIN = 0.5
"""Seconds between looks for work that another process put there or whose wait is over."""
STOP_WITHIN = 12.0
"""Seconds for the work in hand when stopping: one call to Slack with its time-out."""


class Worker:
    """Threads that handle the inbox and send the outbox until stopped."""

    def __init__(
        self,
        house: House,
        handling: Handling,
        inbox: Lanes[Inbox],
        delivery: Delivery,
        upkeep: Upkeep,
        timekeeper: Timekeeper,
        catch_up: CatchUp,
        *,
        handlers: int,
        senders: int,
        chores: Mapping[str, Callable[[], object]] | None = None,
    ) -> None:
        self._house = house
        self._handling = handling
        self._inbox = inbox
        self._delivery = delivery
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        for number in range(handlers):
            self._add(f"handler-{number}", house.arrived, self.handle_next)
        self._timekeeper = timekeeper
        # Nobody rings for what becomes due: it is looked for every half second.
        self._add("timekeeper", Wakeup(), self.ring_next)
        self._catch_up = catch_up
        self._threads.append(
            threading.Thread(target=self._keep_caught_up, name="catch-up", daemon=True)
        )
        self._every_second("upkeep", lambda: upkeep.round())
        # Apart, because reading a whole new version takes seconds.
        self._every_second("documents", lambda: house.answers.refresh())
        for name, chore in (chores or {}).items():
            self._every_second(name, chore)
        for number in range(senders):
            self._add(f"sender-{number}", house.owed, self._delivery.send_next)

    def _add(self, name: str, bell: Wakeup, step: Callable[[], bool]) -> None:
        self._threads.append(
            threading.Thread(target=self._loop, args=(bell, step), name=name, daemon=True)
        )

    def _every_second(self, name: str, chore: Callable[[], object]) -> None:
        self._threads.append(
            threading.Thread(target=self._keep_up, args=(name, chore), name=name, daemon=True)
        )

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def running(self) -> dict[str, bool]:
        """Name of each loop → whether it still runs."""
        return {thread.name: thread.is_alive() for thread in self._threads}

    def stop(self) -> None:
        """Finish what is in hand and return; the rest waits in the database."""
        self._stopping.set()
        for bell in (self._house.arrived, self._house.owed):
            bell.ring(len(self._threads))
        for thread in self._threads:
            thread.join(STOP_WITHIN)

    def _loop(self, bell: Wakeup, step: Callable[[], bool]) -> None:
        while not self._stopping.is_set():
            self._house.rush.give_way()
            try:
                busy = step()
            except Exception:
                # The database is away, or a bug outside any row: nothing to record it on.
                log.exception("work could not be claimed; trying again")
                busy = False
                self._stopping.wait(LOOK_AGAIN)
            if not busy:
                bell.wait(LOOK_AGAIN)

    def _keep_up(self, name: str, chore: Callable[[], object]) -> None:
        while not self._stopping.is_set():
            try:
                chore()
            except Exception:
                log.exception("%s failed; trying again", name)
            self._stopping.wait(EVERY)

    def _keep_caught_up(self) -> None:
        while not self._stopping.is_set():
            try:
                wait = self._catch_up.step()
            except Exception:
                log.exception("catching up failed; trying again")
                wait = EVERY
            self._stopping.wait(wait)

    def handle_next(self) -> bool:
        """Handle one row whose turn it is; False when there is none."""
        row = self._inbox.claim(self._house.clock(), LEASE)
        if row is None:
            return False
        try:
            self._handling.handle(row)
        except LostLease:
            log.warning("lost the lease of inbox id=%s; its new holder handles it", row.id)
        except TryLater as error:
            self._wait(row, error)
        except Exception as error:
            if _is_database_gone(error):
                self._wait(row, TryLater(_reason(error)))
            else:
                self._record(row, error)
        return True

    def ring_next(self) -> bool:
        """Do one thing that is due; False when there is none."""
        reminder = self._timekeeper.next()
        if reminder is None:
            return False
        try:
            self._timekeeper.ring(reminder)
        except Exception as error:
            if _is_database_gone(error):
                raise  # nothing to record, and nowhere
            log.error(
                "reminder id=%s kind=%s attempt %s failed: %s",
                reminder.id, reminder.kind, reminder.attempts + 1, _reason(error),
                exc_info=not isinstance(error, DBAPIError),
            )  # fmt: skip
            self._timekeeper.record(reminder, _reason(error))
        return True

    def _wait(self, row: Inbox, error: TryLater) -> None:
        """Nothing went wrong, only too early: the attempt does not count."""
        self._house.measures.handled.labels(row.kind, "later").inc()
        log.info("inbox id=%s waits: %s", row.id, error)
        now = self._house.clock()
        wait = timedelta(seconds=error.retry_after or wait_before(row.attempts))
        try:
            with work(self._house.database, now) as uow:
                self._inbox.finish(
                    uow.session,
                    row,
                    state="new",
                    attempts=row.attempts - 1,
                    available_at=now + wait,
                    error=str(error),
                )
        except LostLease:
            log.warning("lost the lease of inbox id=%s", row.id)

    def _record(self, row: Inbox, error: Exception) -> None:
        """Try the row again later; after many attempts give it up and tell staff."""
        reason = _reason(error)
        given_up = row.attempts >= MOST_ATTEMPTS
        self._house.measures.handled.labels(row.kind, "dead" if given_up else "failed").inc()
        # The reason may repeat a customer's words: it stays on the row, the log gets its kind.
        log.error(
            "inbox id=%s attempt=%s failed: %s", row.id, row.attempts, type(error).__name__,
            exc_info=not isinstance(error, DBAPIError),
        )  # fmt: skip
        now = self._house.clock()
        try:
            with work(self._house.database, now) as uow:
                if given_up:
                    self._inbox.finish(uow.session, row, state="dead", error=reason)
                    self._tell_staff(uow, row)
                else:
                    wait = timedelta(seconds=wait_before(row.attempts))
                    self._inbox.finish(
                        uow.session, row, state="new", available_at=now + wait, error=reason
                    )
                passing("handling.failing")
        except LostLease:
            log.warning("lost the lease of inbox id=%s", row.id)

    def _tell_staff(self, uow: UnitOfWork, row: Inbox) -> None:
        rendered = self._house.content.templates.message(
            "say",
            self._house.staff_language,
            sentence="staff.unhandled",
            words={"kind": row.kind, "number": str(row.id), "channel": row.lane},
        )
        posting = Posting(uow, self._house, f"unhandled:{row.id}")
        posting.message(staff_home(uow, self._house), rendered)


def _is_database_gone(error: Exception) -> bool:
    """The connection broke: that is nothing about the row, and does not count against it."""
    return isinstance(error, DBAPIError) and error.connection_invalidated


def _reason(error: Exception) -> str:
    """What is kept of an error. A statement's text carries customers' words: its kind only."""
    return type(error).__name__ if isinstance(error, DBAPIError) else repr(error)[:500]
