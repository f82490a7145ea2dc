"""Text → Meaning: the one door of this package."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rapidfuzz.distance import Indel

from bot.desk.catalogue import BACKGROUND, Catalogue
from bot.desk.meaning import Candidate, Hearing, Language, Meaning, Nearest
from bot.understanding import stored_model
from bot.understanding.clauses import clauses
from bot.understanding.evidence import Evidence, evidence
from bot.understanding.features import Features, Floats
from bot.understanding.ladder import Move
from bot.understanding.language import language_of
from bot.understanding.model import Model, Reader
from bot.understanding.normalise import Plain, plain
from bot.understanding.scene import Scene
from bot.understanding.slots import SlotReader
from bot.understanding.tokens import Token, tokenise
from bot.understanding.word_vectors import WordVectors, load_word_vectors

_COMPARED = 6
"""Examples that share rare words with the message and are compared letter by letter."""
_SHOWN = 3
_ALIKE = 0.96
"""Similarity from which a message counts as the same as an example."""
_TOO_CLOSE = 0.6
"""A runner-up with this share of the winner's probability leaves the choice open."""
_LEAST_TO_ASK = 0.15
"""Probability below which an intent is not offered as a choice."""
_FEW_WORDS = 3
"""So few words (*recovery groups*) may well mean what the nearest phrase means."""
_AGAINST = 0.05
"""What stays of a direction's probability when the words tell the other one."""
_UNWANTED = 1e-6
"""What stays of going up when the author says not to want it."""
_ELSEWHERE = 0.3
"""What stays of both when versions or sizes are spoken of, and no plan."""
_HOPELESS = 0.2
"""Score below which an ordinary message is not searched for further requests."""
_SURE_CLAUSE = 0.8
"""Probability from which a clause counts as a request of its own."""

