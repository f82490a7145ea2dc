"""One board a channel: pinned, at most one update in three seconds, always the last state."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from bot.desk.errors import GiveUp
from bot.service.accounts import AccountChange, change_account
from bot.service.boards import owe_board, take_down
from bot.service.delivery import Delivery
from bot.service.house import House
from bot.service.pacing import Pacing
from bot.service.posting import Posting
from bot.service.rings import RINGS
from bot.service.timekeeping import Timekeeper
from bot.service.upkeep import Upkeep
from bot.storage.lanes import outbox_lanes
from bot.storage.tables import Outbox
from bot.storage.unit_of_work import look, work
from tests.service.test_staff_actions import opened
from tests.support.house import Clock, ScriptedSlack


@pytest.fixture
def delivery(house: House, slack: ScriptedSlack, clock: Clock) -> Delivery:
    return Delivery(house, slack, outbox_lanes(house.database), Pacing(clock.seconds))


def send(delivery: Delivery) -> None:
    while delivery.send_next():
        pass


def change(house: House, request_id: int, summary: str) -> None:
    """Something that the board shows is another one."""
    with work(house.database, house.clock()) as uow:
        row = uow.requests.row(request_id)
        assert row is not None
        row.summary = summary
        uow.session.flush()
        owe_board(uow, house, Posting(uow, house, summary), row.account_id)


def boards(slack: ScriptedSlack) -> list[str]:
    """What the updates of boards in C1 said."""
    return [
        str(arguments["blocks"])
        for method, arguments in slack.calls
        if method == "chat.update" and arguments["channel"] == "C1"
    ]


@pytest.fixture
def begun(house: House, slack: ScriptedSlack, delivery: Delivery) -> int:
    """A request whose channel has its board; returns its id."""
    request = opened(house)
    Upkeep(house).round()
    send(delivery)
    slack.calls.clear()
    return request


def test_many_changes_are_few_updates_and_the_last_one_is_shown(
    house: House, slack: ScriptedSlack, delivery: Delivery, clock: Clock, begun: int
) -> None:
    for number in range(20):
        change(house, begun, f"state {number}.")
        send(delivery)
        clock.forward(0.5)
    clock.forward(3)
    send(delivery)
    shown = boards(slack)
    assert 3 <= len(shown) <= 5
    assert "state 0." in shown[0]
    assert "state 19." in shown[-1]


def test_the_same_state_is_not_shown_twice(
    house: House, slack: ScriptedSlack, delivery: Delivery, clock: Clock, begun: int
) -> None:
    change(house, begun, "once.")
    send(delivery)
    clock.forward(10)
    with work(house.database, house.clock()) as uow:
        owe_board(uow, house, Posting(uow, house, "again"), 1)
    send(delivery)
    assert len(boards(slack)) == 1


def test_an_answer_below_the_board_does_not_wait_for_its_update(
    house: House, slack: ScriptedSlack, delivery: Delivery, begun: int
) -> None:
    change(house, begun, "one.")
    send(delivery)
    change(house, begun, "two.")
    with work(house.database, house.clock()) as uow:
        row = uow.accounts.channel("C1")
        assert row is not None
        rendered = house.content.templates.message("voted", "en", helped=True, answer_id="1")
        thread = f"key:{row.board_key}"
        Posting(uow, house, "x").message("C1", rendered, thread=thread, account_id=1)
    send(delivery)
    assert any("glad it helped" in text for text in slack.texts())
    assert len(boards(slack)) == 1


def test_a_board_that_somebody_deleted_comes_back_and_is_pinned(
    house: House, slack: ScriptedSlack, delivery: Delivery, clock: Clock, begun: int
) -> None:
    clock.forward(60)
    slack.next_outcomes = [GiveUp("chat.update: message_not_found")]
    change(house, begun, "one.")
    send(delivery)
    Upkeep(house).round()
    send(delivery)
    again = [arguments for method, arguments in slack.calls if method == "chat.postMessage"]
    assert [one["channel"] for one in again] == ["C1"]
    assert "one." in str(again[0]["blocks"])
    assert [arguments["channel"] for method, arguments in slack.calls if method == "pins.add"] == [
        "C1"
    ]


def test_a_channel_that_is_unlinked_shows_nothing_of_the_account_any_more(
    house: House, slack: ScriptedSlack, delivery: Delivery, begun: int
) -> None:
    with work(house.database, house.clock()) as uow:
        row = uow.accounts.channel("C1")
        assert row is not None
        take_down(Posting(uow, house, "unlink"), row)
        uow.accounts.unlink("C1")
    send(delivery)
    assert [method for method, _ in slack.calls] == ["chat.delete"]


def test_a_plan_changed_on_the_command_line_is_shown_by_the_running_bot(
    house: House, slack: ScriptedSlack, delivery: Delivery, clock: Clock, begun: int
) -> None:
    with work(house.database, house.clock()) as uow:
        change_account(uow, house.content.plans, AccountChange("Ours", plan="premium"))
    keeper = Timekeeper(house, RINGS)
    while (reminder := keeper.next()) is not None:
        keeper.ring(reminder)
    send(delivery)
    assert "Premium" in boards(slack)[-1]


def test_there_is_one_board_whoever_looks_first(house: House) -> None:
    Upkeep(house).round()
    Upkeep(replace(house, clock=lambda: house.clock() + timedelta(seconds=1))).round()
    with look(house.database, house.clock()) as uow:
        rows = uow.session.exec(select(Outbox).where(Outbox.method == "pins.add")).all()
        assert sorted(row.channel for row in rows) == ["C1", "C2"]


def test_a_channel_that_is_only_watched_has_no_board_until_it_is_heard_again(
    house: House, slack: ScriptedSlack, delivery: Delivery, begun: int
) -> None:
    def switched(mode: str) -> list[str]:
        """What the upkeep does after a change on the command line."""
        slack.calls.clear()
        with work(house.database, house.clock()) as uow:
            row = uow.accounts.channel("C1")
            assert row is not None
            row.mode = mode
        Upkeep(house).round()
        Upkeep(house).round()
        send(delivery)
        return [method for method, arguments in slack.calls if arguments.get("channel") == "C1"]

    assert switched("shadow") == ["chat.delete"]
    change(house, begun, "while nobody looks")
    assert switched("shadow") == []
    assert switched("listen") == ["chat.postMessage"]
