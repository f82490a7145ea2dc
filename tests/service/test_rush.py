"""In a rush those who work off what came in give way to those who save it, but not for ever."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from bot.service.rush import LONGEST, MANY, WITHIN, Rush


@pytest.fixture
def busy() -> Iterator[Rush]:
    """A rush without an end."""
    rush, over = Rush(), threading.Event()

    def arrive() -> None:
        while not over.is_set():
            rush.note()
            time.sleep(0.001)

    thread = threading.Thread(target=arrive)
    thread.start()
    while not rush.is_on():
        time.sleep(0.001)
    yield rush
    over.set()
    thread.join()


def took(rush: Rush) -> float:
    began = time.monotonic()
    rush.give_way()
    return time.monotonic() - began


def test_few_arrivals_hold_nobody_up() -> None:
    now = 0.0
    rush = Rush(lambda: now)
    for _ in range(5 * MANY):
        rush.note()
        assert not rush.is_on()
        now += WITHIN / MANY + 0.002


def test_many_at_once_are_a_rush_until_it_is_quiet() -> None:
    now = 0.0
    rush = Rush(lambda: now)
    for _ in range(MANY):
        assert not rush.is_on()
        rush.note()
    assert rush.is_on()
    now = WITHIN + 0.001
    assert not rush.is_on()


def test_work_waits_in_a_rush_but_not_for_ever(busy: Rush) -> None:
    assert LONGEST <= took(busy) < 20 * LONGEST


def test_work_goes_on_as_soon_as_the_rush_is_over() -> None:
    rush = Rush()
    rush._latest.extend([time.monotonic() - WITHIN + 0.01] * MANY)
    assert took(rush) < LONGEST


def test_in_a_rush_they_go_one_at_a_time(busy: Rush) -> None:
    began, went = time.monotonic(), []

    def step() -> None:
        busy.give_way()
        went.append(time.monotonic() - began)

    threads = [threading.Thread(target=step) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(went) == 3
    assert all(went[n] >= (n + 1) * LONGEST for n in range(3)), went
