"""Warnings and nudges of a running bot: by its own loop, after a restart too, and once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from tests.support.cast import cast
from tests.support.desk import Desk

DOWN = "@supportbot cluster ledger-eu has lost all connections since 08:40 UTC, severity S1"
AT_MOST = 15.0
"""Seconds for what the loop does within one: the machine may be busy."""


@pytest.fixture
def desk(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("timers")
    with Desk.in_folder(folder, pytestconfig, accounts=()) as running:
        yield running


@pytest.fixture
def card(desk: Desk) -> str:
    """The card of a request whose first answer is due within business hours, days from now."""
    ids = cast(desk, ["leo"])
    root = desk.say(ids["leo"], ids["ext-borealis"], DOWN)
    desk.settle()
    seen = desk.sandbox.sees(ids["leo"], ids["ext-borealis"], root)
    number = next(word for word in seen[-1].text.replace("*", " ").split() if "SUP-" in word)
    return desk.card(number).ts


def warnings(desk: Desk, card: str) -> list[str]:
    seen = desk.sandbox.sees("mika", "support-desk", card)
    return [one.text for one in seen if one.text.startswith(("⏳ *", "🔴"))]


def until(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + AT_MOST
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_the_running_bot_notices_by_itself_that_a_promised_time_is_over(
    desk: Desk, card: str
) -> None:
    desk.clock.ahead += timedelta(days=7)
    assert until(lambda: len(warnings(desk, card)) == 1)
    assert "the promised time is over" in warnings(desk, card)[0]


def test_a_timer_outlives_the_process_and_is_done_once(desk: Desk, card: str) -> None:
    desk.bot.stop()
    desk.clock.ahead += timedelta(days=7)
    desk.start_bot()
    assert until(lambda: len(warnings(desk, card)) == 1)
    desk.bot.stop()
    desk.start_bot()
    desk.settle()
    assert len(warnings(desk, card)) == 1
