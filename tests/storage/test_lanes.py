"""Claiming work: in order within a lane, side by side across lanes, each row by one holder."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import datetime, timedelta

import pytest
from sqlmodel import select

from bot.storage.database import Database
from bot.storage.lanes import LostLease, inbox_lanes, outbox_lanes
from bot.storage.tables import Inbox, Outbox
from bot.storage.unit_of_work import work
from tests.storage.rows import LEASE, NOON, incoming, outgoing, put

SOON = NOON + timedelta(seconds=10)
LATER = NOON + timedelta(seconds=31)
"""After the lease of a row claimed at noon."""


def claim(database: Database, now: datetime = NOON) -> Inbox | None:
    return inbox_lanes(database).claim(now, LEASE)


def claimed(database: Database, now: datetime = NOON) -> Inbox:
    row = claim(database, now)
    assert row is not None
    return row


def finish(database: Database, row: Inbox, now: datetime = NOON, **values: object) -> None:
    with database.transaction() as session:
        inbox_lanes(database).finish(session, row, **{"state": "done", "done_at": now, **values})


def test_there_is_nothing_to_claim_in_an_empty_queue(database: Database) -> None:
    assert claim(database) is None


def test_a_lane_is_worked_off_in_order_and_one_at_a_time(database: Database) -> None:
    put(database, incoming("first"), incoming("second"))
    first = claimed(database)
    assert first.event_key == "first"
    assert claim(database) is None
    finish(database, first)
    assert claimed(database).event_key == "second"


def test_lanes_go_side_by_side(database: Database) -> None:
    put(database, incoming("a1", "A"), incoming("a2", "A"), incoming("b1", "B"))
    assert [claimed(database).event_key for _ in range(2)] == ["a1", "b1"]


def test_what_is_done_is_not_claimed_again(database: Database) -> None:
    put(database, incoming("only"))
    finish(database, claimed(database))
    assert claim(database, LATER) is None


def test_what_was_given_up_lets_the_lane_go_on(database: Database) -> None:
    put(database, incoming("poison"), incoming("next"))
    finish(database, claimed(database), state="dead", error="cannot be handled")
    assert claimed(database).event_key == "next"


def test_a_row_that_waits_holds_its_lane_but_no_other(database: Database) -> None:
    put(database, incoming("a1", "A"), incoming("a2", "A"), incoming("b1", "B"))
    finish(database, claimed(database), state="new", available_at=LATER)
    assert claimed(database, SOON).event_key == "b1"
    assert claim(database, SOON) is None
    assert claimed(database, LATER).event_key == "a1"


def test_a_send_of_unknown_outcome_is_tried_again_before_the_rest_of_its_thread(
    database: Database,
) -> None:
    put(database, outgoing("one"), outgoing("two"))
    lanes = outbox_lanes(database)
    first = lanes.claim(NOON, LEASE)
    assert first is not None
    with database.transaction() as session:
        lanes.finish(session, first, state="unknown", available_at=SOON)
    assert lanes.claim(NOON, LEASE) is None
    again = lanes.claim(SOON, LEASE)
    assert again is not None
    assert (again.key, again.state) == ("one", "unknown")


def test_eight_claimers_at_once_get_each_row_exactly_once(database: Database) -> None:
    rows = [outgoing(f"k{number}", lane=f"lane{number}") for number in range(40)]
    with database.transaction() as session:
        session.add_all(rows)
    lanes = outbox_lanes(database)
    got: list[str] = []
    start = threading.Barrier(8)

    def work_off() -> None:
        start.wait(10)
        while (row := lanes.claim(NOON, LEASE)) is not None:
            got.append(row.key)

    threads = [threading.Thread(target=work_off) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert Counter(got) == Counter(f"k{number}" for number in range(40))


def test_a_holder_that_died_is_replaced_when_its_lease_is_over(database: Database) -> None:
    put(database, incoming("first"), incoming("second"))
    claimed(database)
    assert claim(database, SOON) is None
    again = claimed(database, LATER)
    assert (again.event_key, again.state, again.attempts) == ("first", "claimed", 1)


def test_holders_that_die_do_not_use_up_the_attempts_of_a_row(database: Database) -> None:
    put(database, incoming("first"))
    for number in range(20):
        row = claimed(database, NOON + number * 2 * LEASE)
        assert row.attempts == 1
    with database.transaction() as session:
        inbox_lanes(database).finish(session, row, state="new")
    assert claimed(database, NOON + 50 * LEASE).attempts == 2


def test_a_holder_that_outlives_its_lease_cannot_write_any_more(database: Database) -> None:
    put(database, incoming("contested"))
    slow = claimed(database)
    quick = claimed(database, LATER)

    def finish_late() -> None:
        with work(database, LATER) as uow:
            uow.outgoing.put(outgoing("said by the slow one"))
            inbox_lanes(database).finish(uow.session, slow, state="done")

    with pytest.raises(LostLease):
        finish_late()
    finish(database, quick, LATER)
    with database.reading() as session:
        assert session.exec(select(Outbox)).all() == []
        assert session.exec(select(Inbox.state)).one() == "done"


def test_finishing_twice_is_noticed_once_somebody_else_has_the_row(database: Database) -> None:
    put(database, incoming("retried"))
    first = claimed(database)
    finish(database, first, state="new", available_at=NOON)
    second = claimed(database)
    with pytest.raises(LostLease):
        finish(database, first)
    finish(database, second)
