"""Typing slips in Latin words, corrected against the words that the catalogue knows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import islice

from rapidfuzz.distance import OSA
from rapidfuzz.process import extractOne

_SHORTEST = 3
"""Shorter words are one slip away from everything."""
_TWO_SLIPS_FROM = 6
_USUAL_SHORT, _USUAL_THREE = 150, 300
"""So many of the most used words are looked at to mend a word of three letters (*tme*), and to mend
a longer one into a word of three (*feor*): rarer ones are mostly abbreviations."""
_MOST_REMEMBERED = 20_000
"""Words whose correction is kept; beyond that, memory would grow with what people type."""


class Spelling:
    """Corrects words; slips are swaps, omissions, additions and wrong letters.

    `words` come in order, the most used first: of several as close, the first is meant. `exists`
    tells of a word that is not among them whether it is one all the same (*grass* is not *grams*).
    """

    def __init__(self, words: Iterable[str], exists: Callable[[str], bool] | None = None) -> None:
        self._rank = {word: rank for rank, word in enumerate(dict.fromkeys(words))}
        self._exists = exists
        self._by_length: dict[int, list[str]] = {}
        for word, rank in self._rank.items():
            if len(word) > _SHORTEST or (len(word) == _SHORTEST and rank < _USUAL_THREE):
                self._by_length.setdefault(len(word), []).append(word)
        self._usual = [word for word in islice(self._rank, _USUAL_SHORT) if len(word) > 1]
        self._remembered: dict[str, str] = {}

    def __contains__(self, word: str) -> bool:
        return word in self._rank

    def nearly(self, word: str) -> bool:
        """A known word, or one a slip away from it."""
        return self.correct(word) in self._rank

    def correct(self, word: str) -> str:
        """The known word that is meant, or `word` itself when none lies close enough."""
        if word in self._rank or len(word) < _SHORTEST:
            return word
        if word not in self._remembered:
            if len(self._remembered) >= _MOST_REMEMBERED:
                self._remembered.clear()
            self._remembered[word] = self._nearest(word)
        return self._remembered[word]

    def apart(self, left: str, right: str) -> tuple[str, str]:
        """Two neighbours with the space between them where it belongs (*my phone*, not *m yphone*).

        It is moved by one letter, and only if that makes two known words.
        """
        if left not in self._rank or right not in self._rank:
            for pair in ((left + right[0], right[1:]), (left[:-1], left[-1] + right)):
                if pair[0] in self._rank and pair[1] in self._rank:
                    return pair
        return left, right

    def _nearest(self, word: str) -> str:
        if len(word) == _SHORTEST:
            return self._usually(word)
        if self._exists is not None and self._exists(word):
            return word
        slips = 2 if len(word) >= _TWO_SLIPS_FROM else 1
        lengths = range(len(word) - slips, len(word) + slips + 1)
        close = [self._closest(word, self._by_length.get(length, ()), slips) for length in lengths]
        return min(filter(None, close), default=(0, 0, word))[2]

    def _usually(self, word: str) -> str:
        """The usual word that a short one stands for; swapped letters are the likeliest slip."""
        swapped = (word[1] + word[0] + word[2], word[0] + word[2] + word[1])
        known = [other for other in swapped if other in self._rank]
        if known:
            return min(known, key=self._rank.__getitem__)
        found = self._closest(word, self._usual, 1)
        return found[2] if found else word

    def _closest(
        self, word: str, candidates: Sequence[str], slips: int
    ) -> tuple[int, int, str] | None:
        """Slips, rank and word of the first of the closest candidates."""
        found = extractOne(word, candidates, scorer=OSA.distance, score_cutoff=slips)
        return found and (int(found[1]), self._rank[found[0]], found[0])
