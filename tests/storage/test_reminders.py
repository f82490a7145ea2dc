"""What is to be done later: once, when its time has come, by whoever looks first."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest

from bot.storage.database import Database
from bot.storage.reminders import DueReminder
from bot.storage.unit_of_work import look, work
from tests.storage.rows import NOON

HOUR = timedelta(hours=1)


def remind(database: Database, kind: str, at: datetime, about: str = "x", **more: object) -> None:
    with work(database, NOON) as uow:
        uow.reminders.remind(kind, at, about=about, **more)  # type: ignore[arg-type]


def due(database: Database, now: datetime) -> list[DueReminder]:
    with look(database, now) as uow:
        return uow.reminders.due()


def take(database: Database, reminder: DueReminder, now: datetime) -> bool:
    with work(database, now) as uow:
        return uow.reminders.take(reminder)


def test_nothing_is_due_before_its_time_and_the_longest_overdue_comes_first(
    database: Database,
) -> None:
    remind(database, "later", NOON + 2 * HOUR)
    remind(database, "sooner", NOON + HOUR, payload={"day": 13})
    assert due(database, NOON) == []
    assert [one.kind for one in due(database, NOON + HOUR)] == ["sooner"]
    both = due(database, NOON + 2 * HOUR)
    assert [(one.kind, one.due_at, one.payload) for one in both] == [
        ("sooner", NOON + HOUR, {"day": 13}),
        ("later", NOON + 2 * HOUR, {}),
    ]


def test_the_same_thing_about_the_same_subject_is_moved_not_doubled(database: Database) -> None:
    with work(database, NOON) as uow:
        for hours in (1, 5, 3):
            uow.reminders.remind("warn", NOON + hours * HOUR, request_id=7, payload={"n": hours})
        uow.reminders.remind("warn", NOON + HOUR, request_id=8)
        assert uow.reminders.waits("warn", request_id=7) == NOON + 3 * HOUR
    assert [one.request_id for one in due(database, NOON + 2 * HOUR)] == [8]
    moved = due(database, NOON + 3 * HOUR)[-1]
    assert (moved.request_id, moved.payload) == (7, {"n": 3})


def test_what_is_forgotten_is_never_due_and_can_be_set_again(database: Database) -> None:
    remind(database, "warn", NOON)
    with work(database, NOON) as uow:
        uow.reminders.forget("warn", about="x")
        uow.reminders.forget("never heard of", about="x")
        assert uow.reminders.waits("warn", about="x") is None
    assert due(database, NOON + HOUR) == []
    remind(database, "warn", NOON)
    assert len(due(database, NOON)) == 1


def test_a_request_loses_all_of_its_reminders_or_those_of_some_kinds(database: Database) -> None:
    with work(database, NOON) as uow:
        for kind in ("soon", "now", "nudge"):
            uow.reminders.remind(kind, NOON, request_id=1)
            uow.reminders.remind(kind, NOON, request_id=2)
        uow.reminders.forget_request(1)
        uow.reminders.forget_request(2, ("soon", "now"))
    assert [(one.kind, one.request_id) for one in due(database, NOON)] == [("nudge", 2)]


def test_a_reminder_needs_a_subject(database: Database) -> None:
    with pytest.raises(ValueError, match="concerns a request or says"), work(database, NOON) as uow:
        uow.reminders.remind("warn", NOON)


def test_it_is_taken_once_and_what_is_set_again_meanwhile_is_due_again(database: Database) -> None:
    remind(database, "weekly", NOON)
    (found,) = due(database, NOON)
    assert take(database, found, NOON)
    assert not take(database, found, NOON)
    assert due(database, NOON + HOUR) == []
    remind(database, "weekly", NOON + HOUR)
    (again,) = due(database, NOON + HOUR)
    assert (again.id, again.fence) != (found.id, found.fence)
    assert not take(database, found, NOON + HOUR)
    assert take(database, again, NOON + HOUR)


def test_one_that_was_moved_or_forgotten_since_it_was_seen_is_not_taken(database: Database) -> None:
    remind(database, "warn", NOON)
    (seen,) = due(database, NOON)
    remind(database, "warn", NOON + HOUR)
    assert not take(database, seen, NOON)
    (moved,) = due(database, NOON + HOUR)
    with work(database, NOON) as uow:
        uow.reminders.forget("warn", about="x")
    assert not take(database, moved, NOON + HOUR)


def test_a_failure_puts_it_off_and_counts(database: Database) -> None:
    remind(database, "warn", NOON)
    (found,) = due(database, NOON)
    with work(database, NOON) as uow:
        assert uow.reminders.put_off(found, NOON + HOUR, "boom")
        assert not uow.reminders.put_off(found, NOON + HOUR, "boom")
    assert due(database, NOON) == []
    (again,) = due(database, NOON + HOUR)
    assert again.attempts == 1
    with work(database, NOON) as uow:
        assert uow.reminders.give_up(again, "boom")
    assert due(database, NOON + 2 * HOUR) == []


def test_of_many_who_look_at_once_exactly_one_takes_it(database: Database) -> None:
    remind(database, "warn", NOON)
    (found,) = due(database, NOON)
    together = threading.Barrier(4)
    taken: list[bool] = []

    def replica() -> None:
        together.wait(5)
        taken.append(take(database, found, NOON))

    threads = [threading.Thread(target=replica) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert sorted(taken) == [False, False, False, True]
