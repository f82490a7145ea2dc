"""What else tells whether a message is meant for a support desk.

A question full of words that no request ever had (*how do I reload a namespace in the REPL*) is
asked of somebody else, however much it sounds like a question to a support desk; one that names our
subjects is more likely ours; one that mentions a person is that person's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.understanding.normalise import PERSON
from bot.understanding.tokens import Token

_MOST_SUBJECTS = 3


@dataclass(frozen=True, slots=True)
class Evidence:
    """Signs beside the words' own likelihood."""

    unknown_latin: float
    """Share of the message's units that are Latin words no request has, in 0..1."""
    unknown_asian: float
    """The same for pairs of East Asian characters."""
    person: bool
    """Somebody is mentioned."""
    subjects: int
    """Subjects of our desk that are named, at most three."""


def units(tokens: Sequence[Token]) -> list[str]:
    """Latin words, and pairs of neighbouring East Asian characters."""
    found = [token.text for token in tokens if token.kind == "word"]
    for left, right in pairwise(tokens):
        if left.kind == right.kind == "asian" and left.end == right.start:
            found.append(left.text + right.text)
    return found


def evidence(tokens: Sequence[Token], asked: Container[str], subjects: Iterable[str]) -> Evidence:
    """The evidence of one message; `asked` are the units that requests have."""
    found = units(tokens)
    unknown = [unit for unit in found if unit not in asked]
    latin = sum(unit.isascii() for unit in unknown)
    total = max(len(found), 1)
    return Evidence(
        latin / total,
        (len(unknown) - latin) / total,
        any(token.text == PERSON for token in tokens),
        min(len(set(subjects)), _MOST_SUBJECTS),
    )


class OthersAsk(Container[str]):
    """Units that at least `least` other requests have, seen from one request."""

    def __init__(self, count: Counter[str], own: Container[str], least: int) -> None:
        self._count, self._own, self._least = count, own, least

    def __contains__(self, unit: object) -> bool:
        return isinstance(unit, str) and self._count[unit] - (unit in self._own) >= self._least
