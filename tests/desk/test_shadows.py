"""The bar that shadow mode proposes."""

from __future__ import annotations

from bot.desk.shadows import FEWEST, Watched, compare


def spoken(score: float, *, answered: bool) -> Watched:
    return Watched(score, speaks=True, answered=answered)


def test_the_four_cases_are_counted() -> None:
    shadow = compare(
        [
            spoken(0.9, answered=True),
            spoken(0.8, answered=False),
            Watched(0.2, speaks=False, answered=True),
            Watched(0.1, speaks=False, answered=False),
        ]
    )
    assert (shadow.seen, shadow.both, shadow.alone, shadow.missed) == (4, 1, 1, 1)


def test_too_little_to_tell() -> None:
    assert compare([spoken(0.9, answered=True)] * (FEWEST - 1)).proposed is None
    assert compare([spoken(0.9, answered=True)] * FEWEST).proposed == 0.9


def test_the_lowest_bar_that_is_nearly_always_wanted() -> None:
    good = [spoken(0.9 - number / 1000, answered=True) for number in range(30)]
    bad = [spoken(0.6, answered=False)] * 10
    shadow = compare(good + bad)
    assert shadow.proposed is not None
    assert 0.6 < shadow.proposed <= 0.872


def test_equal_scores_stand_or_fall_together() -> None:
    mixed = [spoken(0.7, answered=number % 2 == 0) for number in range(40)]
    assert compare(mixed).proposed is None
