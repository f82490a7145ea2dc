"""Doing things later: the clock behind warnings, nudges and everything else with a due time.

A *reminder* is a row: a kind, a moment, what it concerns. It survives restarts, any replica may do
it, and it is done exactly once: taking the row and all that follows from it are one commit.

To have a new kind of thing done later:

1. Where it becomes clear that it is to be done, in the same transaction:
   `uow.reminders.remind("poc_ends", at, request_id=request.id)`. The same call again moves it; a
   reminder per request and kind is the rule, `about="poc:day-13"` allows others, and concerns that
   have no request name themselves (`about="weekly"`).
2. Where it becomes needless: `uow.reminders.forget("poc_ends", request_id=request.id)`.
3. Write what is then done, a `Ring`: `def poc_ends(uow, house, posting, reminder) -> str`. It looks
   at the state of things *now* (a reminder may be late by an outage, so what it was made for may
   have passed), owes its messages through `posting`, changes rows through `uow`, and returns a word
   for the log. To repeat, it calls `remind` again. It must not talk to Slack or commit.
4. Name it in `RINGS` of `bot/service/rings.py`.

Payloads hold ids and numbers only: no words of customers, and no channel, which may get another id.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta

from bot.desk.retries import MOST_ATTEMPTS, wait_before
from bot.service.house import House
from bot.service.posting import Posting
from bot.service.present_channels import staff_home
from bot.storage.reminders import DueReminder
from bot.storage.trail import Doer
from bot.storage.unit_of_work import UnitOfWork, look, work

log = logging.getLogger(__name__)

Ring = Callable[[UnitOfWork, House, Posting, DueReminder], str]
"""What is done when a reminder is due; returns what was done, for the log."""


class Timekeeper:
    """Does what is due, one reminder a call."""

    def __init__(self, house: House, rings: Mapping[str, Ring]) -> None:
        self._house = house
        self._rings = rings

    def next(self) -> DueReminder | None:
        """The reminder that should be done first, or None."""
        with look(self._house.database, self._house.clock()) as uow:
            return next(iter(uow.reminders.due()), None)

    def ring(self, reminder: DueReminder) -> None:
        """Do it, unless somebody else did. Raises what went wrong; nothing is done then."""
        with work(self._house.database, self._house.clock()) as uow:
            if not uow.reminders.take(reminder):
                return
            uow.trail.doer = Doer(deed=reminder.kind)
            posting = Posting(uow, self._house, f"reminder:{reminder.id}:{reminder.fence}")
            outcome = self._rings[reminder.kind](uow, self._house, posting, reminder)
        self._house.owed.ring(posting.owed)
        log.info("rang id=%s kind=%s: %s", reminder.id, reminder.kind, outcome)

    def record(self, reminder: DueReminder, reason: str) -> None:
        """It went wrong: try again later, or after many attempts give up and tell staff."""
        now = self._house.clock()
        attempt = reminder.attempts + 1
        with work(self._house.database, now) as uow:
            if attempt < MOST_ATTEMPTS:
                wait = timedelta(seconds=wait_before(attempt))
                uow.reminders.put_off(reminder, now + wait, reason)
            elif uow.reminders.give_up(reminder, reason):
                rendered = self._house.content.templates.message(
                    "say",
                    self._house.staff_language,
                    sentence="staff.reminder_failed",
                    words={"kind": reminder.kind, "about": reminder.about},
                )
                posting = Posting(uow, self._house, f"unrung:{reminder.id}:{reminder.fence}")
                posting.message(staff_home(uow, self._house), rendered)
        self._house.owed.ring()
