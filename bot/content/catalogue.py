"""The `intents/` folder, read and checked.

`intents/<name>.yml`              one intent: description, phrases, near-misses, queue, form
`intents/background/<lang>.yml`   a plain list of ordinary chat messages; `<lang>-<about>.yml` too
`intents/slots.yml`, `language.yml`   words (see `bot.content.vocabulary`), both optional
`intents/dialogue.yml`, `forms/`   belong to the conversation and the forms, not read here
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import yaml

from bot.content.problems import ContentError, Problem
from bot.content.strict_yaml import Findings, mapping, read_document, required, word, words
from bot.content.vocabulary import LANGUAGE_FILE, SLOTS_FILE, read_vocabulary
from bot.desk.catalogue import BACKGROUND, QUEUES, Catalogue, Example, Intent, Queue
from bot.desk.meaning import LANGUAGES, Language

__all__ = ["BACKGROUND", "Catalogue", "Example", "Intent", "load_catalogue"]

_KEYS = ("description", "queue", "form", "phrases", "near_misses")
_NOT_INTENTS = (SLOTS_FILE, LANGUAGE_FILE, "dialogue.yml")
_INTENT_NAME = re.compile(r"[a-z][a-z0-9_]*")


def load_catalogue(folder: Path) -> Catalogue:
    """The checked catalogue. Raises `ContentError` that lists every problem found."""
    if not folder.is_dir():
        raise ContentError([Problem(folder, "", "there is no such folder")])
    problems: list[Problem] = []
    intents: dict[str, Intent] = {}
    places = _Places()
    for file in sorted(folder.iterdir()):
        if file.suffix == ".yaml":
            problems.append(Problem(file, "", f"rename to {file.stem}.yml"))
        elif file.suffix == ".yml" and file.name not in _NOT_INTENTS:
            findings = Findings(file)
            intent = _read_intent(file, findings, places)
            if intent is not None:
                intents[intent.name] = intent
            problems += findings.problems
    if not intents:
        problems.append(Problem(folder, "", "holds no intent; add one `<name>.yml`"))
    background = _read_background(folder / BACKGROUND, problems, places)
    vocabulary = read_vocabulary(folder, tuple(intents), problems)
    problems += places.problems(tuple(intents), vocabulary.silent)
    if problems:
        raise ContentError(problems)
    return Catalogue(intents, background, vocabulary)


def _read_intent(file: Path, findings: Findings, places: _Places) -> Intent | None:
    name = file.stem
    if not _INTENT_NAME.fullmatch(name) or name == BACKGROUND:
        findings.add("", "an intent file is named in lower case, such as `ask_docs.yml`")
        return None
    document = read_document(file, findings)
    if document is None:
        return None
    keys = mapping(document, "", findings, _KEYS)
    required(keys, ("description", "phrases"), findings)
    text = {
        key: word(keys[key], key, findings)
        for key in ("description", "queue", "form")
        if key in keys
    }
    queue = text.get("queue")
    if queue is not None and queue not in QUEUES:
        findings.add("queue", f"must be one of {', '.join(QUEUES)}", keys["queue"])
    phrases: dict[Language, tuple[str, ...]] = {}
    if "phrases" in keys:
        for language, node in _languages(keys["phrases"], "phrases", findings).items():
            found = words(node, f"phrases.{language}", findings)
            for number, (phrase, item) in enumerate(found):
                place = f"phrases.{language}[{number}]"
                places.phrase(Example(phrase, language, name), file, place, item)
            phrases[language] = tuple(phrase for phrase, _ in found)
        if not any(phrases.values()) and not findings.problems:
            findings.add("phrases", "holds no phrase", keys["phrases"])
    near_misses: list[Example] = []
    if "near_misses" in keys:
        near_misses = _read_near_misses(keys["near_misses"], name, findings, places)
    return Intent(
        name,
        text.get("description") or "",
        phrases,
        tuple(near_misses),
        cast("Queue | None", queue),
        text.get("form"),
    )


def _read_near_misses(
    node: yaml.Node, name: str, findings: Findings, places: _Places
) -> list[Example]:
    found = []
    for language, items in _languages(node, "near_misses", findings).items():
        if not isinstance(items, yaml.SequenceNode):
            findings.add(f"near_misses.{language}", "write a list here", items)
            continue
        for number, item in enumerate(items.value):
            place = f"near_misses.{language}[{number}]"
            keys = mapping(item, place, findings, ("text", "intent"))
            required(keys, ("text", "intent"), findings, place)
            text = word(keys["text"], f"{place}.text", findings) if "text" in keys else None
            intent = word(keys["intent"], f"{place}.intent", findings) if "intent" in keys else None
            if text is None or intent is None:
                continue
            if intent == name:
                findings.add(f"{place}.intent", "is this very intent; move it to phrases", item)
            example = Example(text, language, intent)
            places.near_miss(example, findings.file, place, item)
            found.append(example)
    return found


def _read_background(
    folder: Path, problems: list[Problem], places: _Places
) -> Mapping[Language, tuple[str, ...]]:
    background: dict[Language, tuple[str, ...]] = {}
    files = folder.iterdir() if folder.is_dir() else ()
    for file in sorted(files, key=lambda file: file.stem):
        findings = Findings(file)
        language = file.stem.partition("-")[0]
        if file.suffix != ".yml" or language not in LANGUAGES:
            names = ", ".join(f"{language}.yml" for language in LANGUAGES)
            findings.add("", f"the files here are {names}, or such as en-sports.yml")
        else:
            document = read_document(file, findings)
            found = words(document, "", findings) if document is not None else []
            for number, (text, item) in enumerate(found):
                places.talk(Example(text, language, BACKGROUND), file, f"[{number}]", item)
            background[language] = (*background.get(language, ()), *(text for text, _ in found))
        problems += findings.problems
    return background


def _languages(node: yaml.Node, place: str, findings: Findings) -> dict[Language, yaml.Node]:
    return cast("dict[Language, yaml.Node]", mapping(node, place, findings, LANGUAGES))


def _same(text: str) -> str:
    """Two phrases with the same value of this are the same phrase."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


