"""A message taken apart once, for everything that looks for details in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.desk.catalogue import Vocabulary
from bot.understanding.normalise import Plain
from bot.understanding.terms import Found, Terms
from bot.understanding.tokens import Token

_REACH_LATIN = 3
"""Words between a negation and the word it turns round (*not really in need of an upgrade*)."""
_REACH_ASIAN = 7
"""The same in characters."""
_HIRAGANA = re.compile("[\u3041-\u3096]")
_ASKING = re.compile("[\u3041-\u3096]{0,6}か(?!ら)")
"""いただけませんか, もらえないでしょうか: polite questions, no negations."""
_GROUP = "group."
_LADDER_PARTS = (
    "words", "upwards", "downwards", "leaving", "arriving", "ending", "also_known",
)  # fmt: skip
_BREAKS = frozenset(".,;:!?\n。、，；：！？")


@dataclass(frozen=True, slots=True)
class Scene:
    """A message, its tokens, and the vocabulary's words in it by what they stand for."""

    read: Plain
    tokens: Sequence[Token]
    found: Mapping[str, Sequence[Found]]
    groups: Sequence[str]
    """The groups of words of `intents/language.yml` that occur, in order of the text."""
    subjects: Sequence[str]
    """Those of them that are subjects of our desk; a request's number is one as well."""

    def words_of(self, kind: str) -> Sequence[Found]:
        """Occurrences of one kind such as `ladder.upwards`, in order of the text."""
        return self.found.get(kind, ())

    def negated(self, term: Found) -> bool:
        """A negation stands close before the term, or in Japanese close after it."""
        return any(self._turns(negation, term) for negation in self.words_of("negations"))

    def broken(self, start: int, end: int) -> bool:
        """A mark of punctuation stands between two positions."""
        return any(letter in _BREAKS for letter in self.read.folded[start:end])

    def _turns(self, negation: Found, term: Found) -> bool:
        text = self.read.folded
        asian = self.tokens[negation.first].kind == "asian"
        if asian and _HIRAGANA.search(text, negation.start, negation.end):
            if not 0 <= negation.first - term.last <= _REACH_ASIAN:
                return False
            return not (_ASKING.match(text, negation.end) or self.broken(term.end, negation.start))
        before = text[max(0, negation.start - 1) : negation.start]
        if asian and before and before in text[negation.start + 1 : negation.end + 1]:
            return False  # 能不能, 有没有: a question
        reach = _REACH_ASIAN if asian else _REACH_LATIN
        if not 0 <= term.first - negation.last <= reach:
            return False
        return not self.broken(negation.end, term.start)


class SceneReader:
    """Finds all words of the vocabulary in one pass over the tokens."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        groups = {f"{_GROUP}{name}": terms for name, terms in vocabulary.groups.items()}
        self._terms = Terms({**groups, **dict(_kinds(vocabulary))})
        self._subjects = frozenset(f"{_GROUP}{name}" for name in vocabulary.subjects)
        self._own_key = f"{vocabulary.ticket.prefix.lower()}-" if vocabulary.ticket else None

    @property
    def words(self) -> frozenset[str]:
        """Every Latin word of the vocabulary."""
        return self._terms.words

    def read(self, read: Plain, tokens: Sequence[Token]) -> Scene:
        found: dict[str, list[Found]] = {}
        groups: list[str] = []
        for term in self._terms.find(tokens):
            if term.value.startswith(_GROUP):
                groups.append(term.value)
            else:
                found.setdefault(term.value, []).append(term)
        subjects = [group for group in groups if group in self._subjects]
        if self._own_key and any(token.text.startswith(self._own_key) for token in tokens):
            subjects.append(self._own_key)
        return Scene(read, tokens, found, groups, subjects)


def _kinds(vocabulary: Vocabulary) -> Iterable[tuple[str, Iterable[str]]]:
    yield "negations", vocabulary.negations
    for slot, choice in vocabulary.choices.items():
        for value, terms in choice.values.items():
            yield f"choice.{slot}.{value}", terms
    if vocabulary.ladder:
        for rung, terms in vocabulary.ladder.rungs.items():
            yield f"rung.{rung}", terms
        for part in _LADDER_PARTS:
            yield f"ladder.{part}", getattr(vocabulary.ladder, part)
    for name, names in (("cluster", vocabulary.cluster), ("feature", vocabulary.feature)):
        if names:
            for part in ("words", "before", "after", "never"):
                yield f"{name}.{part}", getattr(names, part)
    if vocabulary.ticket:
        yield "ticket.words", vocabulary.ticket.words
