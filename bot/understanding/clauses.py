"""Cutting a message into the parts that may ask for different things.

Cuts are made at the ends of sentences and lines, and before words that open a new subject (*also*,
*besides*, 別件, 另外). Parts that are too short to ask for anything stay with their neighbour.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from bot.understanding.normalise import CODE, Plain
from bot.understanding.tokens import Token

_CUT = re.compile(
    r"""
    (?<=[.!?])\s+(?=\S) | (?<=[。！？])(?=.) | (?<=[!?])(?=[^\s!?)]) | \n+ | [;；]\s*
  | [,，、]?\s*(?=\b(?:also|besides|additionally|separately|plus|btw|by\ the\ way|one\ more\ thing
        |another\ thing|and\ also|and\ could|and\ can|and\ please|and\ how|and\ what|on\ top)\b)
  | (?=別件|それと|あと、|あと|ついでに|加えて|それから|また、|ちなみに)
  | (?=另外|还有|還有|顺便|順便|此外|同时也|再就是|对了|對了)
  | \ue004
    """,
    re.VERBOSE,
)
_SHORTEST_LATIN = 3
"""Words (or, in East Asian text, pairs of characters) a part needs."""
_MOST = 5


def clauses(read: Plain, tokens: Sequence[Token]) -> list[tuple[Plain, list[Token]]]:
    """The parts in order; a single part when the message cannot be cut."""
    text = read.folded
    if CODE in text:
        text = text[: text.index(CODE)]
    borders = [0]
    for match in _CUT.finditer(text):
        if match.start() > borders[-1]:
            borders.append(match.start())
    borders.append(len(text))
    parts: list[tuple[int, int]] = []
    for start, end in pairwise(borders):
        weight = sum(
            1.0 if token.kind in ("word", "key") else 0.5
            for token in tokens
            if start <= token.start < end
        )
        if weight >= _SHORTEST_LATIN:
            parts.append((start, end))
    if len(parts) < 2:
        return []
    return [_part(read, tokens, start, end) for start, end in parts[:_MOST]]


def _part(read: Plain, tokens: Sequence[Token], start: int, end: int) -> tuple[Plain, list[Token]]:
    part = Plain(read.written[start:end], read.folded[start:end])
    return part, [
        Token(token.text, token.kind, token.start - start, token.end - start)
        for token in tokens
        if start <= token.start and token.end <= end
    ]
