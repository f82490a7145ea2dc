"""YAML read without its surprises.

YAML turns `no` into false, `12:30` into 750 and `1.10` into 1.1. Content is words, so every value
must have stayed a word; what did not is reported with its line and the mend (quotation marks).
Keys that are unknown or written twice are reported too, not silently dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from bot.content.problems import Problem

_STRING = "tag:yaml.org,2002:str"
_NULL = "tag:yaml.org,2002:null"
_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(slots=True)
class Findings:
    """The problems of one file, collected while it is read."""

    file: Path
    problems: list[Problem] = field(default_factory=list)

    def add(self, place: str, mend: str, node: yaml.Node | None = None) -> None:
        line = node.start_mark.line + 1 if node is not None else None
        self.problems.append(Problem(self.file, place, mend, line))


def read_document(file: Path, findings: Findings) -> yaml.Node | None:
    """The file's node tree, or `None` with the reason in `findings`."""
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        findings.add("", f"save the file as UTF-8 (byte {error.start} is not)")
        return None
    except OSError as error:
        findings.add("", f"the file cannot be read ({error.strerror})")
        return None
    try:
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = mark.line + 1 if mark else None
        findings.problems.append(Problem(file, "", f"not valid YAML: {error.problem}", line))
        return None
    except yaml.YAMLError as error:
        findings.add("", f"not valid YAML: {error}")
        return None
    if node is None:
        findings.add("", "the file is empty")
    return node


def mapping(
    node: yaml.Node, place: str, findings: Findings, allowed: tuple[str, ...] | None
) -> dict[str, yaml.Node]:
    """Key → node. `allowed` None takes any key that is a word."""
    if not isinstance(node, yaml.MappingNode):
        findings.add(place, "write `key: value` lines here", node)
        return {}
    found: dict[str, yaml.Node] = {}
    for key_node, value in node.value:
        key = word(key_node, place, findings)
        if key is None:
            continue
        at = f"{place}.{key}" if place else key
        if key in found:
            findings.add(at, "is written twice; keep one", key_node)
        elif allowed is not None and key not in allowed:
            findings.add(at, f"unknown key; the keys here are {', '.join(allowed)}", key_node)
        else:
            found[key] = value
    return found


def words(node: yaml.Node, place: str, findings: Findings) -> list[tuple[str, yaml.Node]]:
    """A list of words, each with its node."""
    if not isinstance(node, yaml.SequenceNode):
        findings.add(place, "write a list here (`- one entry a line`)", node)
        return []
    found = []
    for number, item in enumerate(node.value):
        text = word(item, f"{place}[{number}]", findings)
        if text is not None:
            found.append((text, item))
    return found


def word(node: yaml.Node, place: str, findings: Findings) -> str | None:
    """One value that must have stayed text."""
    if not isinstance(node, yaml.ScalarNode):
        findings.add(place, "write one text here, not a list or keys", node)
        return None
    written = str(node.value)
    if node.tag == _NULL:
        findings.add(place, "is empty; write a text or remove the line", node)
        return None
    if node.tag != _STRING:
        kind = node.tag.rpartition(":")[2]
        findings.add(place, f'YAML reads {written} as {kind}; write "{written}"', node)
        return None
    if not written.strip():
        findings.add(place, "is empty; write a text or remove the line", node)
        return None
    return written


def number(
    node: yaml.Node | None, place: str, findings: Findings, least: int, most: int
) -> int | None:
    """A whole number; absent means None."""
    if node is None:
        return None
    written = str(node.value) if isinstance(node, yaml.ScalarNode) else ""
    if not written.isascii() or not written.isdigit() or not least <= int(written) <= most:
        findings.add(place, f"write a whole number from {least} to {most}", node)
        return None
    return int(written)


def flag(node: yaml.Node | None, place: str, findings: Findings) -> bool:
    """`true` or `false`; absent means false."""
    if node is None:
        return False
    if isinstance(node, yaml.ScalarNode) and node.value in ("true", "false"):
        return bool(node.value == "true")
    findings.add(place, "write true or false", node)
    return False


def required(
    keys: Mapping[str, yaml.Node], names: tuple[str, ...], findings: Findings, place: str = ""
) -> None:
    """Reports the names that are missing."""
    for name in names:
        if name not in keys:
            findings.add(f"{place}.{name}" if place else name, "is missing")
