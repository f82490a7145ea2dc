"""How much of a message consists of words that requests are made of.

A question full of words that no request ever had (*how do I reload a namespace in the REPL*) is
asked of somebody else, however much it sounds like a question to a support desk.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass

from bot.understanding.normalise import PERSON
from bot.understanding.tokens import Token


@dataclass(frozen=True, slots=True)
class Coverage:
    """What of a message is unknown, as shares of all its units in 0..1."""

    unknown_latin: float
    unknown_asian: float
    person: bool
    """Somebody is mentioned."""


def units(tokens: Sequence[Token]) -> list[str]:
    """Latin words, and pairs of neighbouring East Asian characters."""
    found = [token.text for token in tokens if token.kind == "word"]
    for left, right in zip(tokens, tokens[1:], strict=False):
        if left.kind == right.kind == "asian" and left.end == right.start:
            found.append(left.text + right.text)
    return found


def coverage(tokens: Sequence[Token], known: Container[str]) -> Coverage:
    """The coverage of one message by the units that requests have."""
    found = units(tokens)
    unknown = [unit for unit in found if unit not in known]
    latin = sum(unit.isascii() for unit in unknown)
    total = max(len(found), 1)
    person = any(token.text == PERSON for token in tokens)
    return Coverage(latin / total, (len(unknown) - latin) / total, person)


class OthersHave(Container[str]):
    """Units that at least `least` other requests have, seen from one request."""

    def __init__(self, count: Counter[str], own: Container[str], least: int) -> None:
        self._count, self._own, self._least = count, own, least

    def __contains__(self, unit: object) -> bool:
        return isinstance(unit, str) and self._count[unit] - (unit in self._own) >= self._least
