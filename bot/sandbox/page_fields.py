"""Block Kit's inputs on the page: what they show, and what a person has put into them."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Any

from bot.sandbox.block_kit import controls
from bot.sandbox.choices import Choice, entered, is_empty
from bot.sandbox.errors import ActRefusedError
from bot.sandbox.readable import read_blocks
from bot.sandbox.records import Json, View
from bot.sandbox.view_store import VALUE_FIELDS, untouched_value
from bot.sandbox.wire import file_json
from bot.sandbox.workspace import Workspace

EMPTY = "Please fill this in."
UNFIT = {
    "email_text_input": "This is not an e-mail address.",
    "url_text_input": "Give an address that begins with https:// or http://.",
    "number_input": "Give a number.",
}


@dataclass(frozen=True, slots=True)
class Filled:
    """What the page sends for one input."""

    block_id: str
    action_id: str
    choice: Any

    @classmethod
    def read(cls, item: Json) -> Filled:
        """Raises ActRefusedError when the page and the server misunderstand each other."""
        try:
            return cls(str(item["block_id"]), str(item["action_id"]), item.get("choice"))
        except (KeyError, TypeError) as error:
            raise ActRefusedError("Each value needs block_id, action_id and choice.") from error


def shown_values(workspace: Workspace, element: Json, state: Json, block_id: str) -> list[str]:
    """The current content of an input: its text, or the values of what is chosen."""
    kind = element.get("type", "")
    field = VALUE_FIELDS.get(kind)
    entry = state.get(block_id, {}).get(element.get("action_id")) or untouched_value(element)
    content = (entry or {}).get(field) if field else None
    if content in (None, "", []):
        return []
    if field == "rich_text_value":
        return [read_blocks(workspace, [content])]
    several = content if isinstance(content, list) else [content]
    return [
        str(one.get("value", one.get("id")) if isinstance(one, dict) else one) for one in several
    ]


def options_of(workspace: Workspace, element: Json) -> list[Json]:
    """The choices of a menu of people or channels, in the shape of static options."""
    if "user" in element["type"]:
        named = {one.id: one.shown_name for one in workspace.people.values() if not one.is_bot}
    else:
        named = {one.id: one.label for one in workspace.channels.values() if not one.is_im}
    return [
        {"text": {"type": "plain_text", "text": name}, "value": key} for key, name in named.items()
    ]


def fill(workspace: Workspace, view: View, values: list[Filled], *, finally_: bool) -> None:
    """Put the values into the view. `finally_` is the submission: complaints are collected then.

    Before that, half an e-mail address is no fault, and files stay where they are.
    Raises FieldsRefusedError with a complaint for each block that has one.
    """
    complaints: dict[str, str] = {}
    for value in values:
        element = _element(view, value)
        if element is None or element["type"] not in VALUE_FIELDS:
            continue
        try:
            entry = _entry(workspace, view, element, value.choice, with_files=finally_)
        except ActRefusedError as error:
            complaints[value.block_id] = UNFIT.get(element["type"], error.reason)
            continue
        if entry is not None:
            workspace.views.set_value(view, value.block_id, value.action_id, entry)
    if finally_:
        complaints = _gaps(view) | complaints
        if complaints:
            raise FieldsRefusedError(complaints)


class FieldsRefusedError(ActRefusedError):
    def __init__(self, complaints: dict[str, str]) -> None:
        super().__init__("Some fields need another look.")
        self.complaints = complaints


def _element(view: View, value: Filled) -> Json | None:
    for block in view.payload["blocks"]:
        if block.get("block_id") == value.block_id:
            for element in controls(block):
                if element.get("action_id") == value.action_id:
                    return element
    return None


def _entry(
    workspace: Workspace, view: View, element: Json, choice: Any, *, with_files: bool
) -> Json | None:
    if element["type"] != "file_input":
        return entered(element, _choice(choice))
    if not with_files:
        return None
    files = [
        workspace.files.add(view.person, name, content) for name, content in read_files(choice)
    ]
    shown = [file_json(workspace, file, whole=True) for file in files]
    return {"type": "file_input", "files": shown}


def _choice(sent: Any) -> Choice:
    if sent is None or isinstance(sent, str | int):
        return sent
    if isinstance(sent, list):
        return [str(one) for one in sent]
    raise ActRefusedError("A value must be words, a number, or a list of words.")


def read_files(sent: Any) -> list[tuple[str, bytes]]:
    """`[{"name": …, "content_base64": …}]` as names and contents."""
    try:
        return [
            (str(item["name"]), base64.b64decode(item["content_base64"], validate=True))
            for item in sent or []
        ]
    except (KeyError, TypeError, binascii.Error) as error:
        raise ActRefusedError("Each file needs name and content_base64.") from error


def _gaps(view: View) -> dict[str, str]:
    gaps: dict[str, str] = {}
    for block in view.payload["blocks"]:
        if block["type"] == "input" and not block.get("optional"):
            state = view.state.get(block["block_id"], {})
            if is_empty(state.get(block["element"]["action_id"])):
                gaps[block["block_id"]] = EMPTY
    return gaps
