"""How long to wait before trying again: pure, tested as a table."""

from __future__ import annotations

FIRST_WAIT = 1.0
LONGEST_WAIT = 600.0
"""Ten minutes: long enough for an outage of Slack's, short enough that people still wait."""
MOST_ATTEMPTS = 8
"""Refusals (not outages) before an entry is given up and staff are told."""


def wait_before(attempt: int, retry_after: float | None = None) -> float:
    """Seconds to wait after the `attempt`-th failure (1 = the first): 1, 2, 4 … at most 600.

    The other side's own wish wins where it is longer.
    """
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** (max(attempt, 1) - 1))
    return max(wait, retry_after or 0.0)
