"""Links between pages, and the addresses of pages on the published site."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

from bot.desk.meaning import Language

URL_BASE = "https://docs.pingcap.com"

_TEXT = r"(?P<text>(?:[^\[\]]|\[[^\[\]]*\])*)"
_LINK = re.compile(rf"(?<!!)\[{_TEXT}\]\((?P<target>[^()\s]*(?:\([^()\s]*\)[^()\s]*)*)\)")
_OUTSIDE = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.I)


def links_of(markdown: str) -> Iterator[tuple[str, str | None, str | None]]:
    """Links to pages as (text, path, anchor); the path is None for a link within the page."""
    for found in _LINK.finditer(markdown):
        path, anchor = page_target(found["target"])
        if path or anchor:
            yield found["text"], path, anchor


def page_target(target: str) -> tuple[str | None, str | None]:
    """Path and anchor that a link's target names; (None, None) when it leaves the documentation.

    Paths start at the root of the documentation, `./` and the first `/` mean the same there.
    """
    if _OUTSIDE.match(target):
        return None, None
    path, _, anchor = target.partition("#")
    path = path.partition("?")[0].removeprefix("./").lstrip("/")
    if path and not path.endswith(".md"):
        return None, None
    return path or None, anchor or None


def page_url(
    path: str,
    language: Language,
    anchor: str | None = None,
    *,
    plan: str | None = None,
    url_base: str = URL_BASE,
) -> str:
    """The address of a page: file name without folder, language first, plan as a parameter."""
    folder = "" if language == "en" else f"{language}/"
    name = path.rpartition("/")[2].removesuffix(".md")
    page = "" if name == "_index" else quote(name)
    address = f"{url_base.rstrip('/')}/{folder}tidbcloud/{page}"
    address += f"?plan={plan}" if plan else ""
    return f"{address}#{quote(anchor)}" if anchor else address


def with_absolute_links(
    markdown: str, path: str, language: Language, url_base: str = URL_BASE
) -> str:
    """The text with every link to a page turned into its address on the site."""

    def absolute(found: re.Match[str]) -> str:
        target_path, anchor = page_target(found["target"])
        if target_path is None and anchor is None:
            outside = bool(_OUTSIDE.match(found["target"]))
            return found[0] if outside else found["text"]
        url = page_url(target_path or path, language, anchor, url_base=url_base)
        return f"[{found['text']}]({url})"

    return _LINK.sub(absolute, markdown)
