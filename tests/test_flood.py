"""Somebody writes and presses without end: others are served, one word is said."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from sqlmodel import select

from bot.content.folder import Content
from bot.desk.arrivals import ButtonPressed, CommandGiven, HomeOpened, MessagePosted, ReactionAdded
from bot.desk.pace import MOST
from bot.service.house import House
from bot.service.rings import RINGS
from bot.service.timekeeping import Timekeeper
from bot.storage.tables import Inbox, Outbox, RequestMessage
from bot.storage.unit_of_work import work
from tests.support.house import STAFF, US, Clock
from tests.support.tenants import MIKA, Company, Town, able_house


@pytest.fixture
def town(house: House, content: Content, clock: Clock, pytestconfig: pytest.Config) -> Town:
    able = able_house(house, content, pytestconfig.cache.mkdir("supportbot"))
    made = Town(able, clock, 4, seed=3)
    clock.forward(3600)
    return made


def save(town: Town, arrival: object, event: str) -> None:
    town.intake.save(arrival, event)  # type: ignore[arg-type]


def handle_all(town: Town) -> None:
    while town.worker.handle_next() or town.delivery.send_next():
        pass


def message(town: Town, me: Company, number: int, text: str, thread: str = "") -> None:
    ts = f"{town.house.clock().timestamp() + number / 1000:.6f}"
    said = MessagePosted(
        user=me.user, team=f"T{me.user}", channel=me.channel, ts=ts, thread_ts=thread, text=text
    )
    save(town, said, f"flood:{me.channel}:{ts}")


def answers(town: Town, me: Company, since: int) -> list[Outbox]:
    """What was owed to a company's channel or person behind the outbox id `since`."""
    with town.house.database.reading() as session:
        rows = session.exec(select(Outbox).where(Outbox.id > since))  # type: ignore[operator]
        return [row for row in rows if town.owner(row) == me]


def newest(town: Town) -> int:
    with town.house.database.reading() as session:
        return max((row.id or 0 for row in session.exec(select(Outbox))), default=0)


def posts(rows: list[Outbox]) -> int:
    return sum(row.method == "chat.postMessage" for row in rows)


def told(rows: list[Outbox]) -> int:
    return sum(row.key.startswith("too-fast:") for row in rows)


def test_calls_at_a_thousand_a_minute_get_thirty_answers_and_one_word(
    town: Town, clock: Clock
) -> None:
    me, other = town.companies[:2]
    begun = newest(town)
    for number in range(300):
        message(town, me, number, f"{town.house.mention()} help")
        if number % 100 == 50:
            message(town, other, number, f"{town.house.mention()} help")
        clock.forward(0.06)
    handle_all(town)
    mine = answers(town, me, begun)
    assert told(mine) == 1
    assert posts(mine) == MOST
    assert posts(answers(town, other, begun)) == 3
    assert town.dead() == []


def test_when_it_is_quiet_again_answers_come_again_and_a_new_flood_has_a_new_word(
    town: Town, clock: Clock
) -> None:
    me = town.companies[0]
    for flood in range(2):
        begun = newest(town)
        for number in range(MOST + 10):
            message(town, me, number, f"{town.house.mention()} help")
        handle_all(town)
        assert told(answers(town, me, begun)) == 1
        clock.forward(90)
        timekeeper = Timekeeper(town.house, RINGS)
        while (due := timekeeper.next()) is not None and due.kind == "hushed":
            timekeeper.ring(due)
        begun = newest(town)
        message(town, me, 0, f"{town.house.mention()} help")
        handle_all(town)
        assert [row.method for row in answers(town, me, begun)] == ["chat.postMessage"], flood
        clock.forward(90)


def test_what_is_written_in_a_requests_thread_reaches_staff_all_the_same(
    town: Town, clock: Clock
) -> None:
    me = town.companies[0]
    request = town.request_of(me)
    assert request is not None
    for number in range(60):
        message(town, me, number, f"line {number} of the log", request.thread_ts)
    handle_all(town)
    with town.house.database.reading() as session:
        texts = [row.text for row in session.exec(select(RequestMessage))]
        cards = session.exec(select(Outbox).where(Outbox.channel == STAFF))
        shown = [str(row.payload) for row in cards]
    for number in range(60):
        assert f"line {number} of the log" in texts
        assert any(f"line {number} of the log" in one for one in shown)


