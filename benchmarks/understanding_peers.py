"""Other ways to tell intents, to compare with, and typing slips to test with."""

from __future__ import annotations

import importlib.util
import random
import string
from collections.abc import Sequence
from typing import Any, Protocol

from rapidfuzz.fuzz import WRatio
from rapidfuzz.process import extractOne

from bot.understanding.reader import Understanding

Guess = tuple[str, float]
"""Intent, and a score by which to refuse."""


class Classifier(Protocol):
    name: str
    most: int
    """Messages of a split it is measured with: slow engines get fewer."""

    def guess(self, texts: Sequence[str]) -> list[Guess]: ...


class Ours:
    """The bot's own understanding."""

    name = "supportbot"
    most = 100_000

    def __init__(self, understanding: Understanding) -> None:
        self._understanding = understanding

    def guess(self, texts: Sequence[str]) -> list[Guess]:
        meanings = map(self._understanding.understand, texts)
        return [(meaning.intent, meaning.score) for meaning in meanings]


class NearestPhrase:
    """The phrase that rapidfuzz finds most alike."""

    name = "rapidfuzz extractOne"
    most = 300

    def __init__(self, phrases: Sequence[tuple[str, str]]) -> None:
        self._texts = [text.lower() for text, _ in phrases]
        self._intents = [intent for _, intent in phrases]

    def guess(self, texts: Sequence[str]) -> list[Guess]:
        found: list[Guess] = []
        for text in texts:
            match = extractOne(text.lower(), self._texts, scorer=WRatio)
            found.append((self._intents[match[2]], match[1]) if match else ("", 0.0))
        return found


class TfIdf:
    """Words' tf-idf and logistic regression by scikit-learn."""

    name = "tf-idf + logistic regression"
    most = 100_000

    def __init__(self, phrases: Sequence[tuple[str, str]]) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline

        self._model: Any = make_pipeline(
            TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
            LogisticRegression(C=30, max_iter=200),
        )
        self._model.fit([text for text, _ in phrases], [intent for _, intent in phrases])

    def guess(self, texts: Sequence[str]) -> list[Guess]:
        likely = self._model.predict_proba(list(texts))
        return [(self._model.classes_[row.argmax()], float(row.max())) for row in likely]


def peers(phrases: Sequence[tuple[str, str]]) -> list[Classifier]:
    """Those that can run here."""
    found: list[Classifier] = []
    if importlib.util.find_spec("sklearn"):
        found.append(TfIdf(phrases))
    found.append(NearestPhrase(phrases))
    return found


def slip(text: str, count: int, seed: int) -> str:
    """`text` with typing slips: a letter left out, doubled in, wrong, or two swapped."""
    dice = random.Random(seed)
    for _ in range(count):
        places = [at for at, letter in enumerate(text) if letter.isalpha()]
        if not places:
            break
        at = dice.choice(places)
        letter = dice.choice(string.ascii_lowercase)
        text = dice.choice(
            (
                text[:at] + text[at + 1 :],
                text[:at] + letter + text[at:],
                text[:at] + letter + text[at + 1 :],
                text[:at] + text[at + 1 : at + 2] + text[at] + text[at + 2 :],
            )
        )
    return text
