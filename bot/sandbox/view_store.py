"""What the app has put on people's screens besides messages: modals and home tabs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.records import Json, View

if TYPE_CHECKING:
    from bot.sandbox.workspace import Workspace

MAX_STACK = 3
"""Slack shows at most three modals of one app on top of each other."""


class ViewStore:
    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.stacks: dict[str, list[View]] = {}
        """Open modals per person, the visible one last."""
        self.homes: dict[str, View] = {}

    def get(self, view_id: str) -> View | None:
        for view in self._all():
            if view.id == view_id:
                return view
        return None

    def with_external_id(self, external_id: str) -> View | None:
        for view in self._all():
            if external_id and view.payload.get("external_id") == external_id:
                return view
        return None

    def _all(self) -> list[View]:
        stacked = [view for stack in self.stacks.values() for view in stack]
        return [*stacked, *self.homes.values()]

    def top(self, person: str) -> View | None:
        stack = self.stacks.get(person)
        return stack[-1] if stack else None

    def open(self, person: str, payload: Json) -> View:
        """A new root modal; whatever was open on the person's screen goes away."""
        with self._workspace.lock:
            self.close_all(person)
            view = self._new(person, payload, previous=None)
            self.stacks[person] = [view]
            self._publish("view_opened", view)
            return view

    def push(self, person: str, payload: Json) -> View | None:
        """None when the stack is full or there is nothing to push upon."""
        with self._workspace.lock:
            stack = self.stacks.get(person, [])
            if not stack or len(stack) >= MAX_STACK:
                return None
            view = self._new(person, payload, previous=stack[-1])
            stack.append(view)
            self._publish("view_opened", view)
            return view

    def update(self, view: View, payload: Json) -> None:
        with self._workspace.lock:
            view.payload = payload
            view.hash = self._workspace.new_hash()
            view.errors = {}
            kept = {block.get("block_id") for block in payload.get("blocks", [])}
            view.state = initial_state(payload) | {
                block_id: values for block_id, values in view.state.items() if block_id in kept
            }
            self._publish("view_changed", view)

    def set_value(self, view: View, block_id: str, action_id: str, value: Json) -> None:
        with self._workspace.lock:
            view.state.setdefault(block_id, {})[action_id] = value

    def show_errors(self, view: View, errors: dict[str, str]) -> None:
        with self._workspace.lock:
            view.errors = dict(errors)
            self._publish("view_changed", view)

    def close(self, view: View) -> None:
        """Close one modal; what lies under it shows again."""
        with self._workspace.lock:
            stack = self.stacks.get(view.person, [])
            if view in stack:
                stack.remove(view)
                self._publish("view_closed", view)

    def close_all(self, person: str) -> None:
        with self._workspace.lock:
            for view in self.stacks.pop(person, [])[::-1]:
                self._publish("view_closed", view)

    def publish_home(self, person: str, payload: Json) -> View:
        with self._workspace.lock:
            view = self.homes.get(person)
            if view is None:
                view = self._new(person, payload, previous=None)
                self.homes[person] = view
            else:
                view.payload = payload
                view.hash = self._workspace.new_hash()
                view.state = initial_state(payload)
            self._publish("home_published", view)
            return view

    def _new(self, person: str, payload: Json, previous: View | None) -> View:
        view_id = self._workspace.new_id("V")
        return View(
            id=view_id,
            person=person,
            payload=payload,
            hash=self._workspace.new_hash(),
            root_id=previous.root_id if previous else view_id,
            previous_id=previous.id if previous else "",
            state=initial_state(payload),
        )

    def _publish(self, kind: str, view: View) -> None:
        self._workspace.feed.publish(
            kind, person=view.person, only_for=view.person, detail={"view_id": view.id}
        )


def initial_state(payload: Json) -> dict[str, dict[str, Json]]:
    """What Slack reports for inputs nobody has touched: initial values, or nulls."""
    state: dict[str, dict[str, Json]] = {}
    for block in payload.get("blocks", []):
        elements = [block.get("element"), block.get("accessory"), *block.get("elements", [])]
        for element in elements:
            if not isinstance(element, dict) or "action_id" not in element:
                continue
            value = untouched_value(element)
            if value is not None:
                state.setdefault(block.get("block_id", ""), {})[element["action_id"]] = value
    return state


def untouched_value(element: Json) -> Json | None:
    """The `state` entry of an element as first shown; None for what has no state (buttons)."""
    kind = element.get("type", "")
    field = VALUE_FIELDS.get(kind)
    if field is None:
        return None
    initial = element.get(INITIAL_FIELDS.get(kind, "initial_value"))
    holds_many = kind.startswith("multi_") or field in ("selected_options", "files")
    return {"type": kind, field: (initial or []) if holds_many else initial}


VALUE_FIELDS = {
    "plain_text_input": "value",
    "email_text_input": "value",
    "url_text_input": "value",
    "number_input": "value",
    "rich_text_input": "rich_text_value",
    "file_input": "files",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
    "static_select": "selected_option",
    "external_select": "selected_option",
    "users_select": "selected_user",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
    "multi_static_select": "selected_options",
    "multi_external_select": "selected_options",
    "multi_users_select": "selected_users",
    "multi_conversations_select": "selected_conversations",
    "multi_channels_select": "selected_channels",
    "checkboxes": "selected_options",
    "radio_buttons": "selected_option",
}
INITIAL_FIELDS = {
    "datepicker": "initial_date",
    "timepicker": "initial_time",
    "datetimepicker": "initial_date_time",
    "static_select": "initial_option",
    "external_select": "initial_option",
    "radio_buttons": "initial_option",
    "users_select": "initial_user",
    "conversations_select": "initial_conversation",
    "channels_select": "initial_channel",
    "multi_static_select": "initial_options",
    "multi_external_select": "initial_options",
    "checkboxes": "initial_options",
    "multi_users_select": "initial_users",
    "multi_conversations_select": "initial_conversations",
    "multi_channels_select": "initial_channels",
}
