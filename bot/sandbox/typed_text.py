"""What Slack makes of words typed by a person: entities, mentions, links, and a rich text block."""

from __future__ import annotations

import html
import re

from bot.sandbox.records import Json
from bot.sandbox.workspace import Workspace

_BROADCASTS = ("here", "channel", "everyone")
_TOP_LEVELS = "com|net|org|io|dev|co|app|jp|cn|de|example"
_TOKEN = re.compile(
    r"(?P<address>https?://[^\s<>\"'、。」）]+[^\s<>\"'、。」）.,;:!?)\]])"
    r"|(?P<email>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    rf"|(?P<domain>(?<![\w@./-])(?:[a-z0-9-]+\.)+(?:{_TOP_LEVELS})(?![\w.-]))"
    r"|(?P<mention>@[\w.-]*[\w-])"
    r"|(?P<channel>\#[\w-]+)"
)
_MARK = re.compile(r"<([@#!])?([^<>|]+)(?:\|([^<>]*))?>")


def as_sent(workspace: Workspace, typed: str) -> str:
    """The `text` field of the message: `&`, `<`, `>` escaped, names and links in angle brackets."""
    sent: list[str] = []
    position = 0
    for match in _TOKEN.finditer(typed):
        mark = _mark(workspace, match)
        if mark is None:
            continue
        sent += [escape(typed[position : match.start()]), mark]
        position = match.end()
    return "".join([*sent, escape(typed[position:])])


def escape(text: str) -> str:
    return html.escape(text, quote=False)


def _mark(workspace: Workspace, match: re.Match[str]) -> str | None:
    found = match[0]
    match match.lastgroup:
        case "address":
            return f"<{escape(found)}>"
        case "email":
            return f"<mailto:{found}|{found}>"
        case "domain":
            return f"<http://{found}|{found}>"
        case "mention":
            return _mention(workspace, found[1:])
        case _:
            return _channel(workspace, found[1:])


def _mention(workspace: Workspace, name: str) -> str | None:
    if name in _BROADCASTS:
        return f"<!{name}>"
    for person in workspace.people.values():
        if name in (person.name, person.id):
            return f"<@{person.id}>"
    return None


def _channel(workspace: Workspace, name: str) -> str | None:
    for channel in workspace.channels.values():
        if channel.name == name and not channel.is_im:
            return f"<#{channel.id}|{channel.name}>"
    return None


def as_rich_text(sent: str) -> list[Json]:
    """The blocks Slack's editor attaches to a person's message, from its `text`."""
    if not sent:
        return []
    elements: list[Json] = []
    position = 0
    for match in _MARK.finditer(sent):
        _add_words(elements, sent[position : match.start()])
        elements.append(_element(match))
        position = match.end()
    _add_words(elements, sent[position:])
    section = {"type": "rich_text_section", "elements": elements}
    return [{"type": "rich_text", "block_id": "typed", "elements": [section]}]


def _add_words(elements: list[Json], words: str) -> None:
    if words:
        elements.append({"type": "text", "text": html.unescape(words)})


def _element(match: re.Match[str]) -> Json:
    sign, body, label = match[1], match[2], match[3]
    if sign == "@":
        return {"type": "user", "user_id": body}
    if sign == "#":
        return {"type": "channel", "channel_id": body}
    if sign == "!":
        return {"type": "broadcast", "range": body}
    link: Json = {"type": "link", "url": html.unescape(body)}
    return link | {"text": html.unescape(label)} if label else link
