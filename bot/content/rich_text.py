"""People's words, as Slack delivers them, into `rich_text` elements that Slack interprets no more.

Slack sends `&lt;`, `<@U…>`, `<#C…|name>`, `<!channel>`, `<https://…|label>`, `*bold*`, backticks.
Passed on as text, `<!channel>` would ring everybody on the other side; as rich_text text elements
it is only words. Links, code and quotes keep their form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from bot.content.blocks import escape, unescape

Element = dict[str, Any]

_FENCE = re.compile(r"```\n?(.*?)\n?```", re.DOTALL)
_TOKEN = re.compile(
    r"`(?P<code>[^`\n]+)`"
    r"|<(?P<url>(?:https?|mailto):[^|>]+)(?:\|(?P<label>[^>]*))?>"
    r"|<@(?P<user>[UW][A-Z0-9]+)(?:\|[^>]*)?>"
    r"|<#(?P<channel>[CG][A-Z0-9]+)(?:\|(?P<channel_name>[^>]*))?>"
    r"|<!(?P<special>[^|>]+)(?:\|(?P<special_name>[^>]*))?>"
    r"|(?<![\w*])\*(?P<bold>[^\s*](?:[^*\n]*[^\s*])?)\*(?![\w*])"
    r"|(?<![\w_])_(?P<italic>[^\s_](?:[^_\n]*[^\s_])?)_(?![\w_])"
    r"|(?<![\w~])~(?P<strike>[^\s~](?:[^~\n]*[^\s~])?)~(?![\w~])"
)
_ITEM = re.compile(r"(?P<indent> *)(?:(?P<bullet>[•◦▪])\ufe0e?|(?P<number>\d{1,4})\.) +(?=\S)")
"""How Slack writes an item of a list in `text`; four spaces for each level."""
_DEEPEST = 8
_MOST_ITEMS = 1000
_ADDRESS = re.compile(r"https?://[!-;=?-~]+")
"""Of ASCII only: Japanese and Chinese go on after an address without a space."""
_PIECE = 3000
"""Characters of one element; longer words become several, so that nothing is cut off."""
_LONGEST_URL = 3000
"""Slack refuses a whole message for one link beyond it: such an address becomes words."""


def as_sent(text: str) -> str:
    """Words typed into a form, as Slack would deliver them in a message: escaped, links marked."""

    def link(found: re.Match[str]) -> str:
        url = found[0].rstrip(".,;:!?)]}'\"")
        return f"<{url}>{found[0][len(url) :]}"

    return _ADDRESS.sub(link, escape(text))


def readable(text: str, names: Mapping[str, str]) -> str:
    """Plain words: mentions by name, links by label, no markup left to interpret."""

    def word(found: re.Match[str]) -> str:
        if found["url"]:
            return found["label"] or found["url"].removeprefix("mailto:")
        if found["user"]:
            return f"@{names.get(found['user'], 'somebody')}"
        if found["channel"]:
            return f"#{found['channel_name'] or 'channel'}"
        if found["special"]:
            return _special(found)
        return found[0]

    return unescape(_TOKEN.sub(word, text))


def rich_elements(text: str, names: Mapping[str, str], speaker: str = "") -> list[Element]:
    """The elements of a `rich_text` block: sections, quotes and preformatted text.

    `speaker` stands in bold before the first words.
    """
    elements: list[Element] = []
    for position, part in enumerate(_FENCE.split(text)):
        if position % 2:
            code = unescape(part) or " "
            elements.append({"type": "rich_text_preformatted", "elements": list(_texts(code))})
        else:
            elements += _paragraphs(part, names)
    if not elements:
        elements = [{"type": "rich_text_section", "elements": [_text(" ")]}]
    if speaker:
        name = _text(f"{speaker}: ", bold=True)
        if elements[0]["type"] == "rich_text_section":
            elements[0]["elements"].insert(0, name)
        else:
            elements.insert(0, {"type": "rich_text_section", "elements": [name]})
    return elements


def _paragraphs(text: str, names: Mapping[str, str]) -> Iterator[Element]:
    """Runs of quoted lines, of the items of a list, and of ordinary lines."""
    for kind, lines in groupby(text.strip("\n").split("\n"), key=_kind):
        run = list(lines)
        if kind == "quote":
            words = "\n".join(re.sub(r"^(?:&gt;|>)\s?", "", line) for line in run)
            if words.strip():
                yield {"type": "rich_text_quote", "elements": list(_inline(words, names))}
        elif kind == "text":
            words = "\n".join(run)
            if words.strip():
                yield {"type": "rich_text_section", "elements": list(_inline(words, names))}
        else:
            for start in range(0, len(run), _MOST_ITEMS):
                yield _list(run[start : start + _MOST_ITEMS], kind, names)


def _kind(line: str) -> str:
    """`quote`, `text`, or style and level of a list item: items of one kind make one list."""
    if line.startswith(("&gt;", ">")):
        return "quote"
    item = _ITEM.match(line)
    if item is None:
        return "text"
    style = "bullet" if item["bullet"] else "ordered"
    return f"{style}:{min(len(item['indent']) // 4, _DEEPEST)}"


def _list(lines: list[str], kind: str, names: Mapping[str, str]) -> Element:
    style, _, indent = kind.partition(":")
    made: Element = {
        "type": "rich_text_list",
        "style": style,
        "indent": int(indent),
        "elements": [
            {
                "type": "rich_text_section",
                "elements": list(_inline(_ITEM.sub("", line, count=1), names)),
            }
            for line in lines
        ],
    }
    first = _ITEM.match(lines[0])
    if first is not None and first["number"] and int(first["number"]) > 1:
        made["offset"] = int(first["number"]) - 1
    return made


def _inline(text: str, names: Mapping[str, str]) -> Iterator[Element]:
    end = 0
    for found in _TOKEN.finditer(text):
        if found.start() > end:
            yield from _texts(unescape(text[end : found.start()]))
        yield from _marked(found, names)
        end = found.end()
    if end < len(text):
        yield from _texts(unescape(text[end:]))


def _marked(found: re.Match[str], names: Mapping[str, str]) -> Iterator[Element]:
    """The elements of one marked piece: code, a link, a mention, bold or struck words."""
    if found["code"]:
        return _texts(unescape(found["code"]), code=True)
    if found["url"]:
        return _link(unescape(found["url"]), unescape(found["label"] or ""))
    if found["user"]:
        return _texts(f"@{names.get(found['user'], 'somebody')}")
    if found["channel"]:
        return _texts(f"#{found['channel_name'] or 'channel'}")
    if found["special"]:
        return _texts(_special(found))
    if found["bold"]:
        return _texts(unescape(found["bold"]), bold=True)
    if found["italic"]:
        return _texts(unescape(found["italic"]), italic=True)
    return _texts(unescape(found["strike"]), strike=True)


def _link(url: str, label: str) -> Iterator[Element]:
    if len(url) > _LONGEST_URL:
        yield from _texts(f"{label} {url}".strip())
    elif label:
        yield {"type": "link", "url": url, "text": label}
    else:
        yield {"type": "link", "url": url}


def _special(found: re.Match[str]) -> str:
    kind = found["special"].partition("^")[0]
    name = found["special_name"] or {"subteam": "group", "date": "date"}.get(kind, kind)
    if kind == "date":
        # Words for those whose Slack shows no dates of its own.
        return name
    return name if name.startswith("@") else f"@{name}"


def _texts(text: str, **style: bool) -> Iterator[Element]:
    for start in range(0, len(text), _PIECE):
        yield _text(text[start : start + _PIECE], **style)


def _text(text: str, **style: bool) -> Element:
    element: Element = {"type": "text", "text": text}
    if style:
        element["style"] = style
    return element
