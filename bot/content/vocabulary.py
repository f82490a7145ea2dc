"""`intents/slots.yml` and `intents/language.yml`: the words of the trade, read and checked.

Both files hold words only. In every list a trailing `*` stands for any ending (`upgrad*`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import yaml

from bot.content.problems import Problem
from bot.content.strict_yaml import Findings, mapping, read_document, required, word, words
from bot.desk.catalogue import ChoiceSlot, Ladder, NameSlot, Terms, TicketSlot, Vocabulary
from bot.desk.meaning import LANGUAGES

SLOTS_FILE = "slots.yml"
LANGUAGE_FILE = "language.yml"

_SLOTS_KEYS = (
    "choices", "ladder", "cluster", "feature", "ticket", "negations", "silent", "nothing",
)  # fmt: skip
_LADDER_WORDS = ("words", "upwards", "downwards", "leaving", "arriving", "ending", "also_known")


def read_vocabulary(folder: Path, intents: tuple[str, ...], problems: list[Problem]) -> Vocabulary:
    """The words; a file that is absent leaves its part empty. Mistakes go to `problems`."""
    slots = _Reader(folder / SLOTS_FILE, intents)
    keys = slots.document(_SLOTS_KEYS)
    language = _Reader(folder / LANGUAGE_FILE, intents)
    language_keys = language.document(("subjects", "groups"))
    groups = language.named_terms(language_keys.get("groups"), "groups")
    vocabulary = Vocabulary(
        choices=slots.choices(keys["choices"]) if "choices" in keys else {},
        ladder=slots.ladder(keys["ladder"]) if "ladder" in keys else None,
        cluster=slots.names(keys["cluster"], "cluster") if "cluster" in keys else None,
        feature=slots.names(keys["feature"], "feature") if "feature" in keys else None,
        ticket=slots.ticket(keys["ticket"]) if "ticket" in keys else None,
        negations=slots.terms(keys["negations"], "negations") if "negations" in keys else (),
        groups=groups,
        subjects=language.names_among(language_keys.get("subjects"), "subjects", groups),
        silent=slots.intent_names(keys["silent"], "silent") if "silent" in keys else (),
        nothing=slots.intent_name(keys["nothing"], "nothing")
        if "nothing" in keys
        else Vocabulary().nothing,
    )
    problems += slots.findings.problems + language.findings.problems
    return vocabulary


class _Reader:
    """One vocabulary file and the problems found in it."""

    def __init__(self, file: Path, intents: tuple[str, ...]) -> None:
        self.findings = Findings(file)
        self._intents = intents

    def document(self, allowed: tuple[str, ...]) -> dict[str, yaml.Node]:
        if not self.findings.file.exists():
            return {}
        node = read_document(self.findings.file, self.findings)
        return mapping(node, "", self.findings, allowed) if node is not None else {}

    def choices(self, node: yaml.Node) -> Mapping[str, ChoiceSlot]:
        found = {}
        for slot, body in mapping(node, "choices", self.findings, None).items():
            place = f"choices.{slot}"
            keys = self._part(body, place, ("intents", "values"), ("default",))
            values = self.named_terms(keys.get("values"), f"{place}.values")
            default = None
            if "default" in keys:
                default = word(keys["default"], f"{place}.default", self.findings)
                if default not in values:
                    mend = f"must be one of {', '.join(values)}"
                    self.findings.add(f"{place}.default", mend, keys["default"])
            intents = self.intent_names(keys.get("intents"), f"{place}.intents")
            found[slot] = ChoiceSlot(intents, values, default)
        return found

    def ladder(self, node: yaml.Node) -> Ladder:
        keys = self._part(node, "ladder", ("slot", "up", "down", "rungs"), _LADDER_WORDS)
        slot = word(keys["slot"], "ladder.slot", self.findings) if "slot" in keys else None
        return Ladder(
            slot=slot or "",
            up=self.intent_name(keys.get("up"), "ladder.up"),
            down=self.intent_name(keys.get("down"), "ladder.down"),
            rungs=self.named_terms(keys.get("rungs"), "ladder.rungs"),
            **{key: self.terms(keys.get(key), f"ladder.{key}") for key in _LADDER_WORDS},
        )

    def names(self, node: yaml.Node, place: str) -> NameSlot:
        parts = ("words", "before", "after", "never")
        keys = self._part(node, place, ("intents",), parts)
        intents = self.intent_names(keys.get("intents"), f"{place}.intents")
        return NameSlot(
            intents, **{part: self.terms(keys.get(part), f"{place}.{part}") for part in parts}
        )

    def ticket(self, node: yaml.Node) -> TicketSlot:
        keys = self._part(node, "ticket", ("intents", "prefix"), ("words",))
        prefix = word(keys["prefix"], "ticket.prefix", self.findings) if "prefix" in keys else None
        return TicketSlot(
            self.intent_names(keys.get("intents"), "ticket.intents"),
            prefix or TicketSlot().prefix,
            self.terms(keys.get("words"), "ticket.words"),
        )

    def named_terms(self, node: yaml.Node | None, place: str) -> Mapping[str, Terms]:
        if node is None:
            return {}
        found = mapping(node, place, self.findings, None)
        return {name: self.terms(body, f"{place}.{name}") for name, body in found.items()}

    def terms(self, node: yaml.Node | None, place: str) -> Terms:
        """The words of all languages in one tuple, each once."""
        if node is None:
            return ()
        found: list[str] = []
        for language, items in mapping(node, place, self.findings, LANGUAGES).items():
            found += (text for text, _ in words(items, f"{place}.{language}", self.findings))
        return tuple(dict.fromkeys(found))

    def names_among(
        self, node: yaml.Node | None, place: str, known: Collection[str]
    ) -> tuple[str, ...]:
        """A list of names that stand elsewhere in the same file."""
        if node is None:
            return ()
        found = words(node, place, self.findings)
        for number, (name, item) in enumerate(found):
            if name not in known:
                self.findings.add(f"{place}[{number}]", f"there is no {name} in this file", item)
        return tuple(name for name, _ in found)

    def intent_names(self, node: yaml.Node | None, place: str) -> tuple[str, ...]:
        if node is None:
            return ()
        found = words(node, place, self.findings)
        for number, (name, item) in enumerate(found):
            self._known(name, f"{place}[{number}]", item)
        return tuple(name for name, _ in found)

    def intent_name(self, node: yaml.Node | None, place: str) -> str:
        name = word(node, place, self.findings) if node is not None else None
        if node is not None and name is not None:
            self._known(name, place, node)
        return name or ""

    def _known(self, name: str, place: str, node: yaml.Node) -> None:
        if name not in self._intents:
            self.findings.add(place, f"there is no intent {name}", node)

    def _part(
        self, node: yaml.Node, place: str, needed: tuple[str, ...], optional: tuple[str, ...]
    ) -> dict[str, yaml.Node]:
        keys = mapping(node, place, self.findings, needed + optional)
        required(keys, needed, self.findings, place)
        return keys
