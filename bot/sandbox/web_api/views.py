"""views.*: modals and home tabs."""

from __future__ import annotations

from bot.sandbox.block_kit import check_view, with_ids
from bot.sandbox.errors import ApiError
from bot.sandbox.records import Json, View
from bot.sandbox.web_api.call import Call
from bot.sandbox.wire import view_json


def accept_view(view: object, surface: str) -> Json:
    """The checked view with all ids filled in; `surface` is `modal` or `home`."""
    findings = check_view(view, surface)
    if findings or not isinstance(view, dict):
        raise ApiError("invalid_arguments", response_metadata={"messages": findings})
    return {**view, "blocks": with_ids(view["blocks"])}


def _payload(call: Call, surface: str) -> Json:
    view = call.structure("view")
    if view is None:
        call.required("view")
    return accept_view(view, surface)


def _person_of_trigger(call: Call) -> str:
    trigger_id = call.text("trigger_id") or call.required("interactivity_pointer")
    return call.platform.triggers.exchange(trigger_id, call.team)


def _refuse_duplicate(call: Call, payload: Json, but: View | None = None) -> None:
    other = call.workspace.views.with_external_id(payload.get("external_id", ""))
    if other is not None and other is not but:
        raise ApiError("duplicate_external_id")


def open_view(call: Call) -> Json:
    payload = _payload(call, "modal")
    _refuse_duplicate(call, payload)
    view = call.workspace.views.open(_person_of_trigger(call), payload)
    return {"view": view_json(call.workspace, view)}


def push(call: Call) -> Json:
    payload = _payload(call, "modal")
    _refuse_duplicate(call, payload)
    view = call.workspace.views.push(_person_of_trigger(call), payload)
    if view is None:
        raise ApiError("push_limit_reached")
    return {"view": view_json(call.workspace, view)}


def update(call: Call) -> Json:
    views = call.workspace.views
    if call.text("external_id"):
        view = views.with_external_id(call.text("external_id"))
    else:
        view = views.get(call.required("view_id"))
    if view is None or view.type != "modal":
        raise ApiError("not_found")
    _refuse_stale(call, view)
    payload = _payload(call, "modal")
    _refuse_duplicate(call, payload, but=view)
    views.update(view, payload)
    return {"view": view_json(call.workspace, view)}


def publish(call: Call) -> Json:
    person = call.workspace.people.get(call.required("user_id"))
    if person is None:
        raise ApiError("user_not_found")
    if not call.platform.manifest.has_home:
        raise ApiError("not_enabled")
    payload = _payload(call, "home")
    home = call.workspace.views.homes.get(person.id)
    if home is not None:
        _refuse_stale(call, home)
    view = call.workspace.views.publish_home(person.id, payload)
    return {"view": view_json(call.workspace, view)}


def _refuse_stale(call: Call, view: View) -> None:
    if call.text("hash") and call.text("hash") != view.hash:
        raise ApiError("hash_conflict")
