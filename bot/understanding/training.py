"""Learning a model from the catalogue.

Two heads share the features. The *intent* head never saw ordinary talk and only asks which intent
a message has. The *speak* head has ordinary talk as one more label and asks whether there is
anything to answer at all.

What is learnt on examples is too sure of itself on them, so the scores are calibrated, and the
thresholds set, on predictions for examples that were left out (cross-validation).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from bot.desk.catalogue import BACKGROUND, Catalogue, Example
from bot.understanding.calibration import calibrate, softmax
from bot.understanding.evidence import Evidence, OthersAsk, evidence, units
from bot.understanding.features import BLOCKS, Features, Floats
from bot.understanding.gist import Gist
from bot.understanding.linear import Encoder, Linear, Sparse
from bot.understanding.model import Model, Reader
from bot.understanding.normalise import plain
from bot.understanding.phrase_index import PhraseIndex
from bot.understanding.scene import Scene
from bot.understanding.solver import InnerProducts, Solution, fit
from bot.understanding.spelling import Spelling
from bot.understanding.tokens import Token, tokenise
from bot.understanding.word_vectors import WordVectors

_FOLDS = 5
_MOST_WORK_FOR_FOLDS = 800_000
"""Examples times intents; larger catalogues are calibrated on one left-out fold instead of five."""
_CLOSE_ENOUGH_LEFT_OUT = 5e-3
"""Left-out predictions set thresholds only, and need not be as exact as the model."""
_USUAL = 10
"""Examples with a word from which a lone word one slip away is taken for that word misspelt."""
_LEAST_REQUESTS = 2
"""Requests that must have a word before it counts as a word of requests."""


Progress = Callable[[float], None]
"""Told the share of the work that is done, 0 to 1."""
_READ = 0.3
"""Share of the time that reading the examples takes."""


def _nobody(_: float) -> None:
    """Nobody waits."""


@dataclass(frozen=True, slots=True)
class HeadPlan:
    """What a head is trained with."""

    speak: bool
    shares: tuple[float, float, float, float, float]
    """Share of each block of features, in the order of `features.BLOCKS`, and of the gist."""
    strength: float
    """Inverse of the pull towards zero."""


INTENT = HeadPlan(speak=False, shares=(0.4, 0.6, 0.15, 0.07, 0.5), strength=40)
SPEAK = HeadPlan(speak=True, shares=(0.4, 0.6, 0.05, 0.07, 0.03), strength=20)
"""Word groups help to tell intents apart, but make *our plan for lunch* sound like a plan."""


@dataclass(frozen=True, slots=True)
class _Read:
    """All examples of a catalogue as numbers."""

    examples: list[Example]
    tokens: list[list[Token]]
    scenes: list[Scene]
    features: list[Features]
    words: Counter[str]
    encoder: Encoder
    gist: Gist
    parts: list[Any]
    """One matrix (examples x features) for each block, and the gists."""
    labels: NDArray[np.int64]
    """Numbers of the intents; ordinary talk comes after the last one."""


def _read(catalogue: Catalogue, vectors: WordVectors, done: Progress) -> _Read:
    examples = list(catalogue.examples())
    read = [plain(example.text) for example in examples]
    tokens = [tokenise(each.folded) for each in read]
    words = _word_counts(tokens)
    reader = Reader(catalogue.vocabulary, _well_spelt(words), vectors.pieces)
    scenes, features = [], []
    for number, (text, its_tokens) in enumerate(zip(read, tokens, strict=True)):
        scene, its_features = reader.read(text, its_tokens)
        scenes.append(scene)
        features.append(its_features)
        if number % 200 == 0:
            done(_READ * number / len(read))
    encoder = Encoder.fit(features)
    encoded = _matrix([encoder.encode(each) for each in features], len(encoder.known))
    gist, gists = Gist.fit([each.pieces for each in features], vectors)
    parts = [*(encoded[:, encoder.blocks == block] for block in BLOCKS), gists]
    labels = _labels(examples, tuple(catalogue.intents))
    return _Read(examples, tokens, scenes, features, words, encoder, gist, parts, labels)


def train(catalogue: Catalogue, vectors: WordVectors, done: Progress = _nobody) -> Model:
    """Learns from every example; seconds for a few thousand of them. `done` hears the share."""
    read = _read(catalogue, vectors, done)
    intents, labels = tuple(catalogue.intents), read.labels
    silent = [intents.index(name) for name in catalogue.vocabulary.silent]
    subjects = [scene.subjects for scene in read.scenes]
    asked, evidences = _evidences(read.tokens, subjects, labels, [*silent, len(intents)])
    products = InnerProducts(read.parts, INTENT.shares)
    heads, left_out = [], []
    folds = _FOLDS if len(labels) * len(intents) <= _MOST_WORK_FOR_FOLDS else 1
    for number, plan in enumerate((INTENT, SPEAK)):
        begun = _READ + number * (1 - _READ) / 2
        done(begun)
        products.weigh(plan.shares)
        head = _Head(plan, products, labels, len(intents))
        heads.append(head.weights(read.encoder.blocks))
        done(begun + (1 - _READ) / 3)
        left_out.append(head.left_out(labels, folds))
    done(1.0)
    calibration = calibrate(
        intent_logits=left_out[0],
        speak_logits=left_out[1],
        labels=labels,
        languages=[example.language for example in read.examples],
        evidences=evidences,
        silent=silent,
    )
    return Model(
        intents=intents,
        words=_well_spelt(read.words),
        ordinary=tuple(sorted(word for word, count in read.words.items() if count > 1)),
        asked=asked,
        encoder=read.encoder,
        gist=read.gist,
        heads=Linear(*(np.concatenate(each, axis=-1) for each in zip(*heads, strict=True))),
        calibration=calibration,
        phrases=PhraseIndex.build(read.features, read.encoder),
    )


def read_left_out(
    catalogue: Catalogue, vectors: WordVectors, done: Progress = _nobody
) -> list[tuple[Example, str, float]]:
    """Each example of an intent as a model reads it that has not seen it, and how surely (0..1)."""
    read = _read(catalogue, vectors, done)
    intents = tuple(catalogue.intents)
    head = _Head(INTENT, InnerProducts(read.parts, INTENT.shares), read.labels, len(intents))
    done(0.6)
    likely = softmax(head.left_out(read.labels, _FOLDS))
    done(1.0)
    return [
        (example, intents[int(row.argmax())], float(row.max()))
        for example, row in zip(read.examples, likely, strict=True)
        if example.intent != BACKGROUND
    ]


def _word_counts(messages: Sequence[Sequence[Token]]) -> Counter[str]:
    """Latin word → number of examples that have it."""
    count: Counter[str] = Counter()
    for tokens in messages:
        count.update({token.text for token in tokens if token.kind == "word"})
    return count


def _well_spelt(count: Counter[str]) -> tuple[str, ...]:
    """The words, the most used first, without those that look like slips of a frequent one.

    Phrases have typing slips too, on purpose; what is known as a word is not corrected.
    """
    usual = Spelling(sorted((word for word in count if count[word] >= _USUAL), key=_order(count)))
    well = [word for word in count if count[word] > 1 or word in usual or not usual.nearly(word)]
    return tuple(sorted(well, key=_order(count)))


def _order(count: Counter[str]) -> Callable[[str], tuple[int, str]]:
    return lambda word: (-count[word], word)


def _evidences(
    messages: Sequence[Sequence[Token]],
    subjects: Sequence[Sequence[str]],
    labels: NDArray[np.int64],
    no_request: Sequence[int],
) -> tuple[tuple[str, ...], list[Evidence]]:
    """The units of requests, and each example's evidence in the light of the *other* examples."""
    request = ~np.isin(labels, no_request)
    own = [frozenset(units(tokens)) for tokens in messages]
    count: Counter[str] = Counter()
    for number in np.flatnonzero(request).tolist():
        count.update(own[number])
    found = []
    for number, tokens in enumerate(messages):
        others = OthersAsk(count, own[number] if request[number] else (), _LEAST_REQUESTS)
        found.append(evidence(tokens, others, subjects[number]))
    return tuple(sorted(unit for unit in count if count[unit] >= _LEAST_REQUESTS)), found


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

    def __init__(
        self, plan: HeadPlan, products: InnerProducts, labels: NDArray[np.int64], intents: int
    ) -> None:
        self._plan = plan
        self._products = products
        self._targets = np.zeros((len(labels), intents + plan.speak), dtype=np.float32)
        part = labels < intents + plan.speak
        self._targets[np.flatnonzero(part), labels[part]] = 1
        self._weight = part.astype(np.float32)
        self._solution = fit(self._products, self._targets, self._weight, plan.strength)

    def weights(
        self, blocks: NDArray[np.uint8]
    ) -> tuple[NDArray[np.float16], Floats, NDArray[np.float32]]:
        """Weights of the features, of the gist, and the bias: the parts of a `Linear`."""
        *parts, gist = self._products.weights(self._solution.mix)
        weights = np.empty((len(blocks), self._targets.shape[1]), dtype=np.float16)
        for block, part in zip(BLOCKS, parts, strict=True):
            weights[blocks == block] = part
        return weights, gist, self._solution.bias

    def left_out(self, labels: NDArray[np.int64], folds: int) -> Floats:
        """Logits of every example from a model that has not seen it; NaN beyond so many folds."""
        logits = np.full(self._targets.shape, np.nan, dtype=np.float32)
        fold = _folds(labels)
        for number in range(folds):
            weight = self._weight * (fold != number)
            solution = self._fit(weight)
            out = fold == number
            logits[out] = (self._products.times(solution.mix) + solution.bias)[out]
        return logits

    def _fit(self, weight: Floats) -> Solution:
        """From the whole solution, so that few steps are needed."""
        return fit(
            self._products,
            self._targets,
            weight,
            self._plan.strength,
            self._solution,
            close_enough=_CLOSE_ENOUGH_LEFT_OUT,
        )


def _folds(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Deals the examples of each label out evenly, always in the same way."""
    fold = np.empty(len(labels), dtype=np.int64)
    shuffled = np.random.default_rng(0).permutation(len(labels))
    for label in np.unique(labels):
        members = shuffled[labels[shuffled] == label]
        fold[members] = np.arange(len(members)) % _FOLDS
    return fold
