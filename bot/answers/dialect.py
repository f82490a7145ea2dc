"""From the documentation's dialect to plain Markdown lines.

The pages are Markdown with components: `<CustomContent>` keeps or drops text by product, plan and
language; `<SimpleTab>` holds `<div label="…">` tabs; `<MDSvgIcon/>` is an icon; tables may be HTML.
One pass over the lines resolves all of it and leaves code alone. The pass knows nothing about
headings or sections: `bot.answers.pages` reads its lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from bot.answers.html_table import CELL_TAGS, pipe_table

PLATFORM = "tidb-cloud"
"""Content for another `platform` is not ours and is dropped."""

PLANS = ("starter", "essential", "premium", "dedicated", "byoc")

_FENCE = re.compile(r"^[\s>]*(?:(?:[-*+]|\d+[.)])\s+)?(`{3,}|~{3,})(.*)$")
_TOKEN = re.compile(
    r"(?P<code>(?<!`)(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`))"
    r"|(?P<comment><!--(?:.*?-->)?)"
    r"|(?P<tag><(?P<closing>/?)(?P<name>[A-Za-z][A-Za-z0-9-]*)(?P<attributes>(?:\s[^<>]*?)?)/?>)"
    r"|(?P<image>!\[(?:[^\[\]]|\[[^\[\]]*\])*\]\((?:[^()\s]|\([^()]*\))*(?:\s+\"[^\"]*\")?\))"
)
_ATTRIBUTE = re.compile(r"([A-Za-z-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_HEADING = re.compile(r" {0,3}#{1,6}[ \t]")
_VARIABLE = re.compile(r"\{\{\{\s*\.?([\w.-]+)\s*\}\}\}")
_SHORTCODE = re.compile(r"\{\{<.*?>\}\}")

_MARKUP_OF = {"br": " ", "summary": "**", "b": "**", "strong": "**", "code": "`", "kbd": "`"}
_DROPPED_TAGS = frozenset(
    [
        "a",
        "abbr",
        "blockquote",
        "center",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "em",
        "figcaption",
        "figure",
        "font",
        "hr",
        "i",
        "img",
        "pre",
        "small",
        "span",
        "sub",
        "sup",
        "svg",
        "path",
        "g",
        "rect",
        "circle",
        "line",
        "polyline",
        "polygon",
        "u",
        "video",
        "iframe",
        "source",
        "simpletab",
        "mdsvgicon",
        "learningpathcontainer",
        "learningpath",
        "resourcecard",
        "resourcecardcontainer",
        "button",
        "input",
        "label",
        "section",
    ]
)


class Unclosed(Exception):
    """Something that hides text is opened and never closed; its opening mark."""


class Line(NamedTuple):
    """One line of plain Markdown and what surrounds it."""

    text: str
    code: bool = False
    plans: tuple[str, ...] = ()
    """Plans of the enclosing `<CustomContent plan="…">`, outermost first."""
    tab: str = ""
    """Label of the tab that starts on this line."""


def plain_lines(text: str, language: str, variables: Mapping[str, str]) -> Iterator[Line]:
    """The lines a reader of our platform and `language` sees, without components and comments.

    Raises `Unclosed` at the end.
    """
    reader = _Reader(language, variables)
    for raw in text.split("\n"):
        yield from reader.read(raw.rstrip("\r"))
    yield from reader.rest()


def filled(text: str, variables: Mapping[str, str]) -> str:
    """The text with `{{{ .name }}}` filled in; an unknown name stays as a word."""
    if "{{" not in text:
        return text
    return _SHORTCODE.sub("", _VARIABLE.sub(lambda found: variables.get(found[1], found[1]), text))


def plan_names(plans: tuple[str, ...]) -> str:
    """Plans as a reader writes them: `Starter, BYOC`."""
    return ", ".join("BYOC" if plan == "byoc" else plan.capitalize() for plan in plans)


@dataclass(slots=True)
class _Reader:
    """Where the pass stands: open components, comment, fence and HTML table."""

    language: str
    variables: Mapping[str, str]
    contents: list[tuple[bool, tuple[str, ...]]] = field(default_factory=list)
    """Open `<CustomContent>`: kept or dropped, and its plans."""
    kept: bool = True
    plans: tuple[str, ...] = ()
    fence: str = ""
    in_comment: bool = False
    table: list[str] | None = None
    indent: str = ""
    tab: str = ""
    plans_opened: tuple[str, ...] = ()
    plans_closed_at: int = -1

    def read(self, raw: str) -> Iterator[Line]:
        if self.table is not None and _HEADING.match(raw):
            yield from self._rest_of_table()  # it was never closed
        if self.fence:
            bare = raw.strip().lstrip("> ")
            if bare.startswith(self.fence) and not bare.strip(self.fence[0]):
                self.fence = ""
            yield from self._code(raw)
            return
        opening = _FENCE.match(raw) if "```" in raw or "~~~" in raw else None
        if opening and not self.in_comment and "`" not in opening[2]:
            self.fence = opening[1]
            yield from self._code(raw)
        elif self.in_comment or self.table is not None or "<" in raw or "{{" in raw or "![" in raw:
            yield from self._prose(raw)
        elif self.kept:
            yield Line(raw, plans=self.plans)

    def rest(self) -> Iterator[Line]:
        """What an unclosed table still holds. Raises `Unclosed` where text was dropped."""
        yield from self._rest_of_table()
        if self.in_comment:
            raise Unclosed("<!--")
        if not self.kept:
            raise Unclosed("<CustomContent>")

    def _rest_of_table(self) -> Iterator[Line]:
        for text in pipe_table("\n".join(self.table), self.indent) if self.table else ():
            yield Line(text, plans=self.plans)
        self.table = None

    def _code(self, raw: str) -> Iterator[Line]:
        if self.kept:
            yield Line(filled(raw, self.variables), code=True, plans=self.plans)

    def _prose(self, raw: str) -> Iterator[Line]:
        kept_before, plans_before = self.kept, self.plans
        self.tab, self.plans_opened, self.plans_closed_at = "", (), -1
        if self.table is None:
            self.indent = raw[: len(raw) - len(raw.lstrip())]
        text = self._without_components(filled(raw, self.variables))
        if self.table is not None:
            self.table.append(text)
            return
        bare = text.strip()
        if not (kept_before or self.kept or bare):
            return
        only_tags = bare in ("", ">") and bare != raw.strip()
        for line in ("" if only_tags else text).split("\n"):
            yield Line(line.rstrip(), plans=plans_before or self.plans, tab=self.tab)
        if self.plans_opened and only_tags and self.kept:
            yield Line(f"{self.indent}*({plan_names(self.plans_opened)})*", plans=self.plans)
            yield Line("", plans=self.plans)

    def _without_components(self, raw: str) -> str:
        out: list[str] = []
        position = 0
        if self.in_comment:
            end = raw.find("-->")
            if end < 0:
                return ""
            self.in_comment, position = False, end + 3
        for found in _TOKEN.finditer(raw, position):
            if self.kept:
                out.append(raw[position : found.start()])
            position = found.end()
            if found["comment"] and not found["comment"].endswith("-->"):
                self.in_comment = True
                return "".join(out)
            if found["tag"]:
                self._tag(found, out)
            elif found["code"] and self.kept:
                out.append(found["code"])
        if self.kept:
            out.append(raw[position:])
        return "".join(out)

    def _tag(self, found: re.Match[str], out: list[str]) -> None:
        name, closing = found["name"].lower(), bool(found["closing"])
        if name == "customcontent":
            self._custom_content(found, closing, out)
        elif not self.kept:
            return
        elif name == "table":
            self._html_table(closing, out)
        elif self.table is not None and (name in CELL_TAGS or name == "br"):
            out.append(found["tag"])
        elif name == "div" and not closing and (label := _attributes(found).get("label", "")):
            self.tab = label
            out.append(f"\n{self.indent}**{label}**\n")
        elif name in _MARKUP_OF:
            out.append(_MARKUP_OF[name])
        elif name not in _DROPPED_TAGS and name not in CELL_TAGS:
            out.append(found["tag"])  # a placeholder such as <cluster_id>

    def _custom_content(self, found: re.Match[str], closing: bool, out: list[str]) -> None:
        if closing:
            if self.contents and self.contents.pop()[1]:
                self.plans_closed_at = found.end()
        else:
            values = _attributes(found)
            plans = tuple(plan for plan in _listed(values.get("plan")) if plan in PLANS)
            if plans and self.kept:
                self.plans_opened = plans
                if found.start() == self.plans_closed_at:
                    out.append(" / ")  # alternatives stand side by side in a sentence
            self.contents.append((self._for_us(values), plans))
        self.kept = all(kept for kept, _ in self.contents)
        self.plans = tuple(plan for _, plans in self.contents for plan in plans)

    def _for_us(self, values: Mapping[str, str]) -> bool:
        platforms, languages = _listed(values.get("platform")), _listed(values.get("language"))
        return (not platforms or PLATFORM in platforms) and (
            not languages or self.language in languages
        )

    def _html_table(self, closing: bool, out: list[str]) -> None:
        if not closing:
            self.table = []
        elif self.table is not None:
            rows = pipe_table("\n".join([*self.table, "".join(out)]), self.indent)
            out[:] = ["\n", "\n".join(rows), "\n"]
            self.table = None


def _attributes(found: re.Match[str]) -> dict[str, str]:
    return {
        name: double or single for name, double, single in _ATTRIBUTE.findall(found["attributes"])
    }


def _listed(value: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if value else ()
