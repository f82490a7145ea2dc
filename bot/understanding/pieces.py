"""Cutting text into the pieces of a word-piece vocabulary.

A vocabulary lists pieces with their log-probabilities; of all ways to cut a word the likeliest is
taken (Viterbi; Kudo 2018, "Subword Regularization"). A piece that begins with `▁` begins a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.understanding.tokens import EAST_ASIAN

_CHUNK = re.compile(rf"▁?(?:[^\W\d_{EAST_ASIAN}]+|[{EAST_ASIAN}]+|\d+|[^\w\s▁]|_)")
_LONGEST = 14
"""Letters of the longest piece that is looked for; longer ones are rare and cost time."""
_UNKNOWN = 10.0
"""A letter that no piece has costs this much more than the rarest piece."""
_LONGEST_REMEMBERED = 20
_MOST_REMEMBERED = 20_000
"""Words whose pieces are kept; beyond that, memory would grow with what people type."""


class Pieces:
    """Text → numbers of pieces. Safe to share between threads."""

    def __init__(self, pieces: Sequence[str], scores: Sequence[float]) -> None:
        self._number = {piece: number for number, piece in enumerate(pieces)}
        self.scores = tuple(scores)
        """Log-probability of each piece."""
        self._unknown = min(self.scores, default=0.0) - _UNKNOWN
        self._remembered: dict[str, tuple[int, ...]] = {}

    def __iter__(self) -> Iterator[str]:
        return iter(self._number)

    def __len__(self) -> int:
        return len(self._number)

    def has_word(self, word: str) -> bool:
        """A whole word is one piece: it is in use somewhere, and no slip of another."""
        return f"▁{word}" in self._number

    def of(self, text: str) -> list[int]:
        """The pieces of a text in lower case, in order; unknown letters are left out."""
        found: list[int] = []
        for chunk in _CHUNK.findall("▁" + "▁".join(text.split())):
            known = self._remembered.get(chunk)
            if known is None:
                known = self._cut(chunk)
                if len(chunk) <= _LONGEST_REMEMBERED:
                    if len(self._remembered) >= _MOST_REMEMBERED:
                        self._remembered.clear()
                    self._remembered[chunk] = known
            found += known
        return found

    def _cut(self, chunk: str) -> tuple[int, ...]:
        whole = self._number.get(chunk)
        if whole is not None:
            return (whole,)
        size, numbers, scores = len(chunk), self._number, self.scores
        best = [0.0] + [float("-inf")] * size
        came: list[tuple[int, int | None]] = [(0, None)] * (size + 1)
        for start in range(size):
            so_far = best[start]
            if so_far + self._unknown > best[start + 1]:
                best[start + 1] = so_far + self._unknown
                came[start + 1] = (start, None)
            for end in range(start + 1, min(start + _LONGEST, size) + 1):
                number = numbers.get(chunk[start:end])
                if number is not None and so_far + scores[number] > best[end]:
                    best[end] = so_far + scores[number]
                    came[end] = (start, number)
        found: list[int] = []
        end = size
        while end > 0:
            end, number = came[end]
            if number is not None:
                found.append(number)
        return tuple(reversed(found))
