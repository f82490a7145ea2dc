"""`rich_text` blocks as HTML."""

from __future__ import annotations

from markupsafe import Markup, escape

from bot.sandbox.page_mrkdwn import Names, draw_emoji, render_link
from bot.sandbox.records import Json

_STYLES = {"bold": "b", "italic": "i", "strike": "s", "underline": "u", "code": "code"}
MOST_INDENT = 4
"""Deeper lists are drawn at this depth."""


def render_rich_text(block: Json, names: Names) -> Markup:
    return Markup("").join(_element(element, names) for element in block.get("elements", []))


def _element(element: Json, names: Names) -> Markup:
    parts = element.get("elements", [])
    match element.get("type"):
        case "rich_text_list":
            return _list(element, names)
        case "rich_text_quote":
            return Markup("<blockquote>{}</blockquote>").format(_inlines(parts, names))
        case "rich_text_preformatted":
            return Markup("<pre><code>{}</code></pre>").format(_plainly(parts))
        case _:
            return Markup("<p>{}</p>").format(_inlines(parts, names))


def _list(element: Json, names: Names) -> Markup:
    items = Markup("").join(
        Markup("<li>{}</li>").format(_inlines(item.get("elements", []), names))
        for item in element.get("elements", [])
    )
    depth = min(int(element.get("indent") or 0), MOST_INDENT)
    if element.get("style") == "ordered":
        first = int(element.get("offset") or 0) + 1
        return Markup('<ol class="indent-{}" start="{}">{}</ol>').format(depth, first, items)
    return Markup('<ul class="indent-{}">{}</ul>').format(depth, items)


def _inlines(parts: list[Json], names: Names) -> Markup:
    return Markup("").join(_inline(part, names) for part in parts)


def _plainly(parts: list[Json]) -> str:
    return "".join(str(part.get("text") or part.get("url") or "") for part in parts)


def _inline(part: Json, names: Names) -> Markup:
    rendered = _bare(part, names)
    for style, tag in _STYLES.items():
        if (part.get("style") or {}).get(style):
            rendered = Markup("<{0}>{1}</{0}>").format(Markup(tag), rendered)  # noqa: S704
    return rendered


def _bare(part: Json, names: Names) -> Markup:
    match part.get("type"):
        case "text":
            return Markup("<br>").join(escape(line) for line in str(part["text"]).split("\n"))
        case "link":
            return render_link(str(part.get("url", "")), str(part.get("text") or ""))
        case "user":
            return names.person(str(part.get("user_id", "")))
        case "channel":
            return names.channel(str(part.get("channel_id", "")))
        case "emoji":
            return draw_emoji(str(part.get("name", "")))
        case "broadcast":
            return Markup('<span class="mention call">@{}</span>').format(part.get("range", ""))
        case "date":
            return escape(part.get("fallback") or part.get("timestamp", ""))
        case "color":
            return Markup("<code>{}</code>").format(part.get("value", ""))
        case other:
            return escape(part.get(f"{other}_id", ""))
