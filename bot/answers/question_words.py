"""Words that shape a question without saying what it is about: `knowledge/question_words.yml`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bot.answers.words import folded, terms_of
from bot.content.problems import ContentError
from bot.content.strict_yaml import Findings, mapping, read_document, required, words
from bot.desk.meaning import LANGUAGES, Language

_KEYS = ("cut", "small_talk")
_LATIN = re.compile(r"[a-z0-9_.']+")


@dataclass(frozen=True, slots=True)
class _Side:
    cut_words: frozenset[str] = frozenset()
    talk_words: frozenset[str] = frozenset()
    cut_pieces: re.Pattern[str] | None = None
    talk_pieces: re.Pattern[str] | None = None


class QuestionWords:
    """Takes a question down to what it is about."""

    def __init__(
        self,
        cut: dict[Language, Iterable[str]] | None = None,
        small_talk: dict[Language, Iterable[str]] | None = None,
    ) -> None:
        cut, small_talk = cut or {}, small_talk or {}
        self._sides = {
            language: _side(language, cut.get(language, ()), small_talk.get(language, ()))
            for language in LANGUAGES
        }

    @property
    def latin_words(self) -> frozenset[str]:
        """The English words: known to be no typing errors."""
        return self._sides["en"].cut_words | self._sides["en"].talk_words

    def core(self, question: str, language: Language) -> str:
        """The question without the words that ask."""
        side = self._sides[language]
        text = folded(question)
        if side.cut_pieces is not None:
            text = side.cut_pieces.sub(" ", text)
        return _without(text, side.cut_words)

    def is_small_talk(self, question: str, language: Language) -> bool:
        """Nothing is left when the asking and the greeting are cut."""
        side, english = self._sides[language], self._sides["en"]
        text = folded(question)
        if side.talk_pieces is not None:
            text = side.talk_pieces.sub(" ", text)
        if side.cut_pieces is not None:
            text = side.cut_pieces.sub(" ", text)
        cut = side.cut_words | side.talk_words | english.cut_words | english.talk_words
        return not terms_of(_without(text, cut), language)


def load_question_words(file: Path) -> QuestionWords:
    """Reads the file. Raises `ContentError` with every mistake, its field and its line."""
    findings = Findings(file)
    document = read_document(file, findings)
    listed: dict[str, dict[Language, Iterable[str]]] = {key: {} for key in _KEYS}
    if document is not None:
        sides = mapping(document, "", findings, LANGUAGES)
        for language in LANGUAGES:
            if language not in sides:
                continue
            keys = mapping(sides[language], language, findings, _KEYS)
            required(keys, _KEYS, findings, language)
            for key, node in keys.items():
                listed[key][language] = [
                    text for text, _ in words(node, f"{language}.{key}", findings)
                ]
    if findings.problems:
        raise ContentError(findings.problems)
    return QuestionWords(listed["cut"], listed["small_talk"])


def _side(language: Language, cut: Iterable[str], talk: Iterable[str]) -> _Side:
    if language == "en":
        return _Side(frozenset(map(_bare, cut)), frozenset(map(_bare, talk)))
    return _Side(cut_pieces=_pattern(cut), talk_pieces=_pattern(talk))


def _pattern(pieces: Iterable[str]) -> re.Pattern[str] | None:
    longest_first = sorted({folded(piece) for piece in pieces}, key=lambda one: (-len(one), one))
    return re.compile("|".join(map(re.escape, longest_first))) if longest_first else None


def _without(text: str, dropped: frozenset[str]) -> str:
    if not dropped:
        return text
    return _LATIN.sub(lambda found: "" if _bare(found[0]) in dropped else found[0], text)


def _bare(word: str) -> str:
    word = folded(word).strip(".'")
    return word[:-2] if word.endswith("'s") else word.replace("'", "")
