"""Reads `intents/forms/*.yml`: which fields a request needs, in which order they are asked."""

from __future__ import annotations

from pathlib import Path
from typing import cast, get_args

import yaml

from bot.content.problems import ContentError
from bot.content.strict_yaml import Findings, flag, mapping, read_document, required, word, words
from bot.desk.forms import Field, FieldKind, Form

_KEYS = ("name", "kind", "required", "ask", "options", "from_message")


def load_forms(folder: Path) -> dict[str, Form]:
    """Form name (the file's name) → form. Raises `ContentError` with every problem found."""
    forms: dict[str, Form] = {}
    problems = []
    for file in sorted(folder.glob("*.yml")):
        findings = Findings(file)
        node = read_document(file, findings)
        keys = mapping(node, "", findings, ("fields",)) if node is not None else {}
        fields: list[Field] = []
        entries = keys.get("fields")
        if isinstance(entries, yaml.SequenceNode):
            for number, item in enumerate(entries.value):
                field = _field(item, f"fields[{number}]", findings)
                if field is not None:
                    fields.append(field)
        elif node is not None:
            findings.add("fields", "write a list of fields here")
        forms[file.stem] = Form(file.stem, tuple(fields))
        problems += findings.problems
    if problems:
        raise ContentError(problems)
    return forms


def _field(node: yaml.Node, place: str, findings: Findings) -> Field | None:
    keys = mapping(node, place, findings, _KEYS)
    required(keys, ("name", "kind"), findings, place)
    if not {"name", "kind"} <= keys.keys():
        return None
    name = word(keys["name"], f"{place}.name", findings) or ""
    kind = word(keys["kind"], f"{place}.kind", findings) or ""
    kinds = get_args(FieldKind)
    if kind not in kinds:
        findings.add(f"{place}.kind", f"is {kind!r}; write one of {', '.join(kinds)}", keys["kind"])
        return None
    options: tuple[str, ...] = ()
    if "options" in keys:
        options = tuple(text for text, _ in words(keys["options"], f"{place}.options", findings))
    if kind == "choice" and not options:
        findings.add(f"{place}.options", "a choice needs its options", node)
    return Field(
        name=name,
        kind=cast(FieldKind, kind),
        required=flag(keys.get("required"), f"{place}.required", findings),
        ask=flag(keys.get("ask"), f"{place}.ask", findings),
        options=options,
        from_message=flag(keys.get("from_message"), f"{place}.from_message", findings),
    )
