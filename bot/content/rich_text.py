"""People's words, as Slack delivers them, into `rich_text` elements that Slack interprets no more.

Slack sends `&lt;`, `<@U…>`, `<#C…|name>`, `<!channel>`, `<https://…|label>`, `*bold*`, backticks.
Passed on as text, `<!channel>` would ring everybody on the other side; as rich_text text elements
it is only words. Links, code and quotes keep their form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
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
    r"|(?<![\w~])~(?P<strike>[^\s~](?:[^~\n]*[^\s~])?)~(?![\w~])"
)
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
    """Runs of quoted and of ordinary lines."""
    run: list[str] = []
    quoted = False
    for line in [*text.strip("\n").split("\n"), None]:
        is_quote = line is not None and line.startswith(("&gt;", ">"))
        if line is None or (run and is_quote != quoted):
            words = "\n".join(run)
            if words.strip():
                kind = "rich_text_quote" if quoted else "rich_text_section"
                yield {"type": kind, "elements": list(_inline(words, names))}
            run = []
        if line is not None:
            quoted = is_quote
            run.append(re.sub(r"^(?:&gt;|>)\s?", "", line) if is_quote else line)


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
    return _texts(unescape(found["strike"]), strike=True)


def _link(url: str, label: str) -> Iterator[Element]:
    if len(url) > _LONGEST_URL:
        yield from _texts(f"{label} {url}".strip())
    elif label:
        yield {"type": "link", "url": url, "text": label}
    else:
        yield {"type": "link", "url": url}


def _special(found: re.Match[str]) -> str:
    name = found["special_name"] or found["special"].partition("^")[0]
    return name if name.startswith("@") else f"@{name}"


def _texts(text: str, **style: bool) -> Iterator[Element]:
    for start in range(0, len(text), _PIECE):
        yield _text(text[start : start + _PIECE], **style)


def _text(text: str, **style: bool) -> Element:
    element: Element = {"type": "text", "text": text}
    if style:
        element["style"] = style
    return element
