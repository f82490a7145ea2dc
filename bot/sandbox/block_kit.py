"""Does Slack take these blocks? Known types, where each may stand, every documented limit.

The two checks return findings worded as Slack's `response_metadata.messages`; none means fine.
"""

from __future__ import annotations

import copy
import secrets
from collections.abc import Mapping

from bot.sandbox.block_kit_elements import (
    ADDRESS,
    CHOICES,
    DATE_TIME_PICKER,
    FILE_INPUT,
    IDENTIFIER,
    IMAGE,
    IN_ACTIONS,
    IN_CONTEXT,
    IN_CONTEXT_ACTIONS,
    IN_SECTION,
    MENUS,
    MULTI_MENUS,
    WRITTEN_INPUTS,
)
from bot.sandbox.block_kit_rich_text import RICH_TEXT, RICH_TEXT_INPUT
from bot.sandbox.block_kit_rules import (
    Findings,
    Rule,
    Shape,
    flag,
    items,
    matching,
    object_to,
    one_of,
    plain,
    string,
    text,
    typed,
)
from bot.sandbox.records import Json

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
MARKDOWN_IN_ALL = 12_000
"""Characters of all `markdown` blocks of one message together."""

_ID: dict[str, Rule] = {"block_id": IDENTIFIER}


def _section_has_text(block: Json, pointer: str, findings: Findings) -> None:
    if not block.get("text") and not block.get("fields"):
        object_to(findings, "one of text and fields is required", pointer)


_INPUTS: dict[str, Rule] = {
    **WRITTEN_INPUTS,
    **MENUS,
    **MULTI_MENUS,
    **CHOICES,
    "datetimepicker": DATE_TIME_PICKER,
    "rich_text_input": RICH_TEXT_INPUT,
}


def _input_block(elements: Mapping[str, Rule]) -> Shape:
    return Shape(
        {"label": plain(2000), "element": typed(elements)},
        {"hint": plain(2000), "optional": flag, "dispatch_action": flag, **_ID},
    )


_CELL = typed({"raw_text": Shape({"text": string(3000, least=0)}), "rich_text": RICH_TEXT})
_COLUMN = Shape(optional={"align": one_of("left", "center", "right"), "is_wrapped": flag})

_EVERYWHERE: dict[str, Rule] = {
    "section": Shape(
        optional={
            "text": text(3000),
            "fields": items(10, text(2000)),
            "accessory": IN_SECTION,
            "expand": flag,
            **_ID,
        },
        also=_section_has_text,
    ),
    "header": Shape({"text": plain(150)}, _ID),
    "divider": Shape(optional=_ID),
    "image": Shape(IMAGE.required, {**IMAGE.optional, "title": plain(2000), **_ID}, IMAGE.also),
    "context": Shape({"elements": items(10, IN_CONTEXT)}, _ID),
    "actions": Shape({"elements": items(25, IN_ACTIONS)}, _ID),
    "rich_text": RICH_TEXT,
    "video": Shape(
        {
            "alt_text": string(2000),
            "title": plain(200),
            "thumbnail_url": ADDRESS,
            "video_url": matching(r"https://.{1,2990}", "an https address"),
        },
        {
            "author_name": string(50),
            "description": plain(200),
            "provider_icon_url": ADDRESS,
            "provider_name": string(50),
            "title_url": ADDRESS,
            **_ID,
        },
    ),
    "input": _input_block(_INPUTS),
}
_IN_MESSAGES: dict[str, Rule] = {
    "markdown": Shape({"text": string(MARKDOWN_IN_ALL)}, _ID),
    "context_actions": Shape({"elements": items(5, IN_CONTEXT_ACTIONS)}, _ID),
    "table": Shape(
        {"rows": items(100, items(20, _CELL))}, {"column_settings": items(20, _COLUMN), **_ID}
    ),
    "file": Shape({"external_id": string(255), "source": one_of("remote")}, _ID),
}
_IN_MODALS: dict[str, Rule] = {"input": _input_block(_INPUTS | {"file_input": FILE_INPUT})}

