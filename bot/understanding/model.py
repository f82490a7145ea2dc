"""What is learnt from a catalogue, and the parts that read a text for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.desk.catalogue import Vocabulary
from bot.understanding.asides import without_asides
from bot.understanding.calibration import Calibration
from bot.understanding.features import Features, Featuriser
from bot.understanding.gist import Gist
from bot.understanding.linear import Encoder, Linear
from bot.understanding.normalise import Plain
from bot.understanding.phrase_index import PhraseIndex
from bot.understanding.pieces import Pieces
from bot.understanding.scene import Scene, SceneReader
from bot.understanding.spelling import Spelling
from bot.understanding.tokens import Token

_LONG = 8
"""Letters of a term from which a word one slip away means it, even if that is a word somewhere
(*entreprise*)."""


@dataclass(frozen=True, slots=True)
class Model:
    """Arrays and plain values only, so that it can be stored."""

    intents: tuple[str, ...]
    words: tuple[str, ...]
    """Latin words that are spelt right, the most used first."""
    ordinary: tuple[str, ...]
    """Those of them that several examples use: no names."""
    asked: tuple[str, ...]
    """Words and pairs of characters that requests have (see `evidence`)."""
    encoder: Encoder
    gist: Gist
    heads: Linear
    """The columns of the intent head, one an intent, then those of the speak head: one an intent,
    and a last one for ordinary talk."""
    calibration: Calibration
    phrases: PhraseIndex
    """Over the examples in the order of `Catalogue.examples`."""


class Reader:
    """Takes a text apart, the same way in training and in use."""

    def __init__(self, vocabulary: Vocabulary, words: Sequence[str], pieces: Pieces) -> None:
        self._scenes = SceneReader(vocabulary)
        prefix = vocabulary.ticket.prefix if vocabulary.ticket else ""
        terms = Spelling(word for word in self._scenes.words if len(word) >= _LONG)
        spelling = Spelling(
            (*words, *self._scenes.words),
            exists=lambda word: pieces.has_word(word) and not terms.nearly(word),
        )
        self._featuriser = Featuriser(spelling, prefix, pieces)

    def ordinary(self, words: Iterable[str]) -> Spelling:
        """The words that are in use, to tell them from names."""
        return Spelling((*words, *self._scenes.words))

    def read(self, text: Plain, tokens: Sequence[Token]) -> tuple[Scene, Features]:
        """The scene, for the slots, and the features, for the intent."""
        corrected = self._featuriser.corrected(tokens)
        scene = self._scenes.read(text, corrected)
        meant = without_asides(text.folded, tokens)
        if len(meant) < len(tokens):
            corrected = self._featuriser.corrected(meant)
            groups = self._scenes.read(text, corrected).groups
            return scene, self._featuriser.features(text, meant, corrected, groups)
        return scene, self._featuriser.features(text, tokens, corrected, scene.groups)
