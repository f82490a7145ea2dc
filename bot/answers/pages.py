"""A documentation file as a page of sections. Pure: text in, values out.

One section per heading, from the heading to the next one of any level. The text between the page's
own heading and the first section is the lead: it has no anchor and an empty heading.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from bot.answers.anchors import Slugger, explicit_id
from bot.answers.dialect import Line, Unclosed, filled, plain_lines
from bot.answers.front_matter import PageProblem, split_front_matter
from bot.answers.plain_text import heading_text, plain_text
from bot.desk.meaning import Language

NO_VARIABLES: Mapping[str, str] = MappingProxyType({})

_HEADING = re.compile(r"^ {0,3}(#{1,6})[ \t]+(.*\S)[ \t]*$")
_CLOSING_MARKS = re.compile(r"[ \t]+#+$")


@dataclass(frozen=True, slots=True)
class Section:
    """The text under one heading."""

    anchor: str | None
    """As the published page has it; None for the lead."""
    heading: str
    """Plain text; empty for the lead."""
    heading_path: tuple[str, ...]
    """Headings above this one, outermost first, without the page's title."""
    level: int
    markdown: str
    """The body for an answer: plain Markdown, components resolved, heading left out."""
    plain: str
    """The body for search: words and code without markup."""
    plans: tuple[str, ...] = ()
    """Plans the whole section is for; empty when it is for all."""
    tabs: tuple[str, ...] = ()
    """Labels of the tabs inside, which often name what no heading names."""
    content_hash: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """One file. `(language, path)` identifies it."""

    path: str
    language: Language
    title: str
    summary: str
    sections: tuple[Section, ...]
    top_anchor: str | None = None
    """Anchor of the page's own heading: links may name it."""
    url: str = ""
    """Set by the front matter of our own articles; documentation pages form theirs by rule."""
    article: bool = False
    """Written by us: wins a tie against a documentation page."""
    also_titled: str = ""
    """The front matter's title where the page's own heading is the translated one."""
    tags: str = ""
    """Further words to be found by, from the front matter."""
    content_hash: str = ""

    def section(self, anchor: str | None) -> Section | None:
        if anchor is None or anchor == self.top_anchor:
            return self.sections[0] if self.sections else None
        return next((section for section in self.sections if section.anchor == anchor), None)


def parse_page(
    path: str,
    text: str,
    language: Language,
    variables: Mapping[str, str] = NO_VARIABLES,
    *,
    article: bool = False,
) -> Page:
    """The page in `text`. Raises `PageProblem` when it has no title, its front matter is broken, or
    something that hides text is never closed.

    `variables` are the values for `{{{ .name }}}` in trees that are not rendered yet.
    """
    front, body = split_front_matter(path, text.removeprefix("\ufeff"))
    try:
        drafts, top = _drafts(plain_lines(body, language, variables))
    except Unclosed as mark:
        raise PageProblem(path, f"opens `{mark}` and never closes it") from mark
    title, also_titled = _titles(filled(front.get("title", ""), variables), top)
    if not title:
        raise PageProblem(path, "has no title: add `title:` to the front matter or a `#` heading")
    return Page(
        path=path,
        language=language,
        title=title,
        summary=filled(front.get("summary", ""), variables),
        sections=tuple(draft.section() for draft in drafts),
        top_anchor=top.anchor if top else None,
        url=front.get("url", ""),
        article=article,
        also_titled=also_titled,
        tags=front.get("tags", ""),
        content_hash=_hash(text),
    )


@dataclass(slots=True)
class _Draft:
    """A section while its lines come in."""

    anchor: str | None
    heading: str
    level: int
    heading_path: tuple[str, ...] = ()
    plans: tuple[str, ...] = ()
    lines: list[str] = field(default_factory=list)
    tabs: list[str] = field(default_factory=list)

    def section(self) -> Section:
        markdown = _squeezed(self.lines)
        return Section(
            anchor=self.anchor,
            heading=self.heading,
            heading_path=self.heading_path,
            level=self.level,
            markdown=markdown,
            plain=plain_text(markdown),
            plans=tuple(dict.fromkeys(self.plans)),
            tabs=tuple(self.tabs),
            content_hash=_hash(f"{self.heading}\n{markdown}"),
        )


def _titles(title: str, top: _Draft | None) -> tuple[str, str]:
    """What to call the page, and what else it is called: translators leave front matter English."""
    if top is None or (title and (top.heading.isascii() or not title.isascii())):
        return title, ""
    return top.heading, title


def _drafts(lines: Iterable[Line]) -> tuple[list[_Draft], _Draft | None]:
    """Sections in the making, the lead first, and the page's own heading."""
    slugger = Slugger()
    lead = _Draft(anchor=None, heading="", level=1)
    drafts, top = [lead], None
    above: list[_Draft] = []
    for line in lines:
        found = None if line.code else _HEADING.match(line.text)
        if not found:
            drafts[-1].lines.append(line.text)
            if line.tab:
                drafts[-1].tabs.append(line.tab)
            continue
        words, explicit = explicit_id(found[2])
        heading = heading_text(_CLOSING_MARKS.sub("", words))
        draft = _Draft(slugger.anchor(heading, explicit), heading, len(found[1]), plans=line.plans)
        if draft.level == 1 and top is None and len(drafts) == 1:
            top = draft
            continue
        above = [one for one in above if one.level < draft.level]
        draft.heading_path = tuple(one.heading for one in above)
        above.append(draft)
        drafts.append(draft)
    return drafts, top


def _squeezed(lines: list[str]) -> str:
    """The lines without runs of blank lines, which dropped components leave behind."""
    out: list[str] = []
    for line in lines:
        if line or (out and out[-1]):
            out.append(line)
    return "\n".join(out).strip("\n").rstrip()


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
