"""The real catalogue, learnt once, and a catalogue of three intents for what needs none of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.content.catalogue import load_catalogue
from bot.desk.catalogue import Catalogue, Example, Intent, Vocabulary
from bot.understanding.model import Reader
from bot.understanding.normalise import plain
from bot.understanding.pieces import Pieces
from bot.understanding.reader import Understanding
from bot.understanding.scene import Scene, SceneReader
from bot.understanding.tokens import tokenise

INTENTS = Path(__file__).parents[2] / "intents"


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load_catalogue(INTENTS)


@pytest.fixture(scope="session")
def understanding(catalogue: Catalogue, request: pytest.FixtureRequest) -> Understanding:
    """Kept between runs; learnt anew when the content or the model's format changes."""
    assert request.config.cache is not None
    return Understanding.from_catalogue(catalogue, request.config.cache.mkdir("understanding"))


class Scenes:
    """Takes texts apart with the words of a catalogue."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._scenes = SceneReader(vocabulary)

    def of(self, text: str) -> Scene:
        read = plain(text)
        return self._scenes.read(read, tokenise(read.folded))


@pytest.fixture(scope="session")
def scenes(catalogue: Catalogue) -> Scenes:
    return Scenes(catalogue.vocabulary)


@pytest.fixture(scope="session")
def reader(catalogue: Catalogue) -> Reader:
    words = ["cluster", "is", "down", "slow", "wont", "resume"]
    return Reader(catalogue.vocabulary, words, Pieces(["▁cluster", "▁is"], [-5.0, -4.0]))


@pytest.fixture
def small() -> Catalogue:
    """Three intents in English, learnt in a blink."""
    return Catalogue(
        {
            "pay": _intent(
                "pay", "pay my bill|the invoice is wrong|refund this charge|card declined"
            ),
            "fix": _intent("fix", "it is broken|the cluster crashed|errors all day|it fails again"),
            "thank": _intent("thank", "thank you|thanks a lot|great help|cheers mate"),
        },
        {"en": ("lunch at noon?", "see you at standup", "nice weather today", "coffee anyone?")},
        Vocabulary(silent=("thank",), nothing="thank"),
    )


def _intent(name: str, phrases: str) -> Intent:
    near = (Example("broken invoice", "en", "pay"),) if name == "fix" else ()
    return Intent(name, name, {"en": tuple(phrases.split("|"))}, near)
