"""Old words are taken out as time passes, on every engine; figures and threads stay."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from bot.content.folder import Content
from bot.desk.conversation import Conversation
from bot.service.catch_up import OLDEST
from bot.service.house import House
from bot.service.retention import EVERY, Retention
from bot.storage import tables as t
from bot.storage.database import Database
from bot.storage.figures import read_figures
from bot.storage.retention import WORDS_OF_TRANSIT
from bot.storage.shared_rows import BATCH
from bot.storage.unit_of_work import look, work
from tests.storage.rows import NOON, incoming, outgoing, put
from tests.storage.test_forgetting import MIKA, ONE, TWO, dump, move_in
from tests.support.house import STAFF, Clock, house_of_two


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


@pytest.fixture
def desk(database: Database, content: Content, clock: Clock) -> House:
    """Company one's requests are closed, company two's are not."""
    house = replace(house_of_two(database, content, clock), keep_for=timedelta(days=90))
    ours = move_in(database, ONE)
    move_in(database, TWO)
    with database.transaction() as session:
        session.execute(
            sa.update(t.SupportRequest).where(t.SupportRequest.account_id == ours)  # type: ignore[arg-type]
            .values(state="closed", closed_at=NOON)
        )  # fmt: skip
        session.execute(sa.update(t.Inbox).where(t.Inbox.state == "done").values(done_at=NOON))  # type: ignore[arg-type]
        session.execute(sa.update(t.Outbox).where(t.Outbox.key.like("home:%"))  # type: ignore[attr-defined]
                        .values(method="views.publish"))  # fmt: skip
    return house


def after(house: House, clock: Clock, days: float) -> dict[str, list[str]]:
    """Let the time pass and everything be done; the database then."""
    clock.forward(days * 86_400)
    retention = Retention(house)
    while retention.take_out_some():
        pass
    return dump(house.database)


def words(rows: dict[str, list[str]], *, besides: tuple[str, ...] = ()) -> dict[str, int]:
    """How many rows of which table carry the word of company one."""
    names = [name for name in rows if name not in besides]
    found = {name: sum(ONE.word in row for row in rows[name]) for name in names}
    return {name: count for name, count in found.items() if count}


def test_nothing_goes_before_its_time(desk: House, clock: Clock) -> None:
    before = dump(desk.database)
    assert after(desk, clock, WORDS_OF_TRANSIT.days - 1) == before


def test_after_a_month_what_came_in_and_went_out_is_gone(desk: House, clock: Clock) -> None:
    before = dump(desk.database)
    rows = after(desk, clock, WORDS_OF_TRANSIT.days + 1)
    assert len(rows["inbox"]) == 2  # one of each company was not handled yet
    assert all("'state': 'new'" in row for row in rows["inbox"])
    kept = {row.split("'key': '")[1].split("'")[0].split(":")[0] for row in rows["outbox"]}
    assert kept == {"board", "card", "pending", "direct", "mail"}
    assert [
        row for row in rows["outbox"] if ONE.word in row and "'state': 'pending'" not in row
    ] == []
    untouched = set(before) - {"inbox", "outbox"}
    assert {name: rows[name] for name in untouched} == {name: before[name] for name in untouched}


def test_after_the_time_that_was_set_closed_requests_lose_their_words(
    desk: House, clock: Clock
) -> None:
    since, until = NOON - timedelta(days=1), NOON + timedelta(days=1)
    with look(desk.database, clock()) as uow:
        figures = read_figures(uow.session, since, until, "UTC")
    rows = after(desk, clock, 91)
    # Its name, its clusters and its people's e-mail are known while it is a customer.
    assert words(rows, besides=("account", "cluster", "mail_wish", "reminder")) == {
        "inbox": 1,
        "outbox": 1,
    }  # not done yet
    assert len(rows["request_message"]) == len(rows["request_event"]) + 1  # company two's
    assert TWO.word in str(rows["request"])
    assert TWO.word in str(rows["request_message"])
    with look(desk.database, clock()) as uow:
        later = read_figures(uow.session, since, until, "UTC")
        line = uow.session.scalars(sa.select(t.Audit).where(t.Audit.deed == "retention")).one()  # type: ignore[arg-type]
    assert later == figures
    assert (line.actor, line.after) == ("bot", {"requests": 2})


def test_without_a_time_set_requests_keep_their_words(desk: House, clock: Clock) -> None:
    rows = after(replace(desk, keep_for=None), clock, 3650)
    assert words(rows).keys() >= {"request", "request_message", "conversation", "given_answer"}


def test_an_emptied_request_is_still_found_from_its_two_threads(desk: House, clock: Clock) -> None:
    after(desk, clock, 91)
    with look(desk.database, clock()) as uow:
        card = uow.requests.of_card(STAFF, "7.1")
        (there,) = uow.requests.in_thread(ONE.channel, "1.0")
    assert card == there
    assert there.state == "closed"
    assert there.requester == ONE.user  # reopened, it knows whom to tell


def test_that_a_person_has_taken_over_is_not_forgotten(desk: House, clock: Clock) -> None:
    with work(desk.database, clock()) as uow:
        taken = Conversation(language="ja", subject=ONE.word).taken_over()
        uow.conversations.save(ONE.channel, "9.0", ONE.user, taken)
    after(desk, clock, 91)
    with look(desk.database, clock()) as uow:
        assert uow.conversations.load(ONE.channel, "9.0") == Conversation(language="ja", human=True)


def test_reminders_that_rang_go_and_those_that_wait_stay(desk: House, clock: Clock) -> None:
    with work(desk.database, clock()) as uow:
        uow.reminders.remind("ended", clock() + timedelta(days=40), about="later")
        uow.reminders.remind("nudge", clock(), about="dropped")
        uow.reminders.forget("nudge", about="dropped")
        rang = next(one for one in uow.reminders.due() if one.kind == "nudge")
        uow.reminders.take(rang)
    rows = after(desk, clock, 31)["reminder"]
    assert sorted("later" in row or "waiting" in row for row in rows) == [True, True]


def test_it_goes_in_small_steps_and_two_replicas_do_not_mind(desk: House, clock: Clock) -> None:
    old = [incoming(f"{n}.5", state="done", done_at=NOON) for n in range(BATCH + 50)]
    with desk.database.transaction() as session:
        session.add_all(old)
    put(desk.database, outgoing("young", available_at=NOON, created_at=NOON + timedelta(days=20)))
    clock.forward(31 * 86_400)
    one, two = Retention(desk), Retention(desk)

    def count() -> int:
        with desk.database.reading() as session:
            return session.scalar(sa.select(sa.func.count()).select_from(t.Inbox)) or 0

    before = count()
    assert one.take_out_some()
    assert count() == before - BATCH
    while one.take_out_some() | two.take_out_some():
        pass
    assert count() == 2
    assert not one.take_out_some()
    clock.forward(EVERY.total_seconds())
    assert one.take_out_some()
    assert "hello" in str(dump(desk.database)["outbox"])


def test_what_is_deleted_is_older_than_what_is_ever_read_again() -> None:
    """Else the history of a channel would bring it in a second time."""
    assert WORDS_OF_TRANSIT > 2 * OLDEST


def test_staff_stay_known(desk: House, clock: Clock) -> None:
    with work(desk.database, clock() + timedelta(days=80)) as uow:
        uow.accounts.remember_person(MIKA, "T0US", "Mika", "en")
    rows: Any = after(desk, clock, 91)
    assert [MIKA in row for row in rows["person"]] == [True]
    assert {table.name for table in SQLModel.metadata.sorted_tables} == set(rows)
