"""Short-lived keys Slack hands out with interactions: trigger ids and response addresses."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass

from bot.sandbox.errors import ApiError

TRIGGER_SECONDS = 3.0
RESPONSE_SECONDS = 30 * 60.0
RESPONSE_USES = 5


@dataclass(slots=True)
class _Trigger:
    person: str
    team: str
    """Whose installation was told of it; another one's token cannot use it."""
    born: float
    is_used: bool = False


class Triggers:
    """Each lets the app open one modal on one person's screen, at once or never."""

    def __init__(self, clock: Callable[[], float], seconds: float = TRIGGER_SECONDS) -> None:
        self._clock = clock
        self._seconds = seconds
        self._triggers: dict[str, _Trigger] = {}
        self._lock = threading.Lock()

    def mint(self, person: str, team: str) -> str:
        trigger_id = f"{secrets.randbelow(10**13)}.{secrets.token_hex(8)}"
        with self._lock:
            self._triggers[trigger_id] = _Trigger(person, team, self._clock())
        return trigger_id

    def exchange(self, trigger_id: str, team: str) -> str:
        """The person whose screen it is; the trigger is spent."""
        with self._lock:
            trigger = self._triggers.get(trigger_id)
            if trigger is None or trigger.team != team:
                raise ApiError("invalid_trigger_id")
            if trigger.is_used:
                raise ApiError("exchanged_trigger_id")
            if self._clock() - trigger.born > self._seconds:
                raise ApiError("expired_trigger_id")
            trigger.is_used = True
            return trigger.person


@dataclass(slots=True)
class ResponseDoor:
    """What a response address leads back to."""

    person: str
    channel: str
    message_ts: str = ""
    """The message whose button was pressed; empty after a command."""
    thread_ts: str = ""
    born: float = 0.0
    uses_left: int = RESPONSE_USES


class ResponseUrls:
    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._doors: dict[str, ResponseDoor] = {}
        self._lock = threading.Lock()

    def mint(self, door: ResponseDoor) -> str:
        """The key at the end of the address."""
        key = secrets.token_hex(12)
        door.born = self._clock()
        with self._lock:
            self._doors[key] = door
        return key

    def use(self, key: str) -> ResponseDoor:
        with self._lock:
            door = self._doors.get(key)
            if door is None:
                raise ApiError("invalid_url")
            if self._clock() - door.born > RESPONSE_SECONDS:
                raise ApiError("expired_url")
            if door.uses_left == 0:
                raise ApiError("used_url")
            door.uses_left -= 1
            return door
