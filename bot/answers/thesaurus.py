"""How customers say it and how the documentation says it: `knowledge/thesaurus.yml`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from bot.answers.words import folded, surface_words, terms_of
from bot.content.problems import ContentError
from bot.content.strict_yaml import Findings, mapping, read_document, required, words
from bot.desk.meaning import LANGUAGES, Language

_WIDEST_GAP = 2
"""Words that may stand between two words of a phrase: "turn the whole cluster off"."""

_KEYS = ("say", "mean", "english")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the thesaurus."""

    say: tuple[str, ...]
    mean: tuple[str, ...]
    english: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Expansion:
    """What an entry adds to a question, as search terms."""

    said: tuple[str, ...]
    """The terms of the question that brought the entry in."""
    mean: tuple[str, ...]
    english: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Compiled:
    mean: tuple[str, ...]
    english: tuple[str, ...]


@dataclass(slots=True)
class _Side:
    """The entries of one language, ready to look up."""

    by_first: dict[str, list[tuple[tuple[str, ...], int]]] = field(default_factory=dict)
    pieces: list[tuple[str, int]] = field(default_factory=list)
    entries: list[_Compiled] = field(default_factory=list)


class Thesaurus:
    """Looks up the entries that a question brings in."""

    def __init__(self, entries: dict[Language, Iterable[Entry]] | None = None) -> None:
        listed = {language: tuple(some) for language, some in (entries or {}).items()}
        self._sides: dict[Language, _Side] = {
            language: _compiled(some, language) for language, some in listed.items()
        }
        texts = (
            text
            for some in listed.values()
            for entry in some
            for text in (*entry.say, *entry.mean, *entry.english)
        )
        self.latin_words = frozenset(surface_words("\n".join(texts)))
        """Every Latin word of the file: known to be no typing error."""

    def expansions(self, question: str, language: Language) -> list[Expansion]:
        """In the order of the file, each entry once."""
        side = self._sides.get(language)
        if side is None:
            return []
        found = _said_words(side, question) if language == "en" else _said_pieces(side, question)
        return [
            Expansion(found[number], side.entries[number].mean, side.entries[number].english)
            for number in sorted(found)
        ]


def load_thesaurus(file: Path) -> Thesaurus:
    """Reads the file. Raises `ContentError` with every mistake, its field and its line."""
    findings = Findings(file)
    document = read_document(file, findings)
    entries: dict[Language, Iterable[Entry]] = {}
    if document is not None:
        sides = mapping(document, "", findings, LANGUAGES)
        for language in LANGUAGES:
            if language in sides:
                entries[language] = _entries(sides[language], language, findings)
    if findings.problems:
        raise ContentError(findings.problems)
    return Thesaurus(entries)


def _entries(node: yaml.Node, language: Language, findings: Findings) -> list[Entry]:
    if not isinstance(node, yaml.SequenceNode):
        findings.add(language, "write a list of entries here (`- say: […]`)", node)
        return []
    entries = []
    for number, item in enumerate(node.value):
        place = f"{language}[{number}]"
        keys = mapping(item, place, findings, _KEYS)
        required(keys, ("say", "mean"), findings, place)
        texts = {
            key: tuple(text for text, _ in words(value, f"{place}.{key}", findings))
            for key, value in keys.items()
        }
        if language == "en" and "english" in texts:
            findings.add(f"{place}.english", "is for Japanese and Chinese; use `mean`", item)
        entries.append(Entry(texts.get("say", ()), texts.get("mean", ()), texts.get("english", ())))
    return entries


def _compiled(entries: Iterable[Entry], language: Language) -> _Side:
    side = _Side()
    for number, entry in enumerate(entries):
        side.entries.append(
            _Compiled(
                mean=_distinct_terms(entry.mean, language),
                english=_distinct_terms(entry.english, "en"),
            )
        )
        for said in entry.say:
            if language == "en":
                stems = tuple(terms_of(said, "en"))
                if stems:
                    side.by_first.setdefault(stems[0], []).append((stems, number))
            else:
                side.pieces.append((_close_set(said), number))
    return side


def _distinct_terms(texts: Iterable[str], language: Language) -> tuple[str, ...]:
    return tuple(dict.fromkeys(term for text in texts for term in terms_of(text, language)))


def _close_set(text: str) -> str:
    return "".join(folded(text).split())


def _said_words(side: _Side, question: str) -> dict[int, tuple[str, ...]]:
    stems = terms_of(question, "en")
    found: dict[int, tuple[str, ...]] = {}
    for at, stem in enumerate(stems):
        for phrase, number in side.by_first.get(stem, ()):
            if number not in found and _follows(stems, at, phrase):
                found[number] = phrase
    return found


def _follows(stems: list[str], at: int, phrase: tuple[str, ...]) -> bool:
    for wanted in phrase[1:]:
        try:
            at = stems.index(wanted, at + 1, at + 2 + _WIDEST_GAP)
        except ValueError:
            return False
    return True


def _said_pieces(side: _Side, question: str) -> dict[int, tuple[str, ...]]:
    text = _close_set(question)
    found: dict[int, tuple[str, ...]] = {}
    for piece, number in side.pieces:
        if number not in found and piece in text:
            found[number] = (piece,)
    return found
