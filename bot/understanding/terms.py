"""Finding the words of a vocabulary in a text, thousands at a time.

A term is one or more words (`proof of concept`, `概念検証`); a trailing `*` stands for any ending
of its last word (`upgrad*`). All terms live in one tree of tokens, so the time depends on the
text's length, hardly on how many terms there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.understanding.han_variants import simplify
from bot.understanding.normalise import plain
from bot.understanding.tokens import Token, tokenise

_SHORTEST_STEM = 2


@dataclass(frozen=True, slots=True)
class Found:
    """A term that stands in the text, over `tokens[first:last]`."""

    value: str
    first: int
    last: int
    start: int
    """Position of its first character in the text."""
    end: int


@dataclass(slots=True)
class _Node:
    values: list[str] = field(default_factory=list)
    words: dict[str, _Node] = field(default_factory=dict)
    stems: dict[str, _Node] = field(default_factory=dict)


class Terms:
    """Value → its terms, ready to be found."""

    def __init__(self, terms: Mapping[str, Iterable[str]]) -> None:
        self._root = _Node()
        self._words: set[str] = set()
        for value, phrases in terms.items():
            for phrase in phrases:
                self._add(value, phrase)

    @property
    def words(self) -> frozenset[str]:
        """Every Latin word of the terms, for the spelling."""
        return frozenset(self._words)

    def find(self, tokens: Sequence[Token]) -> list[Found]:
        """At each token the longest term of each value; terms may overlap, in order of the text."""
        texts = [simplify(token.text) for token in tokens]
        found: list[Found] = []
        for first in range(len(texts)):
            longest: dict[str, int] = {}
            for last, values in self._ends(texts, first).items():
                longest |= dict.fromkeys(values, last)
            start = tokens[first].start
            found += (
                Found(value, first, last, start, tokens[last - 1].end)
                for value, last in longest.items()
            )
        return found

    def _add(self, value: str, phrase: str) -> None:
        stem = phrase.endswith("*")
        tokens = tokenise(simplify(plain(phrase.removesuffix("*")).folded))
        node = self._root
        for number, token in enumerate(tokens):
            if token.kind == "word":
                self._words.add(token.text)
            last = number == len(tokens) - 1
            branch = node.stems if last and stem and token.kind == "word" else node.words
            node = branch.setdefault(token.text, _Node())
        if tokens:
            node.values.append(value)

    def _ends(self, texts: Sequence[str], first: int) -> dict[int, list[str]]:
        """Index after the last token → values, for all terms from `first`, shortest first."""
        ends: dict[int, list[str]] = {}
        nodes, position = [self._root], first
        while nodes and position < len(texts):
            text = texts[position]
            position += 1
            following = []
            for node in nodes:
                if text in node.words:
                    following.append(node.words[text])
                if node.stems:
                    following += (
                        node.stems[text[:length]]
                        for length in range(_SHORTEST_STEM, len(text) + 1)
                        if text[:length] in node.stems
                    )
            for node in following:
                if node.values:
                    ends.setdefault(position, []).extend(node.values)
            nodes = following
        return ends
