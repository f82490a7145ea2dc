from __future__ import annotations

import pytest

from bot.understanding.spelling import Spelling

WORDS = ("upgrade", "cluster", "enterprise", "support", "plan", "demo")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("upgarde", "upgrade"),
        ("clutser", "cluster"),
        ("clustr", "cluster"),
        ("entreprize", "enterprise"),
        ("suport", "support"),
        ("pla", "plan"),
        ("plx", "plx"),
        ("zebra", "zebra"),
        ("support", "support"),
    ],
)
def test_one_slip_is_mended_and_two_in_long_words(typed: str, meant: str) -> None:
    assert Spelling(WORDS).correct(typed) == meant


def test_known_words_and_their_misspellings_are_told_from_names() -> None:
    spelling = Spelling(WORDS)
    assert "cluster" in spelling
    assert "clutser" not in spelling
    assert spelling.nearly("clutser")
    assert not spelling.nearly("whale")


@pytest.mark.parametrize(("typed", "meant"), [("teh", "the"), ("feor", "for"), ("kms", "kms")])
def test_short_words_are_mended_into_the_most_used_ones(typed: str, meant: str) -> None:
    assert Spelling(("the", "for", "time", "plan")).correct(typed) == meant


def test_of_words_as_close_the_most_used_is_meant() -> None:
    assert Spelling(("plan", "play")).correct("plam") == "plan"
    assert Spelling(("play", "plan")).correct("plam") == "play"


def test_words_that_exist_stay() -> None:
    assert Spelling(("grams",)).correct("grass") == "grams"
    assert Spelling(("grams",), {"grass"}.__contains__).correct("grass") == "grass"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (("th", "eplan"), ("the", "plan")),
        (("thep", "lan"), ("the", "plan")),
        (("the", "plan"), ("the", "plan")),
        (("the", "xplan"), ("the", "xplan")),
    ],
)
def test_a_space_typed_too_early_or_too_late_is_moved(
    typed: tuple[str, str], meant: tuple[str, str]
) -> None:
    assert Spelling(("the", "plan")).apart(*typed) == meant
