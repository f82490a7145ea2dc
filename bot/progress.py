"""Telling a waiting person why it takes a moment."""

from __future__ import annotations

import sys


def say_learning(examples: int) -> None:
    """On standard error, so that what a command prints stays clean."""
    print(
        f"learning {examples} phrases (only after they change; up to a minute) …",
        file=sys.stderr,
        flush=True,
    )
