"""The small language in which Block Kit's rules are written: a rule looks at one value.

A rule is called with the value, its JSON pointer and the list of findings; it appends one line
for each thing it objects to, worded as Slack words them in `response_metadata.messages`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.sandbox.records import Json

Findings = list[str]
Rule = Callable[[object, str, Findings], None]


def object_to(findings: Findings, problem: str, pointer: str) -> None:
    findings.append(f"[ERROR] {problem} [json-pointer:{pointer}]")


def string(most: int, least: int = 1) -> Rule:
    def check(value: object, pointer: str, findings: Findings) -> None:
        if not isinstance(value, str):
            object_to(findings, "must be a string", pointer)
        elif len(value) < least:
            object_to(findings, f"must be more than {least - 1} characters", pointer)
        elif len(value) > most:
            object_to(findings, f"must be less than {most + 1} characters", pointer)

    return check


def matching(pattern: str, description: str) -> Rule:
    compiled = re.compile(pattern)

    def check(value: object, pointer: str, findings: Findings) -> None:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            object_to(findings, f"must be {description}", pointer)

    return check


def flag(value: object, pointer: str, findings: Findings) -> None:
    if not isinstance(value, bool):
        object_to(findings, "must be a boolean", pointer)


def whole_number(least: int, most: int) -> Rule:
    def check(value: object, pointer: str, findings: Findings) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            object_to(findings, "must be an integer", pointer)
        elif value < least:
            object_to(findings, f"must be greater than or equal to {least}", pointer)
        elif value > most:
            object_to(findings, f"must be less than or equal to {most}", pointer)

    return check


def one_of(*allowed: str) -> Rule:
    def check(value: object, pointer: str, findings: Findings) -> None:
        if value not in allowed:
            object_to(findings, f"must be one of: {', '.join(allowed)}", pointer)

    return check


def anything(value: object, pointer: str, findings: Findings) -> None:
    """For fields whose content is not checked here."""


def items(most: int, rule: Rule, least: int = 1) -> Rule:
    def check(value: object, pointer: str, findings: Findings) -> None:
        if not isinstance(value, list):
            object_to(findings, "must be an array", pointer)
            return
        if len(value) > most:
            object_to(findings, f"no more than {most} items allowed", pointer)
        if len(value) < least:
            object_to(findings, f"no fewer than {least} items allowed", pointer)
        for index, item in enumerate(value):
            rule(item, f"{pointer}/{index}", findings)

    return check


@dataclass(frozen=True)
class Shape:
    """An object with these fields and no others; `type` is allowed everywhere."""

    required: Mapping[str, Rule] = field(default_factory=dict)
    optional: Mapping[str, Rule] = field(default_factory=dict)
    also: Callable[[Json, str, Findings], None] | None = None
    """What no single field can tell."""

    def __call__(self, value: object, pointer: str, findings: Findings) -> None:
        if not isinstance(value, dict):
            object_to(findings, "must be an object", pointer)
            return
        for name, rule in self.required.items():
            if name not in value:
                object_to(findings, f"missing required field: {name}", pointer)
            else:
                rule(value[name], f"{pointer}/{name}", findings)
        for name, rule in self.optional.items():
            if value.get(name) is not None:
                rule(value[name], f"{pointer}/{name}", findings)
        for name in value:
            if name != "type" and name not in self.required and name not in self.optional:
                object_to(findings, f"invalid additional property: {name}", pointer)
        if self.also is not None:
            self.also(value, pointer, findings)


def typed(kinds: Mapping[str, Rule]) -> Rule:
    """An object whose `type` decides which rule it must meet."""

    def check(value: object, pointer: str, findings: Findings) -> None:
        if not isinstance(value, dict):
            object_to(findings, "must be an object", pointer)
            return
        kind = value.get("type")
        if kind is None:
            object_to(findings, "missing required field: type", pointer)
        elif kind not in kinds:
            object_to(findings, f"unsupported type: {kind}", f"{pointer}/type")
        else:
            kinds[kind](value, pointer, findings)

    return check


def plain(most: int) -> Rule:
    """A `plain_text` object."""
    return typed({"plain_text": Shape({"text": string(most)}, {"emoji": flag})})


def text(most: int) -> Rule:
    """A `plain_text` or `mrkdwn` object."""
    return typed(
        {
            "plain_text": Shape({"text": string(most)}, {"emoji": flag}),
            "mrkdwn": Shape({"text": string(most)}, {"verbatim": flag}),
        }
    )
