from __future__ import annotations

import pytest

from bot.desk.retries import wait_before


@pytest.mark.parametrize(
    ("attempt", "wish", "seconds"),
    [
        (1, None, 1),
        (2, None, 2),
        (3, None, 4),
        (4, None, 8),
        (8, None, 128),
        (10, None, 512),
        (11, None, 600),
        (1000, None, 600),
        (0, None, 1),
        (1, 30.0, 30),
        (10, 30.0, 512),
        (1, 0.0, 1),
        (11, 900.0, 900),
    ],
)
def test_waits_double_up_to_ten_minutes_unless_the_other_side_wants_longer(
    attempt: int, wish: float | None, seconds: float
) -> None:
    assert wait_before(attempt, wish) == seconds
