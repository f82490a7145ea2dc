"""What a short reply does in a conversation: cancel, yes, no, correct, thanks, help.

The words stand in `intents/dialogue.yml`. A whole short message is compared with them (one typo
allowed by rapidfuzz); "correct" is recognised by how a message begins.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path

import yaml
from rapidfuzz import fuzz

from bot.content.problems import ContentError
from bot.content.strict_yaml import Findings, mapping, read_document, words
from bot.desk.heard import Act
from bot.desk.meaning import LANGUAGES

_ACTS: tuple[Act, ...] = ("cancel", "yes", "no", "correct", "thanks", "help")
_GENERIC = "generic"
_UNFINISHED = "unfinished"
_MARKUP = re.compile(r"<[^>]*>|:[a-z0-9_+\-]+:|[\s.!?。！？、,，~〜…*_`]+")
_PIECES = re.compile(r"[,，、.。!！;；…\n]+")
_LONGEST = 40
"""A reply longer than this is about something; its act is not read from its words alone."""
_NEAR = 88


class Acts:
    """Recognises acts by the words of `intents/dialogue.yml`."""

    def __init__(
        self,
        terms: Mapping[Act, tuple[str, ...]],
        generic: tuple[str, ...] = (),
        unfinished: tuple[str, ...] = (),
    ) -> None:
        self.generic = generic
        """Words that say no more than that help is wanted."""
        latin = [_folded(term) for term in unfinished if term.isascii()]
        words = rf"\b(?:{'|'.join(map(re.escape, latin))})\b" if latin else ""
        others = [re.escape(_folded(term)) for term in unfinished if not term.isascii()]
        pattern = "|".join(filter(None, (words, *others)))
        self._unfinished = re.compile(pattern) if pattern else None
        self._terms = {act: tuple(_normal(term) for term in found) for act, found in terms.items()}
        # A beginning keeps its comma: 「あ、」 corrects, 「ありがとう」 does not.
        self._beginnings = tuple(_folded(term) for term in terms.get("correct", ()))

    def unfinished(self, text: str) -> bool:
        """Words that say that something is not over: "thanks, but it is still slow"."""
        return self._unfinished is not None and bool(self._unfinished.search(_folded(text)))

    def read(self, text: str) -> Act:
        whole = self._read(text)
        if whole or len(text) > _LONGEST:
            return whole
        # "never mind, cancel": each piece says the same.
        pieces = {self._read(piece) for piece in _PIECES.split(text) if _normal(piece)}
        return pieces.pop() if len(pieces) == 1 else ""

    def _read(self, text: str) -> Act:
        said = _normal(text)
        if not said:
            return ""
        for act in _ACTS:
            terms = self._terms.get(act, ())
            if act == "correct":
                if _folded(text).startswith(self._beginnings):
                    return act
            elif len(said) <= _LONGEST and any(_same(said, term) for term in terms):
                return act
        return ""


def _same(said: str, term: str) -> bool:
    if said == term:
        return True
    return len(term) >= 5 and abs(len(said) - len(term)) <= 2 and fuzz.ratio(said, term) >= _NEAR


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip()


def _normal(text: str) -> str:
    return _MARKUP.sub(" ", _folded(text)).strip()


def load_acts(file: Path) -> Acts:
    """Read the file. Raises `ContentError` with every problem found."""
    findings = Findings(file)
    terms: dict[Act, tuple[str, ...]] = {}
    node = read_document(file, findings) if file.is_file() else None
    if not file.is_file():
        findings.add("", "the file is missing")
    generic: tuple[str, ...] = ()
    unfinished: tuple[str, ...] = ()
    if node is not None:
        for name, entry in mapping(node, "", findings, (*_ACTS, _GENERIC, _UNFINISHED)).items():
            listed = _all_languages(entry, name, findings)
            if name == _GENERIC:
                generic = listed
            elif name == _UNFINISHED:
                unfinished = listed
            else:
                terms[next(act for act in _ACTS if act == name)] = listed
    if findings.problems:
        raise ContentError(findings.problems)
    return Acts(terms, generic, unfinished)


def _all_languages(node: yaml.Node, name: str, findings: Findings) -> tuple[str, ...]:
    return tuple(
        text
        for language, listed in mapping(node, name, findings, LANGUAGES).items()
        for text, _ in words(listed, f"{name}.{language}", findings)
    )
