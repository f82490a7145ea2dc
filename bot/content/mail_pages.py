"""The words of e-mails: `templates/email`, each as plain text and as HTML."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import jinja2
from jinja2.sandbox import SandboxedEnvironment

from bot.content.blocks import Mrkdwn, unescape
from bot.content.times import Times
from bot.content.words import Words
from bot.desk.meaning import Language

FOLDER = "email"


class MailPages:
    """Renders the files of `templates/email`; text for people, without Slack's markup."""

    def __init__(self, templates: Path, words: Words) -> None:
        self._words = words
        self._environment = SandboxedEnvironment(
            loader=jinja2.FileSystemLoader(templates / FOLDER),
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            autoescape=lambda name: bool(name and name.endswith(".html.j2")),
        )

    def both(self, name: str, language: Language, /, **values: Any) -> tuple[str, str]:
        """`<name>.txt.j2` and `<name>.html.j2`."""
        text, html = (
            self._environment.get_template(f"{name}.{kind}.j2").render(
                t=lambda key, /, **words: self.say(language, key, **words),
                language=language,
                at=Times(language, self._sentence(language)).at,
                **values,
            )
            for kind in ("txt", "html")
        )
        return text, html

    def say(self, language: Language, key: str, /, **words: object) -> str:
        """A sentence without Slack's escapes: HTML has its own."""
        return unescape(str(self._words.say(language, key, **words)))

    def _sentence(self, language: Language) -> Callable[..., Mrkdwn]:
        return lambda key, /, **words: self._words.say(language, key, **words)
