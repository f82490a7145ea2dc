"""Typing slips in Latin words, corrected against the words that the catalogue knows."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz.distance import OSA
from rapidfuzz.process import extractOne

_SHORTEST = 4
"""Shorter words have too many neighbours one slip away."""
_TWO_SLIPS_FROM = 8
_MOST_REMEMBERED = 20_000
"""Words whose correction is kept; beyond that, memory would grow with what people type."""


class Spelling:
    """Corrects one word at a time; slips are swaps, omissions, additions and wrong letters."""

    def __init__(self, words: Iterable[str]) -> None:
        self._known = frozenset(words)
        self._by_length: dict[int, list[str]] = {}
        for word in sorted(self._known):
            if len(word) >= _SHORTEST:
                self._by_length.setdefault(len(word), []).append(word)
        self._remembered: dict[str, str] = {}

    def __contains__(self, word: str) -> bool:
        return word in self._known

    def nearly(self, word: str) -> bool:
        """A known word, or one a slip away from it."""
        return self.correct(word) in self._known

    def correct(self, word: str) -> str:
        """The known word that is meant, or `word` itself when none lies close enough."""
        if word in self._known or len(word) < _SHORTEST:
            return word
        if word not in self._remembered:
            if len(self._remembered) >= _MOST_REMEMBERED:
                self._remembered.clear()
            self._remembered[word] = self._nearest(word)
        return self._remembered[word]

    def _nearest(self, word: str) -> str:
        slips = 2 if len(word) >= _TWO_SLIPS_FROM else 1
        best, fewest = word, slips + 1
        for length in sorted(
            range(len(word) - slips, len(word) + slips + 1), key=lambda n: abs(n - len(word))
        ):
            candidates = self._by_length.get(length)
            if not candidates:
                continue
            close = extractOne(
                word, candidates, scorer=OSA.distance, score_cutoff=min(slips, fewest - 1)
            )
            if close is not None and close[1] < fewest:
                best, fewest = close[0], int(close[1])
        return best
