"""What is learnt from a catalogue, and the featuriser it is used with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.desk.catalogue import Vocabulary
from bot.understanding.calibration import Calibration
from bot.understanding.features import Featuriser
from bot.understanding.linear import Encoder, Linear
from bot.understanding.phrase_index import PhraseIndex
from bot.understanding.spelling import Spelling
from bot.understanding.terms import Terms


@dataclass(frozen=True, slots=True)
class Model:
    """Arrays and plain values only, so that it can be stored."""

    intents: tuple[str, ...]
    words: tuple[str, ...]
    """Latin words that are spelt right."""
    ordinary: tuple[str, ...]
    """Those of them that several examples use: no names."""
    encoder: Encoder
    intent: Linear
    """One column an intent."""
    speak: Linear
    """One column an intent, and a last one for ordinary talk."""
    calibration: Calibration
    phrases: PhraseIndex
    """Over the examples in the order of `Catalogue.examples`."""


def featuriser_for(vocabulary: Vocabulary, words: Sequence[str]) -> Featuriser:
    """The same text gives the same features in training and in use."""
    groups = Terms(vocabulary.groups)
    spelling = Spelling({*words, *groups.words})
    return Featuriser(spelling, groups, vocabulary.ticket.prefix if vocabulary.ticket else "")
