"""The words of the templates: `templates/words/<language>.yml`, nested keys → dotted keys.

Values may hold `{name}` places. Every language must have the same keys with the same places, so
that a layout is written once and works in all of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from bot.content.blocks import Mrkdwn, escape
from bot.content.problems import ContentError
from bot.content.strict_yaml import Findings, mapping, read_document, word
from bot.desk.meaning import LANGUAGES, Language

_PLACE = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class Words:
    """All sentences of the bot, by language."""

    by_language: Mapping[Language, Mapping[str, str]]

    def say(self, language: Language, key: str, /, **words: object) -> Mrkdwn:
        """The sentence behind `key` as mrkdwn; what is filled in is escaped unless it is Mrkdwn.

        Raises `KeyError` naming the key: `supportbot check` finds those before a customer does.
        """
        sentences = self.by_language[language]
        if key not in sentences:
            raise KeyError(f"templates/words/{language}.yml has no {key!r}")
        return Mrkdwn(
            _PLACE.sub(lambda found: escape(str_or_mrkdwn(words[found[1]])), sentences[key])
        )

    def has(self, key: str) -> bool:
        return key in self.by_language["en"]

    def in_all_languages(self, key: str) -> tuple[str, ...]:
        """The sentence in every language, for recognising a typed label."""
        return tuple(
            self.by_language[language][key]
            for language in LANGUAGES
            if key in self.by_language[language]
        )


def str_or_mrkdwn(value: object) -> str:
    return value if isinstance(value, str) else str(value)


def load_words(folder: Path) -> Words:
    """Read the three files. Raises `ContentError` with every problem found."""
    found: dict[Language, dict[str, str]] = {}
    problems = []
    for language in LANGUAGES:
        findings = Findings(folder / f"{language}.yml")
        found[language] = _read(findings)
        problems += findings.problems
    if not problems:
        for language in LANGUAGES[1:]:
            findings = Findings(folder / f"{language}.yml")
            _compare(found["en"], found[language], findings)
            problems += findings.problems
    if problems:
        raise ContentError(problems)
    return Words(found)


def _read(findings: Findings) -> dict[str, str]:
    if not findings.file.is_file():
        findings.add("", "the file is missing")
        return {}
    node = read_document(findings.file, findings)
    return dict(_flatten(node, "", findings)) if node is not None else {}


def _flatten(node: yaml.Node, place: str, findings: Findings) -> list[tuple[str, str]]:
    if isinstance(node, yaml.MappingNode):
        return [
            pair
            for key, value in mapping(node, place, findings, None).items()
            for pair in _flatten(value, f"{place}.{key}" if place else key, findings)
        ]
    text = word(node, place, findings)
    return [(place, text)] if text is not None else []


def _compare(model: Mapping[str, str], other: Mapping[str, str], findings: Findings) -> None:
    for key in model.keys() - other.keys():
        findings.add(key, "is missing here but stands in en.yml")
    for key in other.keys() - model.keys():
        findings.add(key, "stands here but not in en.yml")
    for key in model.keys() & other.keys():
        wanted, had = set(_PLACE.findall(model[key])), set(_PLACE.findall(other[key]))
        if wanted != had:
            findings.add(key, f"has the places {sorted(had)}, en.yml has {sorted(wanted)}")
