"""Reads `templates/reactions.yml`: what staff's reactions on a request do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, cast, get_args

from bot.content.problems import ContentError
from bot.content.strict_yaml import Findings, mapping, read_document, words

ReactionVerb = Literal["claim", "resolve", "wait", "close"]
_EMOJI = re.compile(r"[a-z0-9_+'-]+")


def load_reactions(file: Path) -> Mapping[str, ReactionVerb]:
    """Emoji name as Slack gives it (`eyes`) → what it does. Raises `ContentError`."""
    findings = Findings(file)
    found: dict[str, ReactionVerb] = {}
    if not file.is_file():
        findings.add("", "the file is missing")
    else:
        node = read_document(file, findings)
        verbs = get_args(ReactionVerb)
        keys = mapping(node, "", findings, verbs) if node is not None else {}
        for verb, entry in keys.items():
            for name, where in words(entry, verb, findings):
                if not _EMOJI.fullmatch(name):
                    findings.add(verb, f"{name!r}: write an emoji's name without colons", where)
                elif name in found:
                    findings.add(verb, f"{name!r} does something else already", where)
                found[name] = cast(ReactionVerb, verb)
    if findings.problems:
        raise ContentError(findings.problems)
    return found
