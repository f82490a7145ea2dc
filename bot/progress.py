"""Telling a waiting person why it takes a moment."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Self, TextIO

_WIDTH = 30
_EVERY = 0.1
"""Seconds between two pictures of a bar."""
_EVERY_LINE = 5.0
"""Seconds between two lines where there is no terminal: enough to see that it lives."""


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


class Learning:
    """How far learning the phrases is, told as a share; a bar, or a line now and then."""

    def __init__(
        self,
        examples: int,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stream = stream or sys.stderr
        self._bar = Progress(self._stream) if self._stream.isatty() else None
        self._step = f"learning {examples:,} phrases"
        self._clock = clock
        self._told = clock()
        if self._bar is None:
            print(f"{self._step} …", file=self._stream, flush=True)

    def __call__(self, done: float) -> None:
        """`done` is the share that is behind us, 0 to 1."""
        percent = round(100 * min(max(done, 0.0), 1.0))
        if self._bar is not None:
            self._bar.tell(self._step, percent, 100)
            if percent == 100:
                self._bar.__exit__()
        elif percent == 100 or self._clock() - self._told >= _EVERY_LINE:
            self._told = self._clock()
            print(f"{self._step}: {percent} %", file=self._stream, flush=True)
