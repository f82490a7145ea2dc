"""Named places on a message's way where a test can break this process.

Off – everywhere but in tests – a point costs one comparison. `supportbot run` arms one when
`SUPPORTBOT_FAULT` says so: `delivery.posted` dies there by SIGKILL, as by a power cut;
`delivery.posted:3` the third time it is reached; `delivery.posted:3:freeze=5` holds the thread
that reached it for five seconds instead, as a machine that was suspended does.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.desk.errors import SetupFault

POINTS = (
    # Slack → inbox
    "intake.arrived",  # before the row is written
    "intake.saving",  # written, not committed
    "intake.saved",  # committed, Slack not told yet
    "echo.noting",  # our own message settles an unknown outcome: not committed
    "echo.noted",
    "catch_up.read",  # history read, nothing of it saved
    "catch_up.marked",  # everything saved, the mark not committed
    # inbox → requests + outbox
    "lanes.claiming",  # either queue: the claim is written, not committed
    "handling.claimed",
    "handling.begun",  # names are known, the transaction begins
    "handling.committing",  # everything written, nothing committed
    "handling.committed",
    "handling.failing",  # a failure is being recorded on the row
    "directory.remembering",  # a person's name is not committed
    "upkeep.committing",  # a board that nobody asked for is not committed
    # outbox → Slack
    "delivery.claimed",  # `sending` is committed
    "delivery.looked",  # looked for before repeating, nothing done yet
    "delivery.calling",  # right before the call
    "delivery.called",  # Slack has answered
    "delivery.committing",  # `sent` is written, not committed
    "delivery.committed",
    "delivery.postponing",  # a wait or an unknown outcome is not committed
)
BESIDES = (
    # tokens that end, where several workspaces have the app
    "refreshing.begun",  # the row is taken, Slack not asked
    "refreshing.answered",  # the old refresh token is used up, the new one not committed
)
"""Not on a message's way."""
_FREEZE = "freeze="


class Crash(BaseException):
    """A process's death without one: no handler of errors may catch it."""


@dataclass(slots=True)
class _Trap:
    point: str
    act: Callable[[], None]
    nth: int
    """Which time the point is reached, counted down."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def reached(self) -> None:
        with self.lock:
            self.nth -= 1
            strikes = self.nth == 0
        if strikes:
            self.act()


_trap: _Trap | None = None


def passing(point: str) -> None:
    """Called at the point."""
    if _trap is not None and _trap.point == point:
        _trap.reached()


def arm(point: str, act: Callable[[], None], nth: int = 1) -> None:
    """Do `act` the `nth` time that the point is reached from now on, once."""
    global _trap
    known = (*POINTS, *BESIDES)
    if point not in known:
        raise ValueError(f"there is no fault point {point!r}; there are: {', '.join(known)}")
    _trap = _Trap(point, act, nth)


def disarm() -> None:
    global _trap
    _trap = None


def arm_as_told(written: str) -> None:
    """`point[:nth[:freeze=seconds]]`; empty arms nothing. Raises `SetupFault`."""
    if not written:
        return
    point, _, rest = written.partition(":")
    nth, _, how = rest.partition(":")
    act: Callable[[], None] = die
    try:
        if how:
            if not how.startswith(_FREEZE):
                raise ValueError(f"{how!r} is not freeze=SECONDS")
            seconds = float(how.removeprefix(_FREEZE))
            act = lambda: time.sleep(seconds)  # noqa: E731 - a name would say no more
        arm(point, act, int(nth or 1))
    except ValueError as error:
        raise SetupFault(f"SUPPORTBOT_FAULT is {written!r}: {error}") from None


def die() -> None:
    """As by a power cut: nothing is flushed, nobody is told."""
    os.kill(os.getpid(), signal.SIGKILL)


def crash() -> None:
    raise Crash
