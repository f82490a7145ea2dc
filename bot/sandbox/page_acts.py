"""What people do on the page: one function for each act, called with the body of a JSON post.

Every act answers with what the page needs to know beyond "done", mostly nothing: what changed
arrives over the live feed. What Slack would not allow raises ActRefusedError.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from bot.sandbox.errors import ActRefusedError
from bot.sandbox.interactions import Outcome
from bot.sandbox.page_fields import FieldsRefusedError, Filled, fill, read_files
from bot.sandbox.records import Json, Person, View
from bot.sandbox.server import Sandbox

Act = Callable[[Sandbox, Person, Json], Json | None]
_COMMAND = re.compile(r"(/[\w-]+)(?:\s+(.*))?", re.DOTALL)


def act(sandbox: Sandbox, name: str, body: Json) -> Json:
    """Raises ActRefusedError, with KeyError's place taken by a sentence."""
    if name not in ACTS:
        raise ActRefusedError(f"The page has no act {name!r}.")
    return ACTS[name](sandbox, sandbox.workspace.find_person(_text(body, "person")), body) or {}


# Words


def _say(sandbox: Sandbox, person: Person, body: Json) -> Json | None:
    channel, text = _text(body, "channel"), str(body.get("text") or "").strip()
    thread_ts = str(body.get("thread_ts") or "") or None
    files = read_files(body.get("files"))
    command = _COMMAND.fullmatch(text)
    if command is not None and not files:
        rest = (command[2] or "").strip()
        return _told(sandbox.command(person, channel, command[1], rest, thread_ts=thread_ts))
    if not text and not files:
        raise ActRefusedError("There is nothing to send yet.")
    message = sandbox.say(
        person,
        channel,
        text,
        thread_ts=thread_ts,
        broadcast=bool(body.get("broadcast")),
        files=files,
    )
    return {"ts": message.ts}


def _edit(sandbox: Sandbox, person: Person, body: Json) -> None:
    text = _text(body, "text").strip()
    if not text:
        raise ActRefusedError("An empty message cannot be kept: delete it instead.")
    sandbox.edit(person, _text(body, "channel"), _text(body, "ts"), text)


def _delete(sandbox: Sandbox, person: Person, body: Json) -> None:
    sandbox.delete(person, _text(body, "channel"), _text(body, "ts"))


def _react(sandbox: Sandbox, person: Person, body: Json) -> None:
    """Add the reaction, or take one's own back."""
    channel, ts, name = _text(body, "channel"), _text(body, "ts"), _text(body, "name")
    message = sandbox.workspace.messages.get(channel, ts)
    if message is not None and person.id in message.reactions.get(name, []):
        sandbox.unreact(person, channel, ts, name)
    else:
        sandbox.react(person, channel, ts, name)


def _pin(sandbox: Sandbox, person: Person, body: Json) -> None:
    """Pin, or take the pin out."""
    channel, ts = sandbox.workspace.find_channel(_text(body, "channel")), _text(body, "ts")
    message = sandbox.workspace.messages.get(channel.id, ts)
    if message is not None and ts in channel.pins and person.id in channel.members:
        sandbox.workspace.messages.unpin(message, person.id)
    else:
        sandbox.pin(person, channel, ts)


# Buttons, menus, shortcuts


def _press(sandbox: Sandbox, person: Person, body: Json) -> Json | None:
    return _told(
        sandbox.press(
            person,
            _text(body, "channel"),
            _text(body, "ts"),
            _text(body, "action_id"),
            body.get("choice"),
            value=body.get("value"),
            block_id=body.get("block_id"),
        )
    )


def _press_in_home(sandbox: Sandbox, person: Person, body: Json) -> Json | None:
    view = sandbox.workspace.views.homes.get(person.id)
    if view is not None:
        fill(sandbox.workspace, view, _filled(body), finally_=False)
    return _told(
        sandbox.press_in_home(
            person,
            _text(body, "action_id"),
            body.get("choice"),
            value=body.get("value"),
            block_id=body.get("block_id"),
        )
    )


def _press_in_modal(sandbox: Sandbox, person: Person, body: Json) -> Json | None:
    """What stands in the other fields goes along, so that the app sees the form as it is."""
    fill(sandbox.workspace, _modal(sandbox, person), _filled(body), finally_=False)
    return _told(
        sandbox.press_in_modal(
            person,
            _text(body, "action_id"),
            body.get("choice"),
            value=body.get("value"),
            block_id=body.get("block_id"),
        )
    )


def _submit(sandbox: Sandbox, person: Person, body: Json) -> Json | None:
    view = _modal(sandbox, person)
    try:
        fill(sandbox.workspace, view, _filled(body), finally_=True)
    except FieldsRefusedError as error:
        sandbox.workspace.views.show_errors(view, error.complaints)
        return None
    return _told(sandbox.submit_view(person))


def _close_view(sandbox: Sandbox, person: Person, _body: Json) -> Json | None:
    return _told(sandbox.close_view(person))


def _open_home(sandbox: Sandbox, person: Person, _body: Json) -> None:
    sandbox.open_home(person)


def _open_direct(sandbox: Sandbox, person: Person, _body: Json) -> None:
    sandbox.open_dm(person)


def _message_shortcut(sandbox: Sandbox, person: Person, body: Json) -> Json | None:
    channel, ts = _text(body, "channel"), _text(body, "ts")
    return _told(sandbox.message_shortcut(person, channel, ts, _text(body, "callback_id")))


def _global_shortcut(sandbox: Sandbox, person: Person, body: Json) -> Json | None:
    return _told(sandbox.global_shortcut(person, _text(body, "callback_id")))


def _modal(sandbox: Sandbox, person: Person) -> View:
    view = sandbox.workspace.views.top(person.id)
    if view is None:
        raise ActRefusedError("This form is no longer open.")
    return view


def _filled(body: Json) -> list[Filled]:
    values = body.get("values") or []
    if not isinstance(values, list):
        raise ActRefusedError("values must be a list.")
    return [Filled.read(item) for item in values]


def _told(outcome: Outcome) -> Json | None:
    """A failure was told to the person as a notice already; complaints stand in the view."""
    return None if outcome.ok else {"failed": outcome.error or "errors"}


def _text(body: Json, key: str) -> str:
    value: Any = body.get(key)
    if not isinstance(value, str):
        raise ActRefusedError(f"The page sent no {key}.")
    return value


ACTS: dict[str, Act] = {
    "say": _say,
    "edit": _edit,
    "delete": _delete,
    "react": _react,
    "pin": _pin,
    "press": _press,
    "press_in_home": _press_in_home,
    "press_in_modal": _press_in_modal,
    "submit": _submit,
    "close_view": _close_view,
    "open_home": _open_home,
    "open_direct": _open_direct,
    "message_shortcut": _message_shortcut,
    "global_shortcut": _global_shortcut,
}
