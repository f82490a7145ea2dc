"""Saved replies: `templates/saved/*.yml`, texts that staff choose in the reply form.

    title: {en: Ask for logs, ja: ログのご依頼, zh: 请提供日志}
    text:
      en: |
        Hello {{ customer }}, could you send us the log of {{ cluster }}?

English is required; a customer of another language gets theirs where it is written. A text may use
the places below and what Jinja's sandbox allows, nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import jinja2
import jinja2.meta
import yaml
from jinja2.sandbox import SandboxedEnvironment

from bot.content.problems import ContentError
from bot.content.strict_yaml import Findings, mapping, read_document, required, word
from bot.desk.meaning import LANGUAGES, Language, language_of

LONGEST = 3000
"""Characters of a Slack text input."""
PLACES: Mapping[str, str] = {
    "customer": "Ada",
    "name": "Ada Byron",
    "number": "SUP-1001",
    "account": "Analytical Engines",
    "owner": "Grace Hopper",
    "cluster": "prod-1",
}
"""What a text may name, with the values that the check fills in: the customer's first and whole
name, the request, their company, who writes, and the cluster (empty where none was named)."""

_FAILURES = (jinja2.TemplateError, ArithmeticError, AttributeError, LookupError, TypeError,
             ValueError)  # fmt: skip
"""What an expression of a text can end in."""


@dataclass(frozen=True, slots=True)
class SavedReply:
    key: str
    """The file's name."""
    titles: Mapping[Language, str]
    texts: Mapping[Language, str]

    def title(self, language: Language) -> str:
        return self.titles.get(language) or self.titles["en"]

    def fill(self, language: Language, values: Mapping[str, str]) -> str:
        """The text for one request; `values` has all of `PLACES`."""
        template = _environment().from_string(self.texts.get(language) or self.texts["en"])
        return template.render(values).strip()[:LONGEST]


def load_saved_replies(folder: Path) -> tuple[SavedReply, ...]:
    """All of them, by file name; none where there is no folder. Raises `ContentError`."""
    replies, problems = [], []
    for file in sorted(folder.glob("*.yml")):
        findings = Findings(file)
        reply = _read(file, findings)
        if reply is not None:
            replies.append(reply)
        problems += findings.problems
    if problems:
        raise ContentError(problems)
    return tuple(replies)


def first_name(name: str) -> str:
    """`Leo` of `Leo Strand`; a name without spaces is taken whole."""
    return name.split()[0] if name.split() else name


def _environment() -> SandboxedEnvironment:
    return SandboxedEnvironment(
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
    )


def _read(file: Path, findings: Findings) -> SavedReply | None:
    node = read_document(file, findings)
    keys = mapping(node, "", findings, ("title", "text")) if node is not None else {}
    if node is not None:
        required(keys, ("title", "text"), findings)
    if not {"title", "text"} <= keys.keys():
        return None
    titles = _by_language(keys["title"], "title", findings)
    texts = _by_language(keys["text"], "text", findings)
    for language, text in texts.items():
        _check(text, f"text.{language}", findings)
    return SavedReply(file.stem, titles, texts)


def _by_language(node: yaml.Node, place: str, findings: Findings) -> dict[Language, str]:
    keys = mapping(node, place, findings, LANGUAGES)
    required(keys, ("en",), findings, place)
    found = {}
    for name, value in keys.items():
        text = word(value, f"{place}.{name}", findings)
        if text is not None:
            found[language_of(name)] = text
    return found


def _check(text: str, place: str, findings: Findings) -> None:
    """Fill it in once: what fails here would fail while somebody waits for the form."""
    environment = _environment()
    try:
        unknown = jinja2.meta.find_undeclared_variables(environment.parse(text)) - PLACES.keys()
        if unknown:
            known = ", ".join(PLACES)
            findings.add(place, f"knows no {sorted(unknown)[0]!r}; the places are {known}")
            return
        for values in (PLACES, {**PLACES, "cluster": ""}):
            if len(environment.from_string(text).render(values)) > LONGEST:
                findings.add(place, f"is longer than {LONGEST} characters")
    except jinja2.TemplateSyntaxError as error:
        findings.add(place, f"line {error.lineno}: {error.message}")
    except _FAILURES as error:
        findings.add(place, f"cannot be filled in: {error}")