_SURFACES: dict[str, Rule] = {
    "message": items(MESSAGE_BLOCKS, typed(_EVERYWHERE | _IN_MESSAGES), least=0),
    "modal": items(VIEW_BLOCKS, typed(_EVERYWHERE | _IN_MODALS), least=0),
    "home": items(VIEW_BLOCKS, typed(_EVERYWHERE), least=0),
}
_VIEW_FIELDS: dict[str, Rule] = {
    "private_metadata": string(3000, least=0),
    "callback_id": string(255, least=0),
    "external_id": string(255, least=0),
}
_VIEWS: dict[str, Rule] = {
    "modal": Shape(
        {"title": plain(24), "blocks": _SURFACES["modal"]},
        {
            "close": plain(24),
            "submit": plain(24),
            "clear_on_close": flag,
            "notify_on_close": flag,
            "submit_disabled": flag,
            **_VIEW_FIELDS,
        },
    ),
    "home": Shape({"blocks": _SURFACES["home"]}, {"title": plain(24), **_VIEW_FIELDS}),
}
MAX_TABLES = 1


def check_message_blocks(blocks: object) -> Findings:
    findings: Findings = []
    _SURFACES["message"](blocks, "/blocks", findings)
    if isinstance(blocks, list):
        _check_ids(blocks, "/blocks", findings)
        known = [block for block in blocks if isinstance(block, dict)]
        written = sum(
            len(block["text"])
            for block in known
            if block.get("type") == "markdown" and isinstance(block.get("text"), str)
        )
        if written > MARKDOWN_IN_ALL:
            problem = f"markdown blocks must be less than {MARKDOWN_IN_ALL + 1} characters in all"
            object_to(findings, problem, "/blocks")
        if sum(block.get("type") == "table" for block in known) > MAX_TABLES:
            object_to(findings, f"no more than {MAX_TABLES} table allowed", "/blocks")
    return findings


def check_view(view: object, surface: str) -> Findings:
    """`surface` is `modal` or `home`."""
    findings: Findings = []
    if not isinstance(view, dict):
        object_to(findings, "must be an object", "/view")
        return findings
    if view.get("type") != surface:
        object_to(findings, f"must be one of: {surface}", "/view/type")
        return findings
    _VIEWS[surface](view, "/view", findings)
    blocks = view.get("blocks")
    if isinstance(blocks, list):
        _check_ids(blocks, "/view/blocks", findings)
        asks = any(isinstance(block, dict) and block.get("type") == "input" for block in blocks)
        if asks and surface == "modal" and not view.get("submit"):
            object_to(findings, "missing required field: submit", "/view")
    return findings


def with_ids(blocks: list[Json]) -> list[Json]:
    """A copy in which every block has a `block_id` and every control an `action_id`."""
    completed = copy.deepcopy(blocks)
    for block in completed:
        block.setdefault("block_id", secrets.token_urlsafe(4))
        for element in controls(block):
            element.setdefault("action_id", secrets.token_urlsafe(4))
    return completed


_NOT_CONTROLS = ("image", "plain_text", "mrkdwn")


def controls(block: Json) -> list[Json]:
    """The interactive elements of a block, in reading order."""
    if block.get("type") in ("rich_text", "table"):
        return []
    found = [block.get("accessory"), block.get("element"), *(block.get("elements") or [])]
    return [
        element
        for element in found
        if isinstance(element, dict) and element.get("type") not in _NOT_CONTROLS
    ]


def _check_ids(blocks: list[object], pointer: str, findings: Findings) -> None:
    seen: set[str] = set()
    for index, block in enumerate(blocks):
        if not isinstance(block, dict):
            continue
        block_id = block.get("block_id")
        if block_id in seen:
            object_to(
                findings, f"block_id {block_id!r} already exists", f"{pointer}/{index}/block_id"
            )
        if isinstance(block_id, str):
            seen.add(block_id)
        actions = [element.get("action_id") for element in controls(block)]
        named = [action for action in actions if action is not None]
        if len(named) != len(set(named)):
            object_to(findings, "action_id must be unique in its block", f"{pointer}/{index}")
