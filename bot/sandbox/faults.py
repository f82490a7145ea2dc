"""Nastiness on command: what networks and Slack do to an app on a bad day.

A test says what shall go wrong, how often, and for which calls or deliveries; everything random
comes from one seed.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from bot.sandbox.records import Json

CallAnswer = Literal[
    "ratelimited", "http_500", "http_503", "fatal_error", "internal_error", "timeout", "reset", "ok"
]
"""`timeout`: the line stays silent for `seconds`, then closes. `reset`: the line breaks. `ok`: only
the delay."""
When = Literal["before", "after"]
"""Before or after the method has been carried out: `after` is the answer that got lost."""
DeliveryFault = Literal["lose_ack", "lose_payload", "double", "delay"]
"""`lose_ack`: the app handled it, Slack never knew. `lose_payload`: the app never saw that attempt.
`double`: a second copy of the event under another event id."""


@dataclass(slots=True)
class CallFault:
    method: str
    """`*` means any."""
    answer: CallAnswer
    when: When
    times: int | None
    probability: float
    retry_after: int
    seconds: float
    """Of delay, or of silence for `timeout`."""


@dataclass(slots=True)
class DeliveryTrouble:
    fault: DeliveryFault
    kind: str
    """Event type (`message`, `app_mention`, …), interaction type, or `*`."""
    times: int | None
    probability: float
    seconds: float


class Faults:
    def __init__(self, seed: int = 0) -> None:
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self._calls: list[CallFault] = []
        self._deliveries: list[DeliveryTrouble] = []
        self.history_lag = 0.0
        """Seconds by which `conversations.history` and `.replies` lag behind."""
        self.struck: list[str] = []
        """What has been done to the app so far, oldest first."""
        self.on_drop_sockets: Callable[[bool], None] = lambda _abruptly: None
        self.on_deafen: Callable[[int], None] = lambda _count: None

    def call(
        self,
        method: str,
        answer: CallAnswer,
        *,
        when: When = "before",
        times: int | None = 1,
        probability: float = 1.0,
        retry_after: int = 1,
        seconds: float = 0.0,
    ) -> None:
        """Spoil Web API calls; `times=None` until `clear`."""
        _require(answer, CallAnswer)
        _require(when, When)
        with self._lock:
            self._calls.append(
                CallFault(method, answer, when, times, probability, retry_after, seconds)
            )

    def deliver(
        self,
        fault: DeliveryFault,
        kind: str = "*",
        *,
        times: int | None = 1,
        probability: float = 1.0,
        seconds: float = 0.0,
    ) -> None:
        """Spoil what goes to the app; `times=None` until `clear`."""
        _require(fault, DeliveryFault)
        with self._lock:
            self._deliveries.append(DeliveryTrouble(fault, kind, times, probability, seconds))

    def lag_history(self, seconds: float) -> None:
        self.history_lag = seconds

    def drop_sockets(self, *, abruptly: bool = False) -> None:
        """Close every Socket Mode connection; `abruptly`, break it without a closing frame."""
        self.struck.append("drop_sockets")
        self.on_drop_sockets(abruptly)

    def deafen_sockets(self, count: int = 1) -> None:
        """Open connections that stay open while nothing comes through them any more."""
        self.struck.append(f"deafen_sockets {count}")
        self.on_deafen(count)

    def clear(self) -> None:
        with self._lock:
            self._calls.clear()
            self._deliveries.clear()
            self.history_lag = 0.0

    def for_call(self, method: str, when: When) -> CallFault | None:
        with self._lock:
            for fault in self._calls:
                if fault.when == when and fault.method in (method, "*") and self._strikes(fault):
                    self.struck.append(f"{method} {fault.answer} {when}")
                    return fault
        return None

    def for_delivery(self, fault: DeliveryFault, kind: str) -> DeliveryTrouble | None:
        with self._lock:
            for trouble in self._deliveries:
                fits = trouble.fault == fault and trouble.kind in (kind, "*")
                if fits and self._strikes(trouble):
                    self.struck.append(f"{kind} {fault}")
                    return trouble
        return None

    def _strikes(self, fault: CallFault | DeliveryTrouble) -> bool:
        if fault.times == 0 or self._random.random() >= fault.probability:
            return False
        if fault.times is not None:
            fault.times -= 1
        return True

    def as_json(self) -> Json:
        with self._lock:
            return {
                "calls": [asdict(fault) for fault in self._calls],
                "deliveries": [asdict(trouble) for trouble in self._deliveries],
                "history_lag": self.history_lag,
                "struck": list(self.struck),
            }


def _require(given: str, allowed: Any) -> None:
    """Words also come in over HTTP, where no type checker has seen them."""
    if given not in get_args(allowed):
        raise ValueError(f"{given!r} is none of: {', '.join(get_args(allowed))}")
