"""Learning a model from the catalogue.

Two heads share the features. The *intent* head never saw ordinary talk and only asks which intent
a message has: it speaks for messages that are meant for the bot. The *speak* head has ordinary talk
as one more label and asks whether there is anything to answer at all.

What is learnt on examples is too sure of itself on them, so the scores are calibrated, and the
thresholds set, on predictions for examples that were left out (cross-validation).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from bot.desk.catalogue import BACKGROUND, Catalogue, Example
from bot.understanding.calibration import calibrate
from bot.understanding.features import Featuriser, Features
from bot.understanding.linear import Encoder, Linear, Sparse
from bot.understanding.model import Model, featuriser_for
from bot.understanding.normalise import plain
from bot.understanding.phrase_index import PhraseIndex
from bot.understanding.solver import InnerProducts, Solution, fit
from bot.understanding.tokens import tokenise

STRENGTH = 20.0
"""Inverse of the pull towards zero; flat between 10 and 40 on the public data sets."""
_FOLDS = 5
_MOST_EXAMPLES_FOR_FOLDS = 8000
"""Larger catalogues are calibrated on one left-out fold instead of five."""


def _known_words(examples: Sequence[Example]) -> Counter[str]:
    """Latin word → number of examples that have it."""
    count: Counter[str] = Counter()
    for example in examples:
        tokens = tokenise(plain(example.text).folded)
        count.update({token.text for token in tokens if token.kind == "word"})
    return count


def train(catalogue: Catalogue) -> Model:
    """Learns from every example; seconds for a few thousand of them."""
    examples = list(catalogue.examples())
    count = _known_words(examples)
    words = tuple(sorted(count))
    ordinary = tuple(word for word in words if count[word] > 1)
    featuriser = featuriser_for(catalogue.vocabulary, words)
    features = [features_of(example.text, featuriser) for example in examples]
    encoder = Encoder.fit(features)
    vectors = [encoder.encode(each) for each in features]
    products = InnerProducts(_matrix(vectors, len(encoder.known)))

    intents = tuple(catalogue.intents)
    labels = _labels(examples, intents)
    heads = [_Head(labels, len(intents), speak) for speak in (False, True)]
    solutions = [head.solve(products) for head in heads]
    left_out = [
        head.left_out(products, solution, labels)
        for head, solution in zip(heads, solutions, strict=True)
    ]
    calibration = calibrate(
        intent_logits=left_out[0],
        speak_logits=left_out[1],
        labels=labels,
        languages=[example.language for example in examples],
        silent=[intents.index(name) for name in catalogue.vocabulary.silent],
    )
    intent, speak = (
        Linear(products.weights(solution.mix).astype(np.float16), solution.bias)
        for solution in solutions
    )
    phrases = PhraseIndex.build(features, encoder)
    return Model(intents, words, ordinary, encoder, intent, speak, calibration, phrases)


def features_of(text: str, featuriser: Featuriser) -> Features:
    read = plain(text)
    return featuriser.features(read, tokenise(read.folded))


def _matrix(vectors: Sequence[Sparse], width: int) -> sparse.csr_matrix:
    ends = np.cumsum([0, *(len(vector.columns) for vector in vectors)])
    columns = np.concatenate([vector.columns for vector in vectors])
    values = np.concatenate([vector.values for vector in vectors])
    return sparse.csr_matrix((values, columns, ends), shape=(len(vectors), width))


def _labels(examples: Sequence[Example], intents: tuple[str, ...]) -> NDArray[np.int64]:
    number = {name: at for at, name in enumerate(intents)} | {BACKGROUND: len(intents)}
    return np.array([number[example.intent] for example in examples])


class _Head:
    """One softmax over the intents, with or without ordinary talk as a label."""

    def __init__(self, labels: NDArray[np.int64], intents: int, speak: bool) -> None:
        self._targets = np.zeros((len(labels), intents + speak), dtype=np.float32)
        part = labels < intents + speak
        self._targets[np.flatnonzero(part), labels[part]] = 1
        self._weight = part.astype(np.float32)

    def solve(self, products: InnerProducts) -> Solution:
        return fit(products, self._targets, self._weight, STRENGTH)

    def left_out(
        self, products: InnerProducts, start: Solution, labels: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """Logits of every example from a model that has not seen it."""
        logits = np.full(self._targets.shape, np.nan, dtype=np.float32)
        fold = _folds(labels)
        folds = _FOLDS if len(labels) <= _MOST_EXAMPLES_FOR_FOLDS else 1
        for number in range(folds):
            weight = self._weight * (fold != number)
            solution = fit(products, self._targets, weight, STRENGTH, start)
            out = fold == number
            logits[out] = (products.times(solution.mix) + solution.bias)[out]
        return logits


def _folds(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Deals the examples of each label out evenly, always in the same way."""
    fold = np.empty(len(labels), dtype=np.int64)
    shuffled = np.random.default_rng(0).permutation(len(labels))
    for label in np.unique(labels):
        members = shuffled[labels[shuffled] == label]
        fold[members] = np.arange(len(members)) % _FOLDS
    return fold
