"""Slack's rate limits: a bucket of calls per method, and per channel for `chat.postMessage`."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

TIER_PER_MINUTE = {1: 1, 2: 20, 3: 50, 4: 100}
_HISTORY_METHODS = ("conversations.history", "conversations.replies")


@dataclass(slots=True)
class _Bucket:
    capacity: float
    per_second: float
    tokens: float
    filled_at: float


class RateLimits:
    """`take` answers how many seconds to wait, 0 when the call may pass.

    Posting: one message a second per channel, with `post_burst` calls on credit. Other methods:
    by tier and minute, each with its whole minute as burst. `tight_history` is Slack's regime for
    commercial apps outside its Marketplace: one read of a history a minute, 15 objects each.
    """

    def __init__(
        self,
        *,
        posts_per_second: float = 1.0,
        post_burst: int = 10,
        tiers: dict[int, int] | None = None,
        tight_history: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._posts_per_second = posts_per_second
        self._post_burst = post_burst
        self._tiers = TIER_PER_MINUTE if tiers is None else tiers
        self._clock = clock
        self._buckets: dict[tuple[str, str], _Bucket] = {}
        self._lock = threading.Lock()
        self.is_on = True
        self.tight_history = tight_history

    @classmethod
    def off(cls) -> Self:
        limits = cls()
        limits.is_on = False
        return limits

    def take(self, method: str, tier: int, channel: str = "", *, workspace: str = "") -> int:
        """Whole seconds for `Retry-After`. `tier` 0 has no limit; limits are a workspace's own."""
        if not self.is_on:
            return 0
        if method == "chat.postMessage":
            capacity, per_second = float(self._post_burst), self._posts_per_second
        elif tier in self._tiers:
            if self.tight_history and method in _HISTORY_METHODS:
                tier = 1
            capacity, per_second = float(self._tiers[tier]), self._tiers[tier] / 60
            channel = workspace
        else:
            return 0
        with self._lock:
            now = self._clock()
            bucket = self._buckets.setdefault(
                (method, channel), _Bucket(capacity, per_second, capacity, now)
            )
            gained = (now - bucket.filled_at) * bucket.per_second
            bucket.tokens = min(bucket.capacity, bucket.tokens + gained)
            bucket.filled_at = now
            if bucket.tokens >= 1:
                bucket.tokens -= 1
                return 0
            return max(1, math.ceil((1 - bucket.tokens) / bucket.per_second))
