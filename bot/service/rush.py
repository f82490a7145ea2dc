"""Making way for arrivals when many come at once.

Slack waits three seconds for an acknowledgement and calls an app broken that misses them; a reply
may take a moment longer. All threads share one interpreter, so in a rush those that handle and
send go one at a time, each after a short pause. The pause is bounded: in a rush without an end
handling becomes slower but goes on.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

MANY = 8
WITHIN = 0.1
"""It is a rush when so many arrivals came within so many seconds: ten times what Slack sends on
behalf of one workspace at its limit."""
LONGEST = 0.05
"""Seconds that work waits at most before each step."""
_LOOK = 0.005
"""Seconds between looks whether the rush is over."""


class Rush:
    """How many arrivals come in, noted by who saves them, heeded by who works them off."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._latest: deque[float] = deque(maxlen=MANY)
        self._next = threading.Lock()

    def note(self) -> None:
        """Something came in."""
        self._latest.append(self._clock())

    def is_on(self) -> bool:
        latest = self._latest
        return len(latest) == MANY and self._clock() - latest[0] < WITHIN

    def give_way(self) -> None:
        """Call before a step of work: at once in quiet times, else after a pause and in turn."""
        if not self.is_on():
            return
        with self._next:
            until = self._clock() + LONGEST
            while self.is_on() and self._clock() < until:
                time.sleep(_LOOK)
