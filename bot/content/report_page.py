"""The report for people: lines for a terminal or Slack, and one self-contained HTML page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import jinja2
from jinja2.sandbox import SandboxedEnvironment

from bot.content.blocks import Mrkdwn, unescape
from bot.content.charts import Picture, Speech, picture
from bot.content.template_check import Values, check_pages
from bot.content.times import Times
from bot.content.words import Words
from bot.desk.figures import Figures, Spread
from bot.desk.meaning import Language
from bot.desk.plans import PlanBook

FOLDER = "report"
_VALUES: Values = {
    "figures": Figures,
    **dict.fromkeys(("t", "language", "middle", "name_of", "drawing")),
}
"""What the templates may name."""


class ReportPages:
    """Renders the files of `templates/report`."""

    def __init__(self, templates: Path, words: Words, plans: PlanBook) -> None:
        self._words = words
        self._plans = plans
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
        known = dict.fromkeys(("text.j2", "page.html.j2"), _VALUES)
        check_pages(self._environment, self._folder, known, self._words)

    def text(self, figures: Figures, language: Language) -> str:
        """`templates/report/text.j2`: for a terminal, without markup."""
        return self._render("text.j2", figures, language)

    def html(self, figures: Figures, language: Language) -> str:
        """`templates/report/page.html.j2`: charts inside, nothing fetched from anywhere."""
        drawing = picture(figures, self._speech(language), "svg").content.decode()
        return self._render("page.html.j2", figures, language, drawing[drawing.index("<svg") :])

    def picture(self, figures: Figures, language: Language) -> Picture:
        """The charts as a PNG, for Slack."""
        return picture(figures, self._speech(language), "png")

    def _speech(self, language: Language) -> Speech:
        times = Times(language, self._sentence(language))
        return Speech(language, self._t(language), self._t("en"), times.short_day)

    def _render(self, name: str, figures: Figures, language: Language, drawing: str = "") -> str:
        t = self._t(language)

        def middle(spread: Spread) -> str:
            if spread.median is None or spread.ninetieth is None:
                return t("report.none")
            lasted = (
                times.duration(round(one.total_seconds() / 60))
                for one in (spread.median, spread.ninetieth)
            )
            return t("report.spread", median=next(lasted), ninetieth=next(lasted))

        times = Times(language, self._sentence(language))
        return self._environment.get_template(name).render(
            figures=figures,
            t=t,
            language=language,
            middle=middle,
            name_of=self._names(language),
            drawing=drawing,
        )

    def _names(self, language: Language) -> Callable[[str], str]:
        """The names of plans and queues; a severity is its own."""
        plans = {plan.key: plan.names[language] for plan in self._plans.plans}
        t = self._t(language)

        def name_of(key: str) -> str:
            return plans.get(key) or (t(f"queue.{key}") if self._words.has(f"queue.{key}") else key)

        return name_of

    def _sentence(self, language: Language) -> Callable[..., Mrkdwn]:
        return lambda key, /, **words: self._words.say(language, key, **words)

    def _t(self, language: Language) -> Callable[..., str]:
        """Words without Slack's escapes: HTML has its own."""

        def t(key: str, /, **words: object) -> str:
            return unescape(str(self._words.say(language, key, **words)))

        return t
