"""Keeping under Slack's limits before it has to say so.

`chat.postMessage` takes about one message a second and channel, and tolerates bursts it does not
number. So a channel starts with a generous bucket of tokens that fills by one a second. When Slack
says 429 all the same, the method is held for the time it names in that workspace, and that channel
gets no bursts for ten minutes.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

BURST = 60.0
"""Messages a channel that was quiet may get at once: a lively thread, or its catching up."""
PER_SECOND = 1.0
STRICT_SECONDS = 600.0
"""How long a channel goes without bursts after a 429."""


@dataclass(slots=True)
class _Bucket:
    at: float
    tokens: float = BURST
    strict_until: float = 0.0


@dataclass(slots=True)
class Pacing:
    """Shared by the sender threads of one process; `clock` gives seconds, monotonic."""

    clock: Callable[[], float] = time.monotonic
    _buckets: dict[str, _Bucket] = field(default_factory=dict)
    _held: dict[tuple[str, str], float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait_for(self, method: str, channel: str, team: str = "") -> float:
        """Seconds until the call may go out; 0 takes the channel's token."""
        with self._lock:
            now = self.clock()
            held = self._held.get((team, method), 0.0) - now
            if held > 0:
                return held
            if method != "chat.postMessage":
                return 0.0
            bucket = self._refilled(channel, now)
            if bucket.tokens < 1.0:
                return (1.0 - bucket.tokens) / PER_SECOND
            bucket.tokens -= 1.0
            return 0.0

    def refused(self, method: str, channel: str, retry_after: float, team: str = "") -> None:
        """Slack answered 429."""
        with self._lock:
            now = self.clock()
            held = self._held.get((team, method), 0.0)
            self._held[team, method] = max(held, now + retry_after)
            if method == "chat.postMessage":
                bucket = self._refilled(channel, now)
                bucket.tokens = 0.0
                bucket.strict_until = now + STRICT_SECONDS

    def _refilled(self, channel: str, now: float) -> _Bucket:
        bucket = self._buckets.get(channel)
        if bucket is None:
            if len(self._buckets) > 10_000:  # channels come and go; full buckets say nothing
                self._buckets.clear()
            bucket = self._buckets[channel] = _Bucket(at=now)
        most = 1.0 if now < bucket.strict_until else BURST
        bucket.tokens = min(most, bucket.tokens + (now - bucket.at) * PER_SECOND)
        bucket.at = now
        return bucket
