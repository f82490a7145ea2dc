"""What a person enters or chooses, in the shape Slack reports it: one dict for each element."""

from __future__ import annotations

import re

from bot.sandbox.errors import ActRefusedError
from bot.sandbox.records import Json
from bot.sandbox.typed_text import as_rich_text, escape
from bot.sandbox.view_store import VALUE_FIELDS

Choice = str | int | list[str] | None
"""Words for an input, an option's value or label, several of them, an id, a date; None empties."""

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_ADDRESS = re.compile(r"https?://\S+")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def entered(element: Json, choice: Choice) -> Json:
    """The `state` entry of an element; refuses what Slack's client would not let through."""
    kind = element["type"]
    field = VALUE_FIELDS.get(kind)
    if field is None:
        raise ActRefusedError(f"Nothing can be entered into a {kind}.")
    if choice is None or choice == "" or choice == []:
        holds_many = field.endswith("options") or kind.startswith("multi_")
        return {"type": kind, field: [] if holds_many else None}
    if field in ("selected_option", "selected_options"):
        picked = [_option(element, one) for one in _several(choice)]
        return {"type": kind, field: picked if field == "selected_options" else picked[0]}
    if kind.startswith("multi_"):
        return {"type": kind, field: _several(choice)}
    if kind == "rich_text_input":
        return {"type": kind, field: as_rich_text(escape(str(choice)))[0]}
    if kind == "datetimepicker":
        return {"type": kind, field: int(str(choice))}
    words = str(choice)
    _refuse_unfit(element, words)
    return {"type": kind, field: words}


def is_empty(value: Json | None) -> bool:
    if value is None:
        return True
    return all(content in (None, "", []) for key, content in value.items() if key != "type")


def _several(choice: Choice) -> list[str]:
    return [str(one) for one in choice] if isinstance(choice, list) else [str(choice)]


def _option(element: Json, wanted: str) -> Json:
    if "external" in element["type"]:  # its options live in the app
        return {"text": {"type": "plain_text", "text": wanted}, "value": wanted}
    options = [
        option
        for group in [element, *(element.get("option_groups") or [])]
        for option in group.get("options") or []
    ]
    for option in options:
        if wanted in (option["value"], option["text"]["text"]):
            return dict(option)
    offered = ", ".join(option["text"]["text"] for option in options)
    raise ActRefusedError(f"{wanted!r} is not among the choices: {offered}.")


def _refuse_unfit(element: Json, words: str) -> None:
    kind = element["type"]
    least, most = element.get("min_length", 0), element.get("max_length", 3000)
    if kind == "plain_text_input" and not least <= len(words) <= most:
        raise ActRefusedError(f"{least} to {most} characters are wanted, {len(words)} given.")
    patterns = {"email_text_input": _EMAIL, "url_text_input": _ADDRESS, "number_input": _NUMBER}
    pattern = patterns.get(kind)
    if pattern is not None and not pattern.fullmatch(words):
        raise ActRefusedError(f"{words!r} does not fit a {kind}.")


def find_option(element: Json, wanted: str) -> Json:
    """The option of an overflow menu, by value or label."""
    return _option(element, wanted)
