"""What people start with a hand: buttons, selects, modals, commands, shortcuts, the home tab.

Each act waits for the app's acknowledgement, three seconds at most, and returns an `Outcome`. As
in Slack nothing is tried twice; a person whose act failed gets a notice.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.sandbox.choices import Choice, entered, find_option
from bot.sandbox.deliveries import UndeliveredError
from bot.sandbox.errors import ActRefusedError, ApiError
from bot.sandbox.payloads import Payloads
from bot.sandbox.records import Json, Person, View
from bot.sandbox.replies import post_command_answer
from bot.sandbox.side_doors import ResponseDoor
from bot.sandbox.stage import Someone, Somewhere, Stage
from bot.sandbox.targets import feedback_half, find_control, find_input, refuse_gaps
from bot.sandbox.typed_text import as_sent, escape
from bot.sandbox.view_store import VALUE_FIELDS
from bot.sandbox.web_api.views import accept_view


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the person notices at once."""

    ok: bool = True
    error: str = ""
    """`operation_timeout`, `dispatch_failed`, or `invalid_answer`."""
    errors: dict[str, str] = field(default_factory=dict)
    """Complaints shown in the modal, by block id."""


class Interactions(Stage):
    payloads: Payloads

    # Messages

    def press(
        self,
        person: Someone,
        channel: Somewhere,
        ts: str,
        button: str,
        choice: Choice = None,
        *,
        value: str | None = None,
        block_id: str | None = None,
    ) -> Outcome:
        """Press or choose in a message. `button` is an action id or what is written on it.

        `choice` is for selects and inputs; `value` and `block_id` tell twins apart.
        """
        who, where = self._member(person, channel)
        message = self._visible_message(who, where, ts)
        block, element = find_control(message.blocks, button, value, block_id)
        door = ResponseDoor(who.id, where.id, message.ts, message.thread_ts)
        with self.workspace.lock:
            state = message.state.setdefault(who.id, {})
            action = self._act(state, block, element, choice, button, value)
            payload = self.payloads.message_action(who, where, message, action, state, door)
        return self._ask("interactive", payload, who)

    # Modals and home

    def press_in_modal(
        self,
        person: Someone,
        button: str,
        choice: Choice = None,
        *,
        value: str | None = None,
        block_id: str | None = None,
    ) -> Outcome:
        who, view = self._open_modal(person)
        return self._press_in(who, view, button, choice, value, block_id)

    def press_in_home(
        self,
        person: Someone,
        button: str,
        choice: Choice = None,
        *,
        value: str | None = None,
        block_id: str | None = None,
    ) -> Outcome:
        who = self.workspace.find_person(person)
        view = self.workspace.views.homes.get(who.id)
        if view is None:
            raise ActRefusedError(f"{who.shown_name} has no home tab yet.")
        return self._press_in(who, view, button, choice, value, block_id)

    def _press_in(
        self,
        who: Person,
        view: View,
        button: str,
        choice: Choice,
        value: str | None,
        block_id: str | None,
    ) -> Outcome:
        block, element = find_control(view.payload["blocks"], button, value, block_id)
        action = self._act(view.state, block, element, choice, button, value)
        if block["type"] == "input" and not block.get("dispatch_action"):
            return Outcome()  # filled in, and nobody is told before the submission
        return self._ask("interactive", self.payloads.view_action(who, view, action), who)

    def submit_view(self, person: Someone, values: dict[str, Choice] | None = None) -> Outcome:
        """Fill in the top modal and submit it. Keys: `block/action`, a block id or an action id."""
        who, view = self._open_modal(person)
        for key, choice in (values or {}).items():
            block, element = find_input(view.payload["blocks"], key)
            value = entered(element, choice)
            self.workspace.views.set_value(view, block["block_id"], element["action_id"], value)
        refuse_gaps(view)
        payload = self.payloads.view_submission(who, view)
        try:
            answer = self.deliveries.ask("interactive", payload)
        except UndeliveredError as error:
            return self._failed(who, error.reason)
        return self._follow(who, view, answer or {})

    def close_view(self, person: Someone) -> Outcome:
        """Close the top modal; the app hears of it if it asked to."""
        who, view = self._open_modal(person)
        clears = bool(view.payload.get("clear_on_close"))
        if clears:
            self.workspace.views.close_all(who.id)
        else:
            self.workspace.views.close(view)
        if not view.payload.get("notify_on_close"):
            return Outcome()
        return self._ask("interactive", self.payloads.view_closed(who, view, clears), who)

    def open_home(self, person: Someone) -> None:
        who = self.workspace.find_person(person)
        if not self.platform.manifest.has_home:
            raise ActRefusedError("This app has no home tab.")
        direct = self.workspace.direct_channel(who)
        self.workspace.feed.publish("home_opened", person=who.id, detail={"direct": direct.id})

    def _open_modal(self, person: Someone) -> tuple[Person, View]:
        who = self.workspace.find_person(person)
        view = self.workspace.views.top(who.id)
        if view is None:
            raise ActRefusedError(f"{who.shown_name} has no modal open.")
        return who, view

    def _follow(self, who: Person, view: View, answer: Json) -> Outcome:
        """Do what the answer to a submission says; an empty one closes the modal."""
        views = self.workspace.views
        try:
            match answer.get("response_action"):
                case "errors":
                    errors = {key: str(text) for key, text in answer.get("errors", {}).items()}
                    known = {block["block_id"] for block in view.payload["blocks"]}
                    if not errors or not known.issuperset(errors):
                        return self._failed(who, "invalid_answer")
                    views.show_errors(view, errors)
                    return Outcome(ok=False, errors=errors)
                case "update":
                    views.update(view, accept_view(answer.get("view"), "modal"))
                case "push":
                    if views.push(who.id, accept_view(answer.get("view"), "modal")) is None:
                        return self._failed(who, "invalid_answer")
                case "clear":
                    views.close_all(who.id)
                case None:
                    views.close(view)
                case _:
                    return self._failed(who, "invalid_answer")
        except ApiError as error:
            messages = error.fields.get("response_metadata", {}).get("messages", [])
            return self._failed(who, "invalid_answer", " ".join(messages))
        return Outcome()

    # Commands and shortcuts

    def command(
        self,
        person: Someone,
        channel: Somewhere,
        command: str,
        text: str = "",
        *,
        thread_ts: str | None = None,
    ) -> Outcome:
        who, where = self._writer(person, channel)
        self._refuse_external(who, f"{command} belongs to an app of another organisation.")
        if thread_ts:
            raise ActRefusedError(f"{command} cannot be used in a thread.")
        manifest = self.platform.manifest
        if manifest.commands is not None and command not in manifest.commands:
            raise ActRefusedError(f"{command} is not a command of any app here.")
        escapes = manifest.commands is None or command in manifest.escapes_commands
        sent = self._command_text(text) if escapes else escape(text)
        door = ResponseDoor(who.id, where.id)
        payload = self.payloads.command(who, where, command, sent, door)
        try:
            answer = self.deliveries.ask("slash_commands", payload)
            if answer:
                post_command_answer(self.workspace, door, answer)
        except UndeliveredError as error:
            return self._failed(who, error.reason, f"{command} did not work.")
        except ApiError as error:
            return self._failed(who, "invalid_answer", f"{command}: {error.error}")
        return Outcome()

    def _command_text(self, text: str) -> str:
        """With `should_escape`, mentions carry the handle besides the id."""
        sent = as_sent(self.workspace, text)
        for person in self.workspace.people.values():
            sent = sent.replace(f"<@{person.id}>", f"<@{person.id}|{person.name}>")
        return sent

    def message_shortcut(
        self, person: Someone, channel: Somewhere, ts: str, callback_id: str
    ) -> Outcome:
        who, where = self._member(person, channel)
        self._refuse_external(who, "Shortcuts of another organisation's app are not offered.")
        self._require_shortcut(callback_id, is_message=True)
        message = self._shared_message(who, where, ts)
        door = ResponseDoor(who.id, where.id, "", message.thread_ts)
        payload = self.payloads.message_shortcut(who, where, message, callback_id, door)
        return self._ask("interactive", payload, who)

    def global_shortcut(self, person: Someone, callback_id: str) -> Outcome:
        who = self.workspace.find_person(person)
        self._refuse_external(who, "Shortcuts of another organisation's app are not offered.")
        self._require_shortcut(callback_id, is_message=False)
        return self._ask("interactive", self.payloads.global_shortcut(who, callback_id), who)

    def _refuse_external(self, who: Person, why: str) -> None:
        installed = self.workspace.installation_at(who.organisation)
        if installed.organisation != who.organisation:
            home = self.workspace.organisations[who.organisation].name
            raise ActRefusedError(f"{why} It is not installed in {home}.")

    def _require_shortcut(self, callback_id: str, *, is_message: bool) -> None:
        offered = self.platform.manifest.shortcuts
        if offered is None:
            return
        for shortcut in offered:
            if shortcut.callback_id == callback_id and shortcut.is_message == is_message:
                return
        kind = "message" if is_message else "global"
        raise ActRefusedError(f"The app offers no {kind} shortcut {callback_id!r}.")

    # Shared

    def _act(
        self,
        state: dict[str, Json],
        block: Json,
        element: Json,
        choice: Choice,
        button: str,
        value: str | None,
    ) -> Json:
        """The entry in `actions`; what was chosen is also remembered in `state`."""
        action: Json = {
            "type": element["type"],
            "action_id": element["action_id"],
            "block_id": block["block_id"],
            "action_ts": self.workspace.next_ts(),
        }
        kind = element["type"]
        if kind == "feedback_buttons":
            return action | feedback_half(element, button, choice, value)
        if kind == "overflow":
            return action | {"selected_option": find_option(element, str(choice))}
        if kind not in VALUE_FIELDS:
            kept = ("text", "value", "style", "url")
            return action | {key: element[key] for key in kept if key in element}
        chosen = entered(element, choice)
        state.setdefault(block["block_id"], {})[element["action_id"]] = chosen
        return action | chosen

    def _ask(self, kind: str, payload: Json, who: Person) -> Outcome:
        if not self.platform.manifest.is_interactive:
            return self._failed(who, "dispatch_failed")
        try:
            self.deliveries.ask(kind, payload)
        except UndeliveredError as error:
            return self._failed(who, error.reason)
        return Outcome()

    def _failed(self, who: Person, error: str, words: str = "The app did not answer.") -> Outcome:
        self.workspace.notice(who, f"{words} ({error})")
        return Outcome(ok=False, error=error)
