"""What the bot listens to: one line each. The work is done by the inbox's worker.

Everything is saved before Slack is told that we have it: listeners run before the response
(`process_before_response`), and a failing save raises, so Slack delivers again.
`tests/test_manifest.py` holds this list against `app.yml`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.authorize import Authorize
from slack_bolt.oauth import OAuthFlow
from slack_sdk import WebClient

from bot.desk.arrivals import Arrival, ButtonPressed, CommandGiven, OwnMessageSeen
from bot.desk.errors import NotAllowed
from bot.service.commands import COMMANDS
from bot.service.forms import Forms, shown_values
from bot.service.house import House
from bot.service.intake import Intake
from bot.slack import payloads
from bot.slack.home_names import as_at_home

EVENTS = (
    "message",
    "app_mention",
    "app_home_opened",
    "reaction_added",
    "reaction_removed",
    "channel_shared",
    "channel_unshared",
    "channel_id_changed",
    "channel_archive",
    "channel_unarchive",
    "channel_left",
    "group_archive",
    "group_unarchive",
    "group_left",
    "member_joined_channel",
    "file_shared",
    "user_change",
    "app_uninstalled",
    "tokens_revoked",
)
GLOBAL_SHORTCUT = "new_request"
MESSAGE_SHORTCUT = "request_from_message"
STAFF_SHORTCUTS = {"move_message": "form.move", "split_from_message": "form.split"}
"""Message shortcuts of staff → the form they open."""


def build_app(
    house: House,
    client: WebClient,
    bot_token: str,
    signing_secret: str | None,
    authorize: Authorize | None = None,
    flow: OAuthFlow | None = None,
) -> App:
    """The Bolt app for both transports. `signing_secret` None means Socket Mode.

    With several workspaces `authorize` takes the place of `bot_token`, and `flow` is how they
    install the app.
    """
    who: Any = authorize or _authorize(house, bot_token)
    app = App(
        client=client,
        signing_secret=signing_secret or "unused in socket mode",
        request_verification_enabled=signing_secret is not None,
        authorize=who,
        oauth_flow=flow,
        process_before_response=True,
        # Our own messages coming back tell what became of a send with a lost answer.
        ignoring_self_events_enabled=False,
        raise_error_for_unhandled_request=False,
    )
    listen(app, Intake(house), Forms(house), house)
    return app


def _authorize(house: House, bot_token: str) -> Callable[[], AuthorizeResult]:
    """Who we are is known from the start; asking Slack per request could fail before the save."""
    result = AuthorizeResult(
        enterprise_id=None,
        team_id=house.identity.team,
        bot_user_id=house.identity.user,
        bot_id=house.identity.bot,
        bot_token=bot_token,
    )

    def authorize() -> AuthorizeResult:
        return result

    return authorize


def listen(app: App, intake: Intake, forms: Forms, house: House) -> None:
    """Register every listener."""

    def save(found: payloads.Identified[Arrival], context: BoltContext) -> None:
        arrival = found.arrival
        if house.several:
            arrival = as_at_home(house, arrival, context.team_id, context.bot_user_id)
        intake.save(arrival, found.key)

    def save_event(body: dict[str, Any], context: BoltContext) -> None:
        found = payloads.from_event(body)
        if found is None:
            return
        if isinstance(found.arrival, OwnMessageSeen):
            intake.own_message(found.arrival)
        else:
            save(found, context)

    def save_press(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        save(payloads.press_of(body), context)
        ack()

    def save_command(
        ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext
    ) -> None:
        found = payloads.command_of(body)
        given = found.arrival
        if given.command == "/support-admin" and given.text.strip() == "announce":
            # A form needs the command's own trigger, so it is opened while the person waits.
            ack()
            _open(forms, _command_press(given), body, client)
            return
        save(found, context)
        ack()

    def open_form(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        ack()
        press = payloads.press_of(body).arrival
        _open(forms, press, body, client)

    def choose_from_menu(
        ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext
    ) -> None:
        if payloads.press_of(body).arrival.action.startswith("form."):
            open_form(ack, body, client)
        else:
            save_press(ack, body, context)

    def switch_topic(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        ack()
        _switch(forms, body, client)

    def fill_in_saved_reply(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        ack()
        _fill_in(forms, body, client)

    def submit(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        found = payloads.form_of(body)
        problems = forms.problems(found.arrival)
        if problems:
            ack(response_action="errors", errors=payloads.by_block(body["view"], problems))
            return
        save(found, context)
        ack()

    def open_from_shortcut(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        ack()
        _open(forms, _shortcut_press(body), body, client)

    def only_acknowledge(ack: Ack) -> None:
        ack()

    for event in EVENTS:
        app.event(event)(save_event)
    for command in COMMANDS:
        app.command(command)(save_command)
    app.action(re.compile(r"^do\."))(save_press)
    app.action(re.compile(r"^menu\."))(choose_from_menu)
    app.action("form.topic")(switch_topic)
    app.action("form.saved")(fill_in_saved_reply)
    app.action(re.compile(r"^form\.(?!topic|saved)"))(open_form)
    app.action(re.compile(r"^(?!do\.|form\.|menu\.)"))(only_acknowledge)
    app.view(re.compile(r".*"))(submit)
    app.shortcut(GLOBAL_SHORTCUT)(open_from_shortcut)
    app.shortcut(MESSAGE_SHORTCUT)(open_from_shortcut)
    for shortcut in STAFF_SHORTCUTS:
        app.shortcut(shortcut)(open_from_shortcut)


def _open(forms: Forms, press: ButtonPressed, body: Mapping[str, Any], client: WebClient) -> None:
    """Open the modal within the three seconds of its trigger, or say why not."""
    try:
        view = forms.view(press)
    except NotAllowed as error:
        forms.refuse(press, error)
        return
    client.views_open(trigger_id=str(body["trigger_id"]), view=view)


def _switch(forms: Forms, body: Mapping[str, Any], client: WebClient) -> None:
    view = body["view"]
    chosen = body["actions"][0]["selected_option"]["value"]
    changed = forms.switched(payloads.context_of(view), str(chosen))
    client.views_update(view_id=view["id"], hash=view.get("hash"), view=changed)


def _fill_in(forms: Forms, body: Mapping[str, Any], client: WebClient) -> None:
    """A saved reply was chosen: the same form with its text, unless the request is gone."""
    view = body["view"]
    chosen = str(body["actions"][0]["selected_option"]["value"])
    typed = shown_values(view).get("text", "")
    user = str(body["user"]["id"])
    changed = forms.with_saved_reply(user, payloads.context_of(view), typed, chosen)
    client.views_update(view_id=view["id"], hash=view.get("hash"), view=changed)


def _command_press(given: CommandGiven) -> ButtonPressed:
    """`/support-admin announce` opens a form as a button would."""
    return ButtonPressed(
        user=given.user,
        team=given.team,
        action=f"form.{given.text.strip()}",
        channel=given.channel,
        name=given.name,
    )


def _shortcut_press(body: Mapping[str, Any]) -> ButtonPressed:
    """A shortcut opens the form that the board's button opens."""
    user = body["user"]
    message = body.get("message") or {}
    return ButtonPressed(
        user=str(user["id"]),
        team=str(user.get("team_id") or ""),
        action=STAFF_SHORTCUTS.get(str(body.get("callback_id")), "form.open:get_cluster_support"),
        channel=str((body.get("channel") or {}).get("id") or ""),
        message_ts=str(message.get("ts") or ""),
        thread_ts=str(message.get("thread_ts") or message.get("ts") or ""),
        name=str(user.get("username") or user.get("name") or ""),
    )
