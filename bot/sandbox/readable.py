"""What a person reads and can press, out of text and blocks."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from bot.sandbox.block_kit import controls
from bot.sandbox.records import Json
from bot.sandbox.workspace import Workspace

_REFERENCE = re.compile(r"<([@#!]|subteam\^)?([^<>|]+)(?:\|([^<>]*))?>")
_PRESSABLE = ("button", "icon_button", "workflow_button")


@dataclass(frozen=True, slots=True)
class Control:
    """Something to press or choose from. A feedback pair counts as two."""

    label: str
    action_id: str
    block_id: str
    type: str
    value: str = ""
    url: str = ""
    options: tuple[tuple[str, str], ...] = ()
    """Label and value of each choice."""


def read_mrkdwn(workspace: Workspace, text: str) -> str:
    """Mentions as names, links as their words, entities as signs."""

    def spoken(match: re.Match[str]) -> str:
        sign, body, label = match[1] or "", match[2], match[3]
        if sign == "@":
            person = workspace.people.get(body)
            return f"@{person.shown_name if person else label or body}"
        if sign == "#":
            channel = workspace.channels.get(body)
            return f"#{channel.name if channel else label or body}"
        if sign == "!":
            return label or f"@{body.partition('^')[0]}"
        return label or body.removeprefix("mailto:")

    return html.unescape(_REFERENCE.sub(spoken, text))


def read_blocks(workspace: Workspace, blocks: list[Json]) -> str:
    """The words of the blocks, a line for each, without buttons."""
    lines = [line for block in blocks for line in _block_lines(workspace, block)]
    return "\n".join(line for line in lines if line)


def _block_lines(workspace: Workspace, block: Json) -> list[str]:
    kind = block.get("type")
    if kind in ("section", "header"):
        texts = [block.get("text"), *(block.get("fields") or [])]
        return [_text_object(workspace, item) for item in texts]
    if kind == "markdown":
        return [str(block.get("text", ""))]
    if kind == "context":
        return [
            _text_object(workspace, item) if item.get("type") != "image" else item["alt_text"]
            for item in block.get("elements", [])
        ]
    if kind in ("image", "video"):
        return [_text_object(workspace, block.get("title")), str(block.get("alt_text", ""))]
    if kind == "input":
        return [_text_object(workspace, block.get(part)) for part in ("label", "hint")]
    if kind == "rich_text":
        return [_rich_text(workspace, element) for element in block.get("elements", [])]
    if kind == "table":
        return [" | ".join(_cell(workspace, cell) for cell in row) for row in block.get("rows", [])]
    return []


def _text_object(workspace: Workspace, item: Json | None) -> str:
    if not item:
        return ""
    text = str(item.get("text", ""))
    return read_mrkdwn(workspace, text) if item.get("type") == "mrkdwn" else text


def _cell(workspace: Workspace, cell: Json) -> str:
    if cell.get("type") == "rich_text":
        return " ".join(_rich_text(workspace, element) for element in cell.get("elements", []))
    return str(cell.get("text", ""))


def _rich_text(workspace: Workspace, element: Json) -> str:
    kind = element.get("type")
    parts = element.get("elements", [])
    if kind == "rich_text_list":
        return "\n".join(f"• {_rich_text(workspace, part)}" for part in parts)
    if kind in ("rich_text_section", "rich_text_quote", "rich_text_preformatted"):
        return "".join(_inline(workspace, part) for part in parts)
    return ""


def _inline(workspace: Workspace, part: Json) -> str:
    match part.get("type"):
        case "text":
            return str(part.get("text", ""))
        case "link":
            return str(part.get("text") or part.get("url", ""))
        case "user":
            person = workspace.people.get(part.get("user_id", ""))
            return f"@{person.shown_name if person else part.get('user_id')}"
        case "channel":
            channel = workspace.channels.get(part.get("channel_id", ""))
            return f"#{channel.name if channel else part.get('channel_id')}"
        case "emoji":
            return f":{part.get('name')}:"
        case "broadcast":
            return f"@{part.get('range')}"
        case "date":
            return str(part.get("fallback") or part.get("timestamp"))
        case _:
            return ""


def read_controls(blocks: list[Json]) -> list[Control]:
    """Everything that can be pressed, chosen or filled in, in reading order."""
    return [
        control
        for block in blocks
        for element in controls(block)
        for control in _controls_of(element, block)
    ]


def _controls_of(element: Json, block: Json) -> list[Control]:
    kind, block_id = element.get("type", ""), block.get("block_id", "")
    action_id = element.get("action_id", "")
    if kind == "feedback_buttons":
        return [
            Control(
                label=element[side]["text"]["text"],
                action_id=action_id,
                block_id=block_id,
                type=kind,
                value=element[side]["value"],
            )
            for side in ("positive_button", "negative_button")
        ]
    named = element.get("text") if kind in _PRESSABLE else element.get("placeholder")
    label = (named or block.get("label") or {}).get("text", "")
    choices = [
        option
        for group in [element, *(element.get("option_groups") or [])]
        for option in group.get("options") or []
    ]
    return [
        Control(
            label=label,
            action_id=action_id,
            block_id=block_id,
            type=kind,
            value=element.get("value", ""),
            url=element.get("url", ""),
            options=tuple((option["text"]["text"], option["value"]) for option in choices),
        )
    ]
