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
        ("pla", "pla"),
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
