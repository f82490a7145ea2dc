"""Posts under way in this process, and their echoes.

Slack sends every message of ours back as an event, often before it has answered the post. While
the post is under way here, the echo is only noted; if the answer is then lost, the echo has told
what became of it. Without this it would have come too early to be of use.
"""

from __future__ import annotations

import threading


class InFlight:
    """Outbox keys that senders of this process are posting, with the ts that echoed for them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._echoes: dict[str, list[str]] = {}

    def begin(self, key: str) -> None:
        with self._lock:
            self._echoes[key] = []

    def echo(self, key: str, ts: str) -> bool:
        """True when the key is being posted here: its sender will see to it."""
        with self._lock:
            if key not in self._echoes:
                return False
            if ts not in self._echoes[key]:
                self._echoes[key].append(ts)
            return True

    def end(self, key: str) -> list[str]:
        """What echoed since `begin`; from now on an echo is the database's business."""
        with self._lock:
            return self._echoes.pop(key, [])
