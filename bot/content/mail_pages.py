"""The words of e-mails: `templates/email`, each as plain text and as HTML."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jinja2
from jinja2.sandbox import SandboxedEnvironment

from bot.content.blocks import Mrkdwn, unescape
from bot.content.template_check import Values, check_pages
from bot.content.times import Times
from bot.content.words import Words
from bot.desk.meaning import Language
from bot.desk.requests import Request

FOLDER = "email"
_EVERY: Values = {"t": None, "language": None, "at": None, "request": Request}
PAGES: Mapping[str, Values] = {
    "opened": {**_EVERY, "zone": None},
    "reply": {**_EVERY, "author": None, "words": None},
    "event": {**_EVERY, "zone": None} | dict.fromkeys(("kind", "about", "actor", "note", "plan")),
}
"""Every e-mail there is → what its two templates may name."""
_KINDS = ("txt", "html")


class MailPages:
    """Renders the files of `templates/email`; text for people, without Slack's markup."""

    def __init__(self, templates: Path, words: Words) -> None:
        self._words = words
        self._folder = templates / FOLDER
        self._environment = SandboxedEnvironment(
            loader=jinja2.FileSystemLoader(self._folder),
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            autoescape=lambda name: bool(name and name.endswith(".html.j2")),
        )

    def check(self) -> None:
        """Look through every template. Raises `ContentError` naming file and line."""
        known = {f"{page}.{kind}.j2": values for page, values in PAGES.items() for kind in _KINDS}
        check_pages(self._environment, self._folder, known, self._words)

    def both(self, name: str, language: Language, /, **values: Any) -> tuple[str, str]:
        """`<name>.txt.j2` and `<name>.html.j2`."""
        text, html = (
            self._environment.get_template(f"{name}.{kind}.j2").render(
                t=lambda key, /, **words: self.say(language, key, **words),
                language=language,
                at=Times(language, self._sentence(language)).at,
                **values,
            )
            for kind in _KINDS
        )
        return text, html

    def say(self, language: Language, key: str, /, **words: object) -> str:
        """A sentence without Slack's escapes: HTML has its own."""
        return unescape(str(self._words.say(language, key, **words)))

    def _sentence(self, language: Language) -> Callable[..., Mrkdwn]:
        return lambda key, /, **words: self._words.say(language, key, **words)
