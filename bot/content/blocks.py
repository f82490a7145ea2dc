"""Block Kit pieces as the templates use them: small functions that return Slack's JSON.

Text of these pieces is Slack's mrkdwn and must be safe already: the templates get customers' words
only through `escape`, or as `rich_text`, where Slack interprets nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Block = dict[str, Any]

# Slack's limits in characters, from the Block Kit reference.
SECTION_TEXT = 3000
HEADER_TEXT = 150
BUTTON_TEXT = 75
BUTTON_VALUE = 2000
OPTION_TEXT = 75
MARKDOWN_TEXT = 12_000
CONTEXT_TEXT = 2000
MODAL_TITLE = 24
PLACEHOLDER = 150


class Mrkdwn(str):
    """Text that is safe mrkdwn already and is not escaped again."""

    __slots__ = ()


def escape(text: str) -> Mrkdwn:
    """Customers' or staff's plain words as mrkdwn: no mention, link or channel call survives."""
    if isinstance(text, Mrkdwn):
        return text
    return Mrkdwn(text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))


def unescape(text: str) -> str:
    """Slack's three escapes back to characters."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, the last one an ellipsis when something was left out.

    An escape such as `&lt;` is never cut in two.
    """
    if len(text) <= limit:
        return text
    kept = re.sub(r"&[a-z]{0,3}$", "", text[: limit - 1])
    return kept.rstrip() + "…"


def plain(text: str, limit: int) -> Block:
    """Slack interprets nothing in plain text, so an escape would be seen: it is undone."""
    shown = unescape(text) if isinstance(text, Mrkdwn) else text
    return {"type": "plain_text", "text": cut(shown, limit), "emoji": True}


def mrkdwn(text: str, limit: int = SECTION_TEXT) -> Block:
    return {"type": "mrkdwn", "text": cut(text, limit)}


def section(text: str, accessory: Block | None = None) -> Block:
    block: Block = {"type": "section", "text": mrkdwn(text)}
    if accessory:
        block["accessory"] = accessory
    return block


def facts(pairs: Iterable[tuple[str, str]]) -> Block:
    """Label and value pairs side by side; at most ten, Slack's limit for fields."""
    cells = [mrkdwn(f"*{label}*\n{value}", 2000) for label, value in pairs if value]
    return {"type": "section", "fields": cells[:10]}


def header(text: str) -> Block:
    return {"type": "header", "text": plain(text, HEADER_TEXT)}


def context(*texts: str) -> Block:
    return {"type": "context", "elements": [mrkdwn(text, CONTEXT_TEXT) for text in texts[:10]]}


def divider() -> Block:
    return {"type": "divider"}


def markdown(text: str) -> Block:
    """Standard Markdown (messages only)."""
    return {"type": "markdown", "text": cut(text, MARKDOWN_TEXT)}


def rich_text(elements: list[Block]) -> Block:
    return {"type": "rich_text", "elements": elements}


def button(text: str, action: str, value: str = "", style: str = "", url: str = "") -> Block:
    made: Block = {"type": "button", "text": plain(text, BUTTON_TEXT), "action_id": action}
    if value:
        made["value"] = value[:BUTTON_VALUE]
    if style:
        made["style"] = style
    if url:
        made["url"] = url
    return made


def actions(elements: Iterable[Block]) -> Block:
    return {"type": "actions", "elements": [element for element in elements if element][:25]}


def option(text: str, value: str) -> Block:
    return {"text": plain(text, OPTION_TEXT), "value": value}


def select(action: str, options: list[Block], initial: str = "", placeholder: str = "") -> Block:
    made: Block = {"type": "static_select", "action_id": action, "options": options[:100]}
    chosen = next((entry for entry in options if entry["value"] == initial), None)
    if chosen:
        made["initial_option"] = chosen
    if placeholder:
        made["placeholder"] = plain(placeholder, PLACEHOLDER)
    return made


def several(action: str, options: list[Block]) -> Block:
    """A menu in which several options may be chosen."""
    return {"type": "multi_static_select", "action_id": action, "options": options[:100]}


def several_channels(action: str) -> Block:
    """Private channels too, as far as the person is in them."""
    return {
        "type": "multi_conversations_select",
        "action_id": action,
        "filter": {"include": ["public", "private"]},
    }


def person_select(action: str, placeholder: str = "") -> Block:
    made: Block = {"type": "users_select", "action_id": action}
    if placeholder:
        made["placeholder"] = plain(placeholder, PLACEHOLDER)
    return made


def date_picker(action: str, initial: str = "") -> Block:
    """`initial` is an ISO date."""
    made: Block = {"type": "datepicker", "action_id": action}
    if initial:
        made["initial_date"] = initial
    return made


def text_input(
    action: str, *, multiline: bool = False, initial: str = "", placeholder: str = ""
) -> Block:
    made: Block = {
        "type": "plain_text_input",
        "action_id": action,
        "multiline": multiline,
        "max_length": 3000,
    }
    if initial:
        made["initial_value"] = cut(initial, 3000)
    if placeholder:
        made["placeholder"] = plain(placeholder, PLACEHOLDER)
    return made


def input_block(
    block_id: str,
    label: str,
    element: Block,
    *,
    optional: bool = False,
    hint: str = "",
    dispatch: bool = False,
) -> Block:
    made: Block = {
        "type": "input",
        "block_id": block_id,
        "label": plain(label, 2000),
        "element": element,
        "optional": optional,
    }
    if hint:
        made["hint"] = plain(hint, 2000)
    if dispatch:
        made["dispatch_action"] = True
    return made


def modal(
    title: str, submit: str, close: str, callback: str, metadata: Mapping[str, str] | None = None
) -> Block:
    """The head of a modal; the template's blocks follow it."""
    return {
        "type": "modal",
        "title": plain(title, MODAL_TITLE),
        "submit": plain(submit, MODAL_TITLE),
        "close": plain(close, MODAL_TITLE),
        "callback_id": callback,
        "private_metadata": json.dumps(dict(metadata or {}), ensure_ascii=False),
    }


FOR_TEMPLATES = {
    "section": section,
    "facts": facts,
    "header": header,
    "context": context,
    "divider": divider,
    "markdown": markdown,
    "rich_text": rich_text,
    "button": button,
    "actions": actions,
    "option": option,
    "select": select,
    "several": several,
    "several_channels": several_channels,
    "person_select": person_select,
    "date_picker": date_picker,
    "text_input": text_input,
    "input_block": input_block,
    "modal": modal,
    "escape": escape,
    "cut": cut,
}


def strings_within(value: Any) -> Iterator[str]:
    """Every text in a payload, whatever block it stands in."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from strings_within(part)
    elif isinstance(value, list):
        for part in value:
            yield from strings_within(part)
