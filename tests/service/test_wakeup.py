"""Loops are woken when there is work, and not long after it is done."""

from __future__ import annotations

import time

from bot.service.house import Wakeup


def waits(bell: Wakeup) -> bool:
    began = time.monotonic()
    bell.wait(0.05)
    return time.monotonic() - began >= 0.05


def test_a_ring_wakes_one_loop_even_if_it_was_not_waiting_yet() -> None:
    bell = Wakeup()
    bell.ring()
    assert [waits(bell), waits(bell)] == [False, True]


def test_after_a_rush_a_loop_soon_sleeps_again() -> None:
    bell = Wakeup()
    for _ in range(10_000):
        bell.ring()
    woken = 0
    while not waits(bell):
        woken += 1
    assert 4 <= woken < 100
