"""Templates → Slack's JSON.

A template is a sequence of block calls, each printing one block:

    {{ section(t("request.opened", number=number)) }}
    {{ actions([button(t("button.cancel"), "cancel")]) }}

The renderer reads the printed values one after another, so no commas or braces are written by
hand, and any stray text between them is an error that names the file. Jinja's sandbox runs them:
a template can call what it is given and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
from jinja2.sandbox import SandboxedEnvironment

from bot.content.blocks import FOR_TEMPLATES, Block, Mrkdwn, cut, escape
from bot.content.problems import ContentError, Problem
from bot.content.template_check import template_problems
from bot.content.times import Times
from bot.content.words import Words
from bot.desk.meaning import Language
from bot.desk.requests import number_of

FALLBACK_TEXT = 3000
"""Slack advises at most 4,000 characters in `text`; escapes may lengthen ours."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """One message: `text` is the fallback for notifications and screen readers."""

    text: str
    blocks: list[Block]


class Templates:
    """Renders the files of one `templates` folder."""

    def __init__(self, folder: Path, words: Words) -> None:
        self._folder = folder
        self.words = words
        self._environment = SandboxedEnvironment(
            loader=jinja2.FileSystemLoader(folder),
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            finalize=_print_value,
            autoescape=False,
        )
        self._environment.globals.update(FOR_TEMPLATES)
        # Jinja's own `escape` is HTML's; here text becomes Slack's mrkdwn.
        self._environment.filters["escape"] = escape

    def names(self) -> list[str]:
        """Those that become Slack's JSON; reports and e-mails are pages of another kind."""
        return [
            name
            for name in self._environment.list_templates()
            if name.endswith(".j2") and name.startswith(("messages/", "modals/", "home/"))
        ]

    def message(self, name: str, language: Language, /, **values: Any) -> Rendered:
        """`templates/messages/<name>.j2`."""
        blocks = self._blocks(f"messages/{name}.j2", language, values)
        return Rendered(fallback(blocks), blocks)

    def modal(self, name: str, language: Language, /, **values: Any) -> Block:
        """`templates/modals/<name>.j2`: the first printed value is the modal's head."""
        head, *blocks = self._blocks(f"modals/{name}.j2", language, values)
        return {**head, "blocks": blocks}

    def home(self, name: str, language: Language, /, **values: Any) -> Block:
        """`templates/home/<name>.j2` as a Home view."""
        return {"type": "home", "blocks": self._blocks(f"home/{name}.j2", language, values)[:100]}

    def check(self) -> None:
        """Parse every template. Raises `ContentError` naming file and line."""
        problems = [
            problem
            for name in self.names()
            for problem in template_problems(
                self._environment, self._folder / name, name, self.words, None
            )
        ]
        if problems:
            raise ContentError(problems)

    def _blocks(self, name: str, language: Language, values: Mapping[str, Any]) -> list[Block]:
        t = self._sentence(language)
        printed = self._environment.get_template(name).render(
            t=t,
            has_words=self.words.has,
            language=language,
            number_of=number_of,
            **Times(language, t).for_templates(),
            **values,
        )
        return _read_values(printed, self._folder / name)

    def _sentence(self, language: Language) -> Callable[..., Mrkdwn]:
        def t(key: str, /, **words: object) -> Mrkdwn:
            return self.words.say(language, key, **words)

        return t


def fallback(blocks: list[Block]) -> str:
    """The words of a message without its layout, for notifications."""
    lines: list[str] = []
    for block in blocks:
        match block["type"]:
            case "section" if "text" in block:
                lines.append(block["text"]["text"])
            case "header":
                lines.append(escape(block["text"]["text"]))
            case "section":
                lines += [cell["text"].replace("\n", " ") for cell in block["fields"]]
            case "markdown":
                lines.append(block["text"])
            case "rich_text":
                lines.append(_words_of(block))
            case "context" if not lines:
                lines += [element["text"] for element in block["elements"]]
            case _:
                pass
    return cut("\n".join(line for line in lines if line), FALLBACK_TEXT)


def _words_of(block: Block) -> str:
    if block.get("type") in ("text", "link"):
        return escape(str(block.get("text") or block.get("url", "")))
    parts = [_words_of(element) for element in block.get("elements", ())]
    if block.get("type") == "rich_text_list":
        parts = [f"• {part}" for part in parts]
    lined = block.get("type") in ("rich_text", "rich_text_list")
    return ("\n" if lined else "").join(parts)


def _print_value(value: Any) -> Any:
    """Blocks are printed as JSON; other values as they are (they can only be stray text)."""
    return json.dumps(value, ensure_ascii=False) + "\n" if isinstance(value, dict) else value


def _read_values(printed: str, file: Path) -> list[Block]:
    decoder = json.JSONDecoder()
    blocks: list[Block] = []
    rest = printed.strip()
    while rest:
        try:
            block, end = decoder.raw_decode(rest)
        except json.JSONDecodeError:
            stray = cut(rest.splitlines()[0], 80)
            raise ContentError([Problem(file, "", f"text outside a block: {stray!r}")]) from None
        blocks.append(block)
        rest = rest[end:].lstrip()
    return blocks
