"""Reads `intents/processes/*.yml`: which requests are approved or declined, and what ends when."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import yaml

from bot.content.problems import ContentError
from bot.content.strict_yaml import (
    Findings,
    flag,
    mapping,
    number,
    read_document,
    required,
    word,
    words,
)
from bot.desk.forms import Form
from bot.desk.processes import Process

_KEYS = ("intent", "when", "same_by", "runs_days", "warn_days", "sets_plan")
_LONGEST = 1000
"""Days; a process of more is a slip of the finger."""


def load_processes(folder: Path, forms: Mapping[str, Form | None]) -> tuple[Process, ...]:
    """All of them, by file name. `forms`: intent → its form. Raises `ContentError`."""
    found, problems = [], []
    for file in sorted(folder.glob("*.yml")):
        findings = Findings(file)
        node = read_document(file, findings)
        if node is not None:
            found.append(_read(file.stem, node, findings, forms))
        problems += findings.problems
    if problems:
        raise ContentError(problems)
    return tuple(process for process in found if process is not None)


def _read(
    key: str, node: yaml.Node, findings: Findings, forms: Mapping[str, Form | None]
) -> Process | None:
    keys = mapping(node, "", findings, _KEYS)
    required(keys, ("intent",), findings)
    intent = word(keys["intent"], "intent", findings) if "intent" in keys else None
    if intent is None:
        return None
    if intent not in forms:
        findings.add("intent", f"there is no intents/{intent}.yml", keys["intent"])
        return None
    form = forms[intent]
    options = {field.name: field.options for field in form.fields} if form else {}
    when = _when(keys["when"], options, findings) if "when" in keys else {}
    same_by: tuple[str, ...] = ()
    if "same_by" in keys:
        same_by = tuple(name for name, _ in words(keys["same_by"], "same_by", findings))
        for name in same_by:
            if name not in options:
                findings.add("same_by", f"{name!r} is no field of its form", keys["same_by"])
    runs_days = number(keys.get("runs_days"), "runs_days", findings, 1, _LONGEST)
    warn_days = number(keys.get("warn_days"), "warn_days", findings, 1, _LONGEST)
    if warn_days and (runs_days is None or warn_days >= runs_days):
        findings.add("warn_days", "must be fewer than runs_days", keys["warn_days"])
    sets_plan = flag(keys.get("sets_plan"), "sets_plan", findings)
    if sets_plan and "target" not in options:
        findings.add("sets_plan", "needs a form with the field `target`", keys["sets_plan"])
    return Process(key, intent, when, same_by, runs_days, warn_days or 0, sets_plan)


def _when(
    node: yaml.Node, options: Mapping[str, tuple[str, ...]], findings: Findings
) -> dict[str, tuple[str, ...]]:
    found = {}
    for name, entry in mapping(node, "when", findings, None).items():
        values = tuple(value for value, _ in words(entry, f"when.{name}", findings))
        if name not in options:
            findings.add(f"when.{name}", "is no field of its form", entry)
        for value in values:
            if name in options and value not in options[name]:
                written = ", ".join(options[name])
                findings.add(f"when.{name}", f"{value!r}: the options are {written}", entry)
        found[name] = values
    return found
