"""Things done later: once, at their time, and never silently lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from bot.content.templates import Rendered
from bot.desk.retries import MOST_ATTEMPTS
from bot.service.house import House
from bot.service.posting import Posting
from bot.service.timekeeping import Ring, Timekeeper
from bot.storage.reminders import DueReminder
from bot.storage.tables import Outbox, Reminder
from bot.storage.unit_of_work import UnitOfWork, look, work
from bot.worker import Worker
from tests.support.house import STAFF, Clock

WEEK = timedelta(days=7)


def say(uow: UnitOfWork, house: House, posting: Posting, reminder: DueReminder) -> str:
    posting.message(STAFF, Rendered(f"{reminder.kind} {reminder.payload['n']}", []))
    return "said"


def say_every_week(uow: UnitOfWork, house: House, posting: Posting, reminder: DueReminder) -> str:
    n = reminder.payload["n"]
    uow.reminders.remind("weekly", reminder.due_at + WEEK, about="w", payload={"n": n + 1})
    return say(uow, house, posting, reminder)


def fail_halfway(uow: UnitOfWork, house: House, posting: Posting, reminder: DueReminder) -> str:
    say(uow, house, posting, reminder)
    raise RuntimeError("halfway")


RINGS: dict[str, Ring] = {"once": say, "weekly": say_every_week, "broken": fail_halfway}


def worker(house: House) -> Worker:
    """One whose loops are not started: the tests ring by hand."""
    parts = [None] * 4
    return Worker(house, *parts, Timekeeper(house, RINGS), None, handlers=0, senders=0)  # type: ignore[arg-type]


def remind(house: House, kind: str, in_seconds: float = 0) -> None:
    now = house.clock()
    with work(house.database, now) as uow:
        at = now + timedelta(seconds=in_seconds)
        uow.reminders.remind(kind, at, about="w", payload={"n": 1})


def owed(house: House) -> list[str]:
    with look(house.database, house.clock()) as uow:
        return [row.payload["text"] for row in uow.session.exec(select(Outbox).order_by("id"))]


def kept(house: House) -> Reminder:
    with look(house.database, house.clock()) as uow:
        return uow.session.exec(select(Reminder)).one()


def test_it_is_done_when_its_time_has_come_and_once(house: House, clock: Clock) -> None:
    remind(house, "once", 60)
    first, second = worker(house), worker(house)
    assert not first.ring_next()
    clock.forward(61)
    assert first.ring_next()
    assert not first.ring_next()
    assert not second.ring_next()
    assert owed(house) == ["once 1"]


def test_two_replicas_that_found_the_same_do_it_once(house: House) -> None:
    remind(house, "once")
    replicas = Timekeeper(house, RINGS), Timekeeper(house, RINGS)
    found = [replica.next() for replica in replicas]
    for replica, reminder in zip(replicas, found, strict=True):
        assert reminder is not None
        replica.ring(reminder)
    assert owed(house) == ["once 1"]


def test_one_that_repeats_says_something_new_every_time(house: House, clock: Clock) -> None:
    remind(house, "weekly")
    for _ in range(3):
        while worker(house).ring_next():
            pass
        clock.forward(WEEK.total_seconds())
    assert owed(house) == ["weekly 1", "weekly 2", "weekly 3"]


def test_a_failure_leaves_nothing_half_done_and_is_tried_again(house: House, clock: Clock) -> None:
    remind(house, "broken")
    assert worker(house).ring_next()
    assert owed(house) == []
    assert not worker(house).ring_next(), "it waits before it is tried again"
    clock.forward(2)
    assert worker(house).ring_next()
    assert (kept(house).attempts, kept(house).state) == (2, "waiting")
    assert "halfway" in kept(house).error


@pytest.mark.parametrize("kind", ["broken", "of another version"])
def test_what_cannot_be_done_is_given_up_and_staff_are_told_once(
    house: House, clock: Clock, kind: str
) -> None:
    remind(house, kind)
    for _ in range(MOST_ATTEMPTS + 3):
        worker(house).ring_next()
        clock.forward(3600)
    assert kept(house).state == "dead"
    (notice,) = owed(house)
    assert kind in notice
