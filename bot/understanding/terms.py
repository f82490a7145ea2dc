"""Finding the words of a vocabulary in a text, thousands at a time.

A term is one or more words (`proof of concept`, `概念検証`); a trailing `*` stands for any ending
of its last word (`upgrad*`). All terms live in one tree of tokens, so the time depends on the
text's length, hardly on how many terms there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.understanding.normalise import plain
from bot.understanding.tokens import Token, tokenise


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
    stem_lengths: list[int] = field(default_factory=list)

    def after(self, text: str) -> list[_Node]:
        """The nodes that one more token leads to."""
        found = []
        node = self.words.get(text)
        if node is not None:
            found.append(node)
        size = len(text)
        for length in self.stem_lengths:
            if length > size:
                break
            node = self.stems.get(text[:length])
            if node is not None:
                found.append(node)
        return found


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
        """At each token the longest term of each value; terms may overlap, in text order."""
        texts = [token.text for token in tokens]
        found: list[Found] = []
        for first, text in enumerate(texts):
            nodes = self._root.after(text)
            if not nodes:
                continue
            start = tokens[first].start
            found += (
                Found(value, first, last, start, tokens[last - 1].end)
                for value, last in _longest(nodes, texts, first + 1).items()
            )
        return found

    def _add(self, value: str, phrase: str) -> None:
        stem = phrase.endswith("*")
        tokens = tokenise(plain(phrase.removesuffix("*")).folded)
        node = self._root
        for number, token in enumerate(tokens):
            if token.kind == "word":
                self._words.add(token.text)
            if stem and number == len(tokens) - 1 and token.kind == "word":
                lengths = {*node.stem_lengths, len(token.text)}
                node.stem_lengths = sorted(lengths)
                node = node.stems.setdefault(token.text, _Node())
            else:
                node = node.words.setdefault(token.text, _Node())
        if tokens and value not in node.values:
            node.values.append(value)


def _longest(nodes: list[_Node], texts: Sequence[str], position: int) -> dict[str, int]:
    """Value → index after the last token of its longest term."""
    ends: dict[str, int] = {}
    while nodes:
        for node in nodes:
            for value in node.values:
                ends[value] = position
        if position == len(texts):
            break
        text = texts[position]
        nodes = [following for node in nodes for following in node.after(text)]
        position += 1
    return ends
