"""The weekly report: when it is due, what it says, and that it comes again."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.service.weekly import next_monday


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-11-26T22:00", "2026-11-30T09:00"),  # a Thursday
        ("2026-11-30T08:59", "2026-11-30T09:00"),
        ("2026-11-30T09:00", "2026-12-07T09:00"),
        ("2026-12-27T12:00", "2026-12-28T09:00"),  # a Sunday
    ],
)
def test_it_is_due_on_monday_at_nine(now: str, due: str) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert next_monday(moment) == datetime.fromisoformat(due).replace(tzinfo=UTC)