@dataclass(frozen=True, slots=True)
class _Place:
    example: Example
    file: Path
    field: str
    line: int

    def __str__(self) -> str:
        return f"{self.file.name} {self.field}"

    def problem(self, mend: str, key: str = "") -> Problem:
        return Problem(self.file, f"{self.field}{key}", mend, self.line)


class _Places:
    """Where every example stands, to find doubles and contradictions across files."""

    def __init__(self) -> None:
        self._phrases: dict[str, _Place] = {}
        self._talk: dict[tuple[Language, str], _Place] = {}
        self._near_misses: list[_Place] = []
        self._doubles: list[Problem] = []

    def phrase(self, example: Example, file: Path, place: str, node: yaml.Node) -> None:
        here = _Place(example, file, place, node.start_mark.line + 1)
        there = self._phrases.setdefault(_same(example.text), here)
        if there is not here:
            self._doubles.append(here.problem(f"the same phrase stands in {there}; keep one"))

    def talk(self, example: Example, file: Path, place: str, node: yaml.Node) -> None:
        here = _Place(example, file, place, node.start_mark.line + 1)
        there = self._talk.setdefault((example.language, _same(example.text)), here)
        if there is not here:
            self._doubles.append(here.problem(f"the same message stands in {there}; keep one"))

    def near_miss(self, example: Example, file: Path, place: str, node: yaml.Node) -> None:
        self._near_misses.append(_Place(example, file, place, node.start_mark.line + 1))

    def problems(self, intents: tuple[str, ...], silent: tuple[str, ...]) -> list[Problem]:
        """Doubles, and examples that name no intent or contradict a phrase.

        Ordinary talk may repeat a phrase of a silent intent: *thanks!* is small talk when it is
        said to the bot, and nothing to answer when it is not.
        """
        found = list(self._doubles)
        for here in self._near_misses:
            intent = here.example.intent
            if intent != BACKGROUND and intent not in intents:
                found.append(here.problem(f"there is no intent {intent}", ".intent"))
        for here in [*self._near_misses, *self._talk.values()]:
            there = self._phrases.get(_same(here.example.text))
            if there is None or there.example.intent == here.example.intent:
                continue
            if here.example.intent == BACKGROUND and there.example.intent in silent:
                continue
            means = there.example.intent
            found.append(here.problem(f"{there} says that this means {means}; decide for one"))
        return found
