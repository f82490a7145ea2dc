from __future__ import annotations

import pytest

from bot.desk.pace import MOST, QUIET, Pace, pace


@pytest.mark.parametrize(
    ("acts", "hushed", "expected"),
    [
        (1, False, Pace.ANSWER),
        (MOST, False, Pace.ANSWER),
        (MOST + 1, False, Pace.HUSH),
        (MOST, True, Pace.HUSH),
        (QUIET + 1, True, Pace.HUSH),
        (QUIET, True, Pace.ANSWER),
    ],
)
def test_who_does_too_much_is_not_answered_until_it_is_quiet(
    acts: int, hushed: bool, expected: Pace
) -> None:
    assert pace(acts, hushed=hushed) is expected


@pytest.mark.parametrize("per_minute", [31, 60, 1000])
def test_a_steady_stream_is_answered_at_its_beginning_only(per_minute: int) -> None:
    """Ten minutes of it; one in two seconds would else be answered all the time."""
    moments = [number * 60 / per_minute for number in range(per_minute * 10)]
    hushed, answered = False, 0
    for number, moment in enumerate(moments):
        lately = sum(1 for one in moments[max(0, number - 1100) : number + 1] if one > moment - 60)
        hushed = pace(lately, hushed=hushed) is Pace.HUSH
        answered += not hushed
    assert answered == MOST