Learning = Callable[[int], Callable[[float], None]]
"""Told the number of examples to learn, gives somebody to tell the share that is done."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """One text with the probabilities of its intents."""

    scene: Scene
    features: Features
    likely: Floats
    """Per intent, given that the bot is meant."""
    asked: float
    """That anything is asked of the bot."""
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Why:
    """What decided about one message."""

    likely: tuple[tuple[str, float], ...]
    """The likeliest intents, given that the bot is meant."""
    asked: float
    """Probability that anything is asked of a support desk, by the words alone."""
    evidence: Evidence
    needed: float
    """The score from which the bot speaks uninvited in this language and kind of channel."""


class Understanding:
    """Reads messages with what was learnt from one catalogue. Safe to share between threads."""

    def __init__(self, catalogue: Catalogue, model: Model, vectors: WordVectors) -> None:
        self._vocabulary = catalogue.vocabulary
        self._model = model
        self._vectors = vectors
        self._reader = Reader(catalogue.vocabulary, model.words, vectors.pieces)
        self._slots = SlotReader(catalogue.vocabulary, self._reader.ordinary(model.ordinary))
        self._examples = list(catalogue.examples())
        self._compared: dict[int, str] = {}
        self._asked = frozenset(model.asked)
        self._silent = [model.intents.index(name) for name in catalogue.vocabulary.silent]
        self._number = {name: number for number, name in enumerate(model.intents)}

    @classmethod
    def from_catalogue(
        cls,
        catalogue: Catalogue,
        cache: Path | None = None,
        learning: Learning | None = None,
    ) -> Understanding:
        """Loads the model kept in the folder `cache`, or learns it and keeps it there.

        Learning takes up to a minute; `learning` is told the number of examples, and then may be
        told the share that is done, again and again.
        """
        key = stored_model.key_of(catalogue)
        model = stored_model.load(cache, key) if cache else None
        if model is not None:
            return cls(catalogue, model, load_word_vectors(cache))
        from bot.understanding.training import train  # scipy: slow to import, seldom needed

        done = learning(sum(1 for _ in catalogue.examples())) if learning else None
        vectors = load_word_vectors(cache)
        model = train(catalogue, vectors, done) if done else train(catalogue, vectors)
        if cache:
            stored_model.store(cache, key, model)
            model = stored_model.load(cache, key) or model
        return cls(catalogue, model, vectors)

    @property
    def intents(self) -> tuple[str, ...]:
        """The names of all intents."""
        return self._model.intents

    def understand(self, text: str, hearing: Hearing = Hearing()) -> Meaning:  # noqa: B008
        """What one message asks for. Never raises; time bounded by `normalise.LONGEST`."""
        read = plain(text)
        tokens = tokenise(read.folded)
        language = language_of(read, tokens, hearing.language_hint)
        if not any(token.kind in ("word", "asian", "key", "name", "number") for token in tokens):
            return Meaning(self._vocabulary.nothing, 0.0, language, reply=hearing.addressed)
        reading = self._read(read, tokens)
        nearest = self._nearest(reading)
        move = self._slots.move(reading.scene, hearing)
        likely, asked = self._turned(reading.likely, move), reading.asked
        if nearest and nearest[0].similarity >= _ALIKE and nearest[0].intent != BACKGROUND:
            likely, asked = self._same_as(nearest[0], likely, asked)
        best = int(likely.argmax())
        intent = self._model.intents[best]
        score = self._score(reading, best, float(likely[best]), asked, hearing.addressed)
        hopeless = not hearing.addressed and score < _HOPELESS
        requests = () if hopeless else self._requests(reading, hearing)
        if len(requests) > 1 and any(request.intent == intent for request in requests):
            intent = requests[0].intent
        also = tuple(request for request in requests if request.intent != intent)
        return Meaning(
            intent=intent,
            score=score,
            language=language,
            slots=self._slots.read(reading.scene, intent, hearing),
            assumed=self._slots.assumed(reading.scene, intent),
            also=also,
            reply=self._speaks(score, intent, language, hearing),
            unsure_between=() if also else self._unsure(likely, intent, move, tokens, nearest),
            nearest=nearest,
        )

    def why(self, text: str, hearing: Hearing = Hearing()) -> Why:  # noqa: B008
        """What decided about a message, for those who mend the catalogue."""
        read = plain(text)
        tokens = tokenise(read.folded)
        reading = self._read(read, tokens)
        likely = self._turned(reading.likely, self._slots.move(reading.scene, hearing))
        language = language_of(read, tokens, hearing.language_hint)
        return Why(
            likely=tuple(
                (self._model.intents[number], float(likely[number]))
                for number in likely.argsort()[::-1][:_SHOWN]
            ),
            asked=reading.asked,
            evidence=reading.evidence,
            needed=self._needed(language, hearing),
        )

    def _read(self, read: Plain, tokens: list[Token]) -> _Reading:
        scene, features = self._reader.read(read, tokens)
        model = self._model
        gist = model.gist.of(features.pieces, self._vectors)
        logits = model.heads.logits(model.encoder.encode(features), gist)
        calibration, intents = self._model.calibration, len(self._model.intents)
        return _Reading(
            scene,
            features,
            calibration.intent(logits[:intents]),
            calibration.asked(logits[intents:], self._silent),
            evidence(tokens, self._asked, scene.subjects),
        )

    def _score(
        self, reading: _Reading, best: int, likely: float, asked: float, addressed: bool
    ) -> float:
        if best in self._silent:
            return likely if addressed else likely * (1 - asked)
        return self._model.calibration.score(asked, likely, reading.evidence, addressed)

    def _turned(self, probabilities: Floats, move: Move | None) -> Floats:
        """Gives the two directions of the ladder's probability to the one the words tell."""
        ladder = self._vocabulary.ladder
        if ladder is None or move is None:
            return probabilities
        up, down = self._number.get(ladder.up), self._number.get(ladder.down)
        if up is None or down is None:
            return probabilities
        turned = probabilities.copy()
        if move.unwanted:
            turned[up] *= _UNWANTED
        elif move.elsewhere and not move.spoken_of:
            turned[[up, down]] *= _ELSEWHERE
        elif move.way is not None and int(turned.argmax()) in (up, down):
            to, away = (up, down) if move.way == "up" else (down, up)
            turned[to] += turned[away] * (1 - _AGAINST)
            turned[away] *= _AGAINST
        total: Floats = turned / turned.sum()
        return total

    def _same_as(self, near: Nearest, likely: Floats, asked: float) -> tuple[Floats, float]:
        """A message that repeats an example means what the example means."""
        sure = likely * np.float32(1 - near.similarity)
        sure[self._number[near.intent]] += near.similarity
        silent = near.intent in self._vocabulary.silent
        return sure, asked if silent else max(asked, near.similarity)

    def _speaks(self, score: float, intent: str, language: Language, hearing: Hearing) -> bool:
        if hearing.addressed:
            return True
        if hearing.mode == "mention" or intent in self._vocabulary.silent:
            return False
        return score >= self._needed(language, hearing)

    def _needed(self, language: Language, hearing: Hearing) -> float:
        """The score from which the bot speaks uninvited."""
        calibration = self._model.calibration
        return calibration.every if hearing.mode == "every" else calibration.listen[language]

    def _unsure(
        self,
        likely: Floats,
        intent: str,
        move: Move | None,
        tokens: Sequence[Token],
        nearest: Sequence[Nearest],
    ) -> tuple[str, ...]:
        """The intents to choose from when the winner is not clear."""
        order = likely.argsort()[::-1][:3]
        first = float(likely[order[0]])
        close = [
            self._model.intents[number]
            for number in order
            if likely[number] >= max(_LEAST_TO_ASK, _TOO_CLOSE * first)
        ]
        close = [name for name in close if name not in self._vocabulary.silent]
        if intent not in close:
            return ()
        ladder = self._vocabulary.ladder
        if ladder and move and move.elsewhere and intent in (ladder.up, ladder.down):
            runner_up = next(
                self._model.intents[number]
                for number in order
                if self._model.intents[number] not in (ladder.up, ladder.down)
            )
            if runner_up not in self._vocabulary.silent:
                close = [intent, *(name for name in close if name != intent), runner_up]
        if len(tokens) <= _FEW_WORDS and nearest:
            like = nearest[0].intent
            if like != BACKGROUND and like not in self._vocabulary.silent:
                close.append(like)
        close = list(dict.fromkeys(close))
        return tuple(close) if len(close) > 1 else ()

    def _requests(self, reading: _Reading, hearing: Hearing) -> tuple[Candidate, ...]:
        """The requests of a message's clauses, each sure by itself, in the order of the text."""
        found: dict[str, Candidate] = {}
        for read, tokens in clauses(reading.scene.read, reading.scene.tokens):
            clause = self._read(read, tokens)
            likely = self._turned(clause.likely, self._slots.move(clause.scene, hearing))
            best = int(likely.argmax())
            name = self._model.intents[best]
            score = self._score(clause, best, float(likely[best]), clause.asked, False)
            if score >= _SURE_CLAUSE and name not in self._vocabulary.silent:
                slots = self._slots.read(clause.scene, name, hearing)
                found.setdefault(name, Candidate(name, score, slots))
        return tuple(found.values())

    def _folded(self, number: int) -> str:
        """An example as it is compared; few of them are ever needed."""
        if number not in self._compared:
            self._compared[number] = plain(self._examples[number].text).folded
        return self._compared[number]

    def _nearest(self, reading: _Reading) -> tuple[Nearest, ...]:
        folded = reading.scene.read.folded
        found = []
        for number in self._model.phrases.near(reading.features, _COMPARED):
            example = self._examples[number]
            similarity = Indel.normalized_similarity(folded, self._folded(number))
            found.append(Nearest(example.text, example.intent, similarity))
        found.sort(key=lambda near: -near.similarity)
        return tuple(found[:_SHOWN])
