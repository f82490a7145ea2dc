"""The phrases we learn from and the messages we measure with are never the same."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from pathlib import Path

import pytest
from rapidfuzz import fuzz, process

from bot.content.catalogue import load_catalogue
from bot.desk.catalogue import Catalogue
from bot.desk.meaning import LANGUAGES, Language

ROOT = Path(__file__).parents[2]
MESSAGES = ROOT / "tests" / "messages"
LEAST = {"en": 60, "ja": 50, "zh": 50}
TOO_CLOSE = 95


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(ROOT / "intents")


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def messages(language: Language) -> list[dict[str, object]]:
    return [
        json.loads(line)
        for file in sorted(MESSAGES.glob(f"*-{language}.jsonl"))
        for line in file.read_text(encoding="utf-8").splitlines()
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_test_message_is_a_phrase_or_nearly_one(
    catalogue: Catalogue, language: Language
) -> None:
    phrases = [_plain(one.text) for one in catalogue.examples() if one.language == language]
    texts = [text for one in messages(language) if len(text := _plain(str(one["text"]))) > 12]
    scores = process.cdist(texts, phrases, scorer=fuzz.ratio, score_cutoff=TOO_CLOSE)
    close = [
        (text, phrases[int(row.argmax())])
        for text, row in zip(texts, scores, strict=True)
        if row.max()
    ]
    assert not close


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_intent_has_enough_phrases_in_every_language(
    catalogue: Catalogue, language: Language
) -> None:
    few = {
        intent.name: len(intent.phrases.get(language, ()))
        for intent in catalogue.intents.values()
        if len(intent.phrases.get(language, ())) < LEAST[language]
    }
    assert not few
    assert len(catalogue.intents) == 13


@pytest.mark.parametrize("language", LANGUAGES)
def test_ordinary_chat_is_known_in_every_language(catalogue: Catalogue, language: Language) -> None:
    assert len(catalogue.background[language]) >= 300


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_messages_cover_every_intent(catalogue: Catalogue, language: Language) -> None:
    labels = Counter(str(one["label"]) for one in messages(language))
    assert set(labels) == set(catalogue.intents)
    assert min(labels.values()) >= 10
