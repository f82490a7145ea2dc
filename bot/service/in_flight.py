"""Posts under way in this process, and their echoes.

Slack sends every message of ours back as an event, often before it has answered the post. Then
the sender is about to commit the same ts, so the echo waits a moment for it: nearly always there
is nothing left to do. It is not merely noted in memory: that would die with the process, while
Slack has been told that we have the echo.
"""

from __future__ import annotations

import threading

PATIENCE = 0.5
"""Seconds for a post's answer and commit; well under the three in which Slack wants to hear."""


class InFlight:
    """Outbox keys that senders of this process are posting."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._keys: set[str] = set()

    def begin(self, key: str) -> None:
        with self._changed:
            self._keys.add(key)

    def end(self, key: str) -> None:
        with self._changed:
            self._keys.discard(key)
            self._changed.notify_all()

    def wait_for(self, key: str) -> None:
        """Until that post's outcome is committed, or patience is over."""
        with self._changed:
            self._changed.wait_for(lambda: key not in self._keys, PATIENCE)
