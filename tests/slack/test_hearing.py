"""A socket that went deaf is told by what the others hear."""

from __future__ import annotations

from bot.slack.hearing import GRACE, SILENCE, Hearing


def test_two_that_hear_are_left_alone() -> None:
    hearing = Hearing(2, began=0.0)
    for second in range(0, 2000, 60):
        hearing.heard(0, second)
        hearing.heard(1, second)
        assert hearing.deaf(second + 30) == []


def test_a_message_that_timed_out_elsewhere_gives_the_silent_one_away() -> None:
    hearing = Hearing(2, began=0.0)
    hearing.timed_out_elsewhere(0, 100.0)
    hearing.heard(0, 100.0)
    assert hearing.deaf(100.0 + GRACE - 1) == []
    assert hearing.deaf(100.0 + GRACE) == [1]


def test_one_that_then_hears_is_cleared() -> None:
    hearing = Hearing(2, began=0.0)
    hearing.timed_out_elsewhere(0, 100.0)
    hearing.heard(1, 110.0)
    assert hearing.deaf(100.0 + GRACE) == []


def test_something_that_was_never_delivered_puts_all_under_suspicion() -> None:
    hearing = Hearing(2, began=0.0)
    hearing.missed(100.0)
    hearing.heard(0, 105.0)
    assert hearing.deaf(100.0 + GRACE) == [1]


def test_a_very_long_silence_is_not_trusted_and_a_new_connection_starts_afresh() -> None:
    hearing = Hearing(1, began=0.0)
    assert hearing.deaf(SILENCE - 1) == []
    assert hearing.deaf(SILENCE) == [0]
    hearing.reopened(0, SILENCE)
    assert hearing.deaf(SILENCE + 1) == []
