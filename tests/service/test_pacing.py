from __future__ import annotations

import pytest

from bot.service.pacing import BURST, STRICT_SECONDS, Pacing
from tests.support.house import Clock

POST = "chat.postMessage"


@pytest.fixture
def pacing(clock: Clock) -> Pacing:
    return Pacing(clock.seconds)


def drain(pacing: Pacing, channel: str = "C1") -> int:
    """Posts that may go out at once."""
    sent = 0
    while pacing.wait_for(POST, channel) == 0 and sent < 2 * BURST:
        sent += 1
    return sent


def test_a_quiet_channel_takes_a_burst_and_then_one_a_second(pacing: Pacing, clock: Clock) -> None:
    assert drain(pacing) == BURST
    assert 0 < pacing.wait_for(POST, "C1") <= 1
    clock.forward(1)
    assert drain(pacing) == 1
    clock.forward(3)
    assert drain(pacing) == 3


def test_a_long_silence_does_not_save_up_more_than_a_burst(pacing: Pacing, clock: Clock) -> None:
    drain(pacing)
    clock.forward(3600)
    assert drain(pacing) == BURST


def test_channels_do_not_wait_for_each_other(pacing: Pacing) -> None:
    drain(pacing, "C1")
    assert drain(pacing, "C2") == BURST


def test_only_posts_are_counted(pacing: Pacing) -> None:
    assert {pacing.wait_for("chat.update", "C1") for _ in range(100)} == {0.0}


def test_a_refusal_holds_the_method_as_long_as_slack_wants(pacing: Pacing, clock: Clock) -> None:
    pacing.refused(POST, "C1", 30)
    assert pacing.wait_for(POST, "C2") == 30
    assert pacing.wait_for("chat.update", "C1") == 0
    clock.forward(29)
    assert pacing.wait_for(POST, "C2") == pytest.approx(1)
    clock.forward(2)
    assert pacing.wait_for(POST, "C2") == 0


def test_after_a_refusal_the_channel_goes_without_bursts_for_a_while(
    pacing: Pacing, clock: Clock
) -> None:
    pacing.refused(POST, "C1", 1)
    clock.forward(100)
    assert drain(pacing, "C1") == 1
    assert drain(pacing, "C2") == BURST
    clock.forward(STRICT_SECONDS + BURST)
    assert drain(pacing, "C1") == BURST


def test_the_longer_of_two_holds_counts(pacing: Pacing) -> None:
    pacing.refused(POST, "C1", 30)
    pacing.refused(POST, "C1", 5)
    assert pacing.wait_for(POST, "C1") == 30
