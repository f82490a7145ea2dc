"""Telling a waiting person why it takes a moment."""

from __future__ import annotations

import sys
import time
from typing import Self, TextIO

_WIDTH = 30
_EVERY = 0.1
"""Seconds between two pictures of a bar."""


def say_learning(examples: int) -> None:
    """On standard error, so that what a command prints stays clean."""
    print(
        f"learning {examples} phrases (only after they change; up to a minute) …",
        file=sys.stderr,
        flush=True,
    )


class Progress:
    """A bar on a terminal, a line for each step elsewhere; on standard error."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._live = self._stream.isatty()
        self._step = ""
        self._shown_at = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._live and self._step:
            self._stream.write("\r\x1b[K")
            self._stream.flush()

    def tell(self, step: str, done: int, whole: int) -> None:
        """`whole` 0 stands for a step whose length is not known."""
        if not self._live:
            if step != self._step:
                amount = f" {whole:,} pages" if whole else ""
                self._stream.write(f"{step}{amount} …\n")
                self._stream.flush()
            self._step = step
            return
        now = time.monotonic()
        if step == self._step and now - self._shown_at < _EVERY:
            return
        self._step, self._shown_at = step, now
        filled = round(_WIDTH * done / whole) if whole else 0
        bar = f" [{'█' * filled}{'░' * (_WIDTH - filled)}] {done:,}/{whole:,}" if whole else " …"
        self._stream.write(f"\r\x1b[K{step}{bar}")
        self._stream.flush()