@pytest.mark.parametrize("kind", ["button", "command", "home", "ticket"])
def test_hammering_on_anything_else(town: Town, clock: Clock, kind: str) -> None:
    me = town.companies[0]
    begun = newest(town)
    for number in range(80):
        stamp = f"{clock.seconds()}{number:03d}"
        arrival = {
            "button": ButtonPressed(user=me.user, action="do.help", channel=me.channel, stamp=stamp,
                                    message_ts="1.0"),
            "command": CommandGiven(user=me.user, command="/support", text="", channel=me.channel,
                                    response_url="https://hooks.invalid/1"),
            "home": HomeOpened(user=me.user),
            "ticket": ReactionAdded(user=me.user, channel=me.channel, ts=f"{number}.0",
                                    name="ticket"),
        }[kind]  # fmt: skip
        save(town, arrival, f"{kind}:{stamp}")
    handle_all(town)
    mine = answers(town, me, begun)
    assert len(mine) <= MOST + 1
    assert told(mine) == (1 if kind in ("button", "command") else 0)


def test_people_who_only_talk_to_each_other_are_not_told_anything(town: Town) -> None:
    me = town.companies[0]
    begun = newest(town)
    for number in range(MOST + 20):
        message(town, me, number, f"<@U999> see you at lunch {number}")
    handle_all(town)
    assert answers(town, me, begun) == []


def test_staff_may_work_as_fast_as_they_can(town: Town, clock: Clock) -> None:
    begun = newest(town)
    for number in range(MOST + 20):
        given = CommandGiven(user=MIKA, team=US.team, command="/support-status", text="",
                             channel=STAFF, response_url="https://hooks.invalid/1")  # fmt: skip
        save(town, given, f"staff:{number}")
    handle_all(town)
    with town.house.database.reading() as session:
        rows = session.exec(select(Outbox).where(Outbox.id > begun)).all()  # type: ignore[operator]
    assert [row.method for row in rows] == ["respond"] * (MOST + 20)


def test_a_flood_is_one_lane_among_others(town: Town) -> None:
    """One handler alone, and the flood came first: the others wait for one row of it, not all."""
    flood, *others = town.companies
    for number in range(300):
        message(town, flood, number, "x")
    for other in others:
        message(town, other, 0, "x")
    served: list[str] = []
    for _ in range(10):
        assert town.worker.handle_next()
        with town.house.database.reading() as session:
            done = session.exec(select(Inbox).where(Inbox.state == "done").order_by(
                Inbox.done_at.desc(), Inbox.id.desc())).all()  # type: ignore[union-attr]  # fmt: skip
        served = [row.lane for row in done]
    counted = Counter(lane for lane in served if lane in {one.channel for one in others})
    assert all(counted[other.channel] >= 2 for other in others)  # one of the beginning, and this


def test_other_people_of_the_same_channel_are_answered(town: Town, clock: Clock) -> None:
    me = town.companies[0]
    for number in range(MOST + 50):
        message(town, me, number, f"{town.house.mention()} help")
    begun = newest(town)
    ts = f"{clock.seconds():.6f}"
    said = MessagePosted(user="U777", team="T777", channel=me.channel, ts=ts,
                         text=f"{town.house.mention()} help")  # fmt: skip
    save(town, said, "colleague")
    handle_all(town)
    assert any(row.thread == ts for row in answers(town, me, begun))


def test_a_watched_channel_sees_nothing_of_it(town: Town) -> None:
    me = town.companies[0]
    with work(town.house.database, town.house.clock() + timedelta(0)) as uow:
        row = uow.accounts.channel(me.channel)
        assert row is not None
        row.mode = "shadow"
    begun = newest(town)
    for number in range(MOST + 20):
        message(town, me, number, f"{town.house.mention()} help")
    handle_all(town)
    assert answers(town, me, begun) == []
