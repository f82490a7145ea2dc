"""Typing errors in Latin words, mended against the words that the pages hold.

Mending comes before stemming: a stem of a misspelt word leads nowhere, and two stems are too short
to tell apart.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from rapidfuzz import process
from rapidfuzz.distance import OSA

_WORD = re.compile(r"(?<![A-Za-z0-9_.'/-])[A-Za-z]+(?![A-Za-z0-9_.'/-]|\.[A-Za-z])")

SHORTEST = 4
"""Shorter words have too many neighbours; so do words of four letters with a wrong first one."""

_TWO_ERRORS_FROM = 8
_FEWEST_PAGES = 2
"""A word on one page only may itself be a slip."""


class Spelling:
    """The words that are known, and the nearest known word to an unknown one."""

    def __init__(self, pages_with: Mapping[str, int], also_known: Collection[str] = ()) -> None:
        """`also_known` are words that are right though no page holds them."""
        self._pages_with = pages_with
        self._also_known = frozenset(also_known)
        self._by_length: dict[int, list[str]] = {}

    def knows(self, word: str) -> bool:
        return word in self._pages_with or word in self._also_known

    def mended(self, text: str) -> str:
        """The text with unknown words replaced where one known word is clearly nearest."""

        def right(found: re.Match[str]) -> str:
            word = found[0].lower()
            if len(word) < SHORTEST or self.knows(word):
                return found[0]
            return self._nearest(word) or found[0]

        return _WORD.sub(right, text)

    def _nearest(self, word: str) -> str | None:
        if any(self.knows(stem) for stem in _plainer(word)):
            return None
        errors = 2 if len(word) >= _TWO_ERRORS_FROM else 1
        best: tuple[float, int, str] | None = None
        for length in range(len(word) - errors, len(word) + errors + 1):
            for other, distance, _ in process.extract(
                word, self._words(length), scorer=OSA.distance, score_cutoff=errors, limit=12
            ):
                if len(word) == SHORTEST and other[0] != word[0]:
                    continue
                unlike_start = other[0] != word[0]
                rank = (distance + 0.5 * unlike_start, -self._weight(other), other)
                if best is None or rank < best:
                    best = rank
        return best[2] if best else None

    def _weight(self, word: str) -> int:
        return self._pages_with.get(word, 0) + (20 if word in self._also_known else 0)

    def _words(self, length: int) -> list[str]:
        if length not in self._by_length:
            common = {word for word, pages in self._pages_with.items() if pages >= _FEWEST_PAGES}
            self._by_length[length] = sorted(
                word for word in common | self._also_known if len(word) == length
            )
        return self._by_length[length]


def _plainer(word: str) -> list[str]:
    """The word without an ending: `restorings` is no typing error of `restoring`."""
    return [
        word.removesuffix(ending)
        for ending in ("s", "es", "ed", "ing", "er", "ly")
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST
    ]
