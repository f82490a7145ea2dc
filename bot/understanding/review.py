"""What is wrong with a catalogue: intents taken for each other, and the phrases to blame.

Every phrase is read by a model that has not seen it. Where that goes wrong, the phrase is either in
the wrong file, or alone in what it says, or drawn away by a phrase of the other intent that is
nearly the same. Those three have three mends: move it, add more like it, or change the other one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from bot.desk.catalogue import BACKGROUND, Catalogue, Example
from bot.understanding.training import Progress, read_left_out
from bot.understanding.word_vectors import WordVectors

_NEARLY_THE_SAME = 90
"""Likeness (0 to 100) from which two phrases say the same words."""
_DRAWS_FROM = 2
"""Phrases of other intents that one must draw away to be named."""


@dataclass(frozen=True, slots=True)
class Mistaken:
    """A phrase that is read as another intent by those who have not seen it."""

    example: Example
    read_as: str
    sure: float
    like: Example
    """The phrase of the other intent that is most like it."""


@dataclass(frozen=True, slots=True)
class Review:
    """Everything found in one catalogue."""

    phrases: Counter[str]
    """Intent → number of its phrases."""
    mistaken: tuple[Mistaken, ...]
    """The surest mistakes first."""
    doubles: tuple[tuple[Example, Example], ...]
    """Phrases of different intents with nearly the same words."""

    def taken_for(self, intent: str) -> list[tuple[str, int]]:
        """The intents that its phrases are taken for, the most frequent first."""
        return Counter(
            found.read_as for found in self.mistaken if found.example.intent == intent
        ).most_common()

    def drawing(self) -> list[tuple[Example, list[Mistaken]]]:
        """Phrases that draw several others away, those that draw the most first."""
        drawn: dict[Example, list[Mistaken]] = {}
        for found in self.mistaken:
            drawn.setdefault(found.like, []).append(found)
        several = [(phrase, away) for phrase, away in drawn.items() if len(away) >= _DRAWS_FROM]
        return sorted(several, key=lambda pair: -len(pair[1]))


def review(catalogue: Catalogue, vectors: WordVectors, done: Progress) -> Review:
    """Reads every phrase; takes about as long as learning the catalogue."""
    read = read_left_out(catalogue, vectors, done)
    kinds: dict[tuple[str, str], list[Example]] = {}
    for example, _, _ in read:
        kinds.setdefault((example.intent, example.language), []).append(example)
    mistaken = [
        Mistaken(example, read_as, sure, _most_like(example, others))
        for example, read_as, sure in read
        if read_as != example.intent and (others := kinds.get((read_as, example.language)))
    ]
    mistaken.sort(key=lambda found: -found.sure)
    return Review(
        Counter(example.intent for example, _, _ in read),
        tuple(mistaken),
        tuple(_doubles([example for example, _, _ in read])),
    )


def _most_like(example: Example, others: Sequence[Example]) -> Example:
    texts = [other.text for other in others]
    found = process.extractOne(example.text, texts, scorer=fuzz.token_set_ratio)
    return others[found[2]] if found else others[0]


def _doubles(examples: Sequence[Example]) -> list[tuple[Example, Example]]:
    found = []
    for language in sorted({example.language for example in examples}):
        here = [
            example
            for example in examples
            if example.language == language and example.intent != BACKGROUND
        ]
        texts = [example.text.casefold() for example in here]
        alike = process.cdist(texts, texts, scorer=fuzz.ratio, score_cutoff=_NEARLY_THE_SAME)
        for first, second in zip(*alike.nonzero(), strict=True):
            if first < second and here[first].intent != here[second].intent:
                found.append((here[first], here[second]))
    return found
