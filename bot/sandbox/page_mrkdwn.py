"""Slack's mrkdwn as HTML for one reader: names instead of ids, links, styles, quotes, code.

What comes in is what Slack stores: `&`, `<` and `>` escaped, references in angle brackets. It is
taken apart first and every piece of text escaped on its own, so nothing in it can become markup.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from itertools import groupby
from typing import Protocol

from markupsafe import Markup, escape

from bot.sandbox.page_emoji import emoji

_FENCE = re.compile(r"```\n?(.*?)\n?```", re.DOTALL)
_QUOTED = re.compile(r"(?:&gt;|>)\s?")
_INLINE = re.compile(
    r"`(?P<code>[^`\n]+)`"
    r"|<(?P<reference>[^<>]+)>"
    r"|(?<![\w*])\*(?P<b>[^\s*](?:[^*\n]*[^\s*])?)\*(?![\w*])"
    r"|(?<![\w_])_(?P<i>[^\s_](?:[^_\n]*[^\s_])?)_(?![\w_])"
    r"|(?<![\w~])~(?P<s>[^\s~](?:[^~\n]*[^\s~])?)~(?![\w~])"
    r"|:(?P<emoji>[a-z0-9_+'-]+(?:::skin-tone-\d)?):"
)
_REFERENCE = re.compile(r"(@|#|!|)([^|]+)(?:\|(.*))?")
_SAFE_ADDRESS = re.compile(r"(?:https?://|mailto:|tel:)", re.IGNORECASE)


class Names(Protocol):
    """Turns ids into what the reader sees."""

    def person(self, person_id: str, label: str = "") -> Markup: ...
    def channel(self, channel_id: str, label: str = "") -> Markup: ...


def render_mrkdwn(text: str, names: Names) -> Markup:
    pieces = _FENCE.split(text)
    rendered = [
        Markup("<pre><code>{}</code></pre>").format(_bare(piece))
        if is_code
        else _paragraphs(piece, names)
        for piece, is_code in zip(pieces, _alternating(), strict=False)
        if piece.strip("\n")
    ]
    return Markup("").join(rendered)


def _alternating() -> Iterator[bool]:
    """`re.split` with one group: text, code, text, code, …"""
    while True:
        yield False
        yield True


def _paragraphs(text: str, names: Names) -> Markup:
    """Lines, the quoted ones gathered."""
    rendered: list[Markup] = []
    groups = groupby(text.strip("\n").split("\n"), key=lambda line: bool(_QUOTED.match(line)))
    for is_quoted, group in groups:
        lines = [_QUOTED.sub("", line, count=1) if is_quoted else line for line in group]
        body = Markup("<br>").join(_inline(line, names) for line in lines)
        rendered.append(Markup("<blockquote>{}</blockquote>").format(body) if is_quoted else body)
    return Markup("").join(rendered)


def _inline(text: str, names: Names) -> Markup:
    rendered: list[Markup] = []
    position = 0
    for match in _INLINE.finditer(text):
        rendered.append(_words(text[position : match.start()]))
        rendered.append(_styled(match, names))
        position = match.end()
    rendered.append(_words(text[position:]))
    return Markup("").join(rendered)


def _styled(match: re.Match[str], names: Names) -> Markup:
    kind, inner = match.lastgroup, match[match.lastgroup or 0]
    if kind == "code":
        return Markup("<code>{}</code>").format(_bare(inner))
    if kind == "reference":
        return _reference(inner, names)
    if kind == "emoji":
        return draw_emoji(inner)
    return Markup("<{0}>{1}</{0}>").format(Markup(kind), _inline(inner, names))  # noqa: S704


def _words(text: str) -> Markup:
    return escape(html.unescape(text))


def _bare(text: str) -> str:
    """Inside code, references are shown as their words."""
    return html.unescape(re.sub(r"<(?:[^<>|]*\|)?([^<>]*)>", r"\1", text))


def _reference(inner: str, names: Names) -> Markup:
    match = _REFERENCE.fullmatch(inner)
    if match is None:
        return _words(f"<{inner}>")
    sign, body, label = match[1], match[2], html.unescape(match[3] or "")
    if sign == "@":
        return names.person(body, label)
    if sign == "#":
        return names.channel(body, label)
    if sign == "!":
        if body.startswith("date^"):
            return escape(label or body)
        return Markup('<span class="mention call">{}</span>').format(
            label or f"@{body.partition('^')[0]}"
        )
    return render_link(html.unescape(body), label)


def render_link(address: str, words: str = "") -> Markup:
    """Only addresses a browser may be sent to become links."""
    shown = words or address.removeprefix("mailto:")
    if not _SAFE_ADDRESS.match(address):
        return escape(shown)
    link = '<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>'
    return Markup(link).format(address, shown)  # noqa: S704 - a constant; format escapes


def draw_emoji(name: str) -> Markup:
    """The sign, or the name between colons where the page does not know it."""
    sign = emoji(name)
    if sign is None:
        return escape(f":{name}:")
    drawn = '<span class="emoji" role="img" aria-label="{}">{}</span>'
    return Markup(drawn).format(name.replace("_", " "), sign)  # noqa: S704 - as above


def draw_colons(text: str) -> Markup:
    """Plain text in which only `:names:` of emoji mean something."""
    pieces = re.split(r":([a-z0-9_+'-]+):", text)
    return Markup("").join(
        draw_emoji(piece) if is_name else escape(piece)
        for piece, is_name in zip(pieces, _alternating(), strict=False)
    )
