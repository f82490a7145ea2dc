"""Keeping under Slack's limits before it has to say so.

`chat.postMessage` takes about one message a second per channel with short bursts: a bucket of
tokens per channel. A 429 holds the method for the time it names (for that workspace), and the
channel that caused it goes on without bursts for a while.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

BURST = 8.0
"""Messages a quiet channel may get at once; Slack tolerates short bursts above one a second."""
PER_SECOND = 1.0


@dataclass(slots=True)
class _Bucket:
    tokens: float = BURST
    at: float = 0.0


@dataclass(slots=True)
class Pacing:
    """Shared by the sender threads of one process; `clock` gives seconds, monotonic."""

    clock: Callable[[], float] = time.monotonic
    _buckets: dict[str, _Bucket] = field(default_factory=dict)
    _held: dict[str, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait_for(self, method: str, channel: str) -> float:
        """Seconds until the call may go out; 0 takes the channel's token."""
        with self._lock:
            now = self.clock()
            held = self._held.get(method, 0.0) - now
            if held > 0:
                return held
            if method != "chat.postMessage":
                return 0.0
            bucket = self._refilled(channel, now)
            if bucket.tokens < 1.0:
                return (1.0 - bucket.tokens) / PER_SECOND
            bucket.tokens -= 1.0
            return 0.0

    def refused(self, method: str, channel: str, retry_after: float) -> None:
        """Slack answered 429."""
        with self._lock:
            now = self.clock()
            self._held[method] = max(self._held.get(method, 0.0), now + retry_after)
            if method == "chat.postMessage":
                bucket = self._refilled(channel, now)
                bucket.tokens = 0.0

    def _refilled(self, channel: str, now: float) -> _Bucket:
        bucket = self._buckets.get(channel)
        if bucket is None:
            if len(self._buckets) > 10_000:  # channels come and go; full buckets say nothing
                self._buckets.clear()
            bucket = self._buckets[channel] = _Bucket(at=now)
        bucket.tokens = min(BURST, bucket.tokens + (now - bucket.at) * PER_SECOND)
        bucket.at = now
        return bucket
