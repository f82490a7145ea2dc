"""What people can and cannot do, and what they see; the app is a real Bolt app over signed HTTP."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from slack_bolt import App

from bot.sandbox.errors import ActRefusedError, NotSeenError
from bot.sandbox.manifest import Manifest
from bot.sandbox.scenes import demo_scene
from bot.sandbox.server import Sandbox
from bot.sandbox.typed_text import as_rich_text, as_sent
from bot.sandbox.workspace import Workspace

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def button(label: str, action_id: str, value: str = "") -> Json:
    found: Json = {"type": "button", "action_id": action_id, "text": plain(label)}
    return found | ({"value": value} if value else {})


def form(callback_id: str = "form", **more: Any) -> Json:
    what: Json = {"type": "plain_text_input", "action_id": "words", "min_length": 3}
    kinds = [{"text": plain(name), "value": name.lower()} for name in ("Low", "High")]
    urgency = {"type": "static_select", "action_id": "pick", "options": kinds}
    return {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain("Request"),
        "submit": plain("Send"),
        "private_metadata": "context",
        "blocks": [
            {"type": "input", "block_id": "what", "label": plain("What"), "element": what},
            {
                "type": "input",
                "block_id": "urgency",
                "label": plain("Urgency"),
                "element": urgency,
                "optional": True,
            },
        ],
        **more,
    }


@pytest.fixture
def bot(sandbox: Sandbox, app: App, request_url: str) -> App:
    """Delivered to over signed HTTP."""
    sandbox.deliver_to(request_url)
    return app


@pytest.fixture
def board(sandbox: Sandbox, client: Any, workspace: Workspace) -> str:
    """A message with buttons in #ext-kitsune; its ts."""
    choices = [{"text": plain("One"), "value": "1"}, {"text": plain("Two"), "value": "2"}]
    feedback = {
        "type": "feedback_buttons",
        "action_id": "rate",
        "positive_button": {"text": plain("Helpful"), "value": "up"},
        "negative_button": {"text": plain("Not helpful"), "value": "down"},
    }
    elements = [
        button("Ask", "ask", "v1"),
        {"type": "static_select", "action_id": "choose", "options": choices},
    ]
    posted = client.chat_postMessage(
        channel=workspace.find_channel("ext-kitsune").id,
        text="board",
        blocks=[
            {"type": "actions", "block_id": "row", "elements": elements},
            {"type": "context_actions", "block_id": "fb", "elements": [feedback]},
        ],
    )
    return str(posted["ts"])


# Typing


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("<!channel>", "&lt;!channel&gt;"),
        ("@supportbot hi", "<@U000000001> hi"),
        ("@nobody hi", "@nobody hi"),
        ("@here look", "<!here> look"),
        ("see https://a.example/x?y=1&z=2.", "see <https://a.example/x?y=1&amp;z=2>."),
        ("見て https://a.example/パス。はい", "見て <https://a.example/パス>。はい"),
        ("tidbcloud.com is slow", "<http://tidbcloud.com|tidbcloud.com> is slow"),
        ("v1.2.3 of main.go", "v1.2.3 of main.go"),
        ("write to a@b.example", "write to <mailto:a@b.example|a@b.example>"),
        ("in #support-desk", "in <#C000000001|support-desk>"),
    ],
)
def test_typed_words_become_what_slack_makes_of_them(
    workspace: Workspace, typed: str, sent: str
) -> None:
    assert as_sent(workspace, typed) == sent


def test_a_persons_message_also_carries_its_words_as_rich_text(workspace: Workspace) -> None:
    section = as_rich_text(as_sent(workspace, "@supportbot a < b"))[0]["elements"][0]
    assert section["elements"] == [
        {"type": "user", "user_id": workspace.app.bot_user},
        {"type": "text", "text": " a < b"},
    ]


# Rights


def test_nobody_sees_or_writes_where_they_are_not_a_member(sandbox: Sandbox) -> None:
    for act in (
        lambda: sandbox.say("leo", "#ext-kitsune", "hello"),
        lambda: sandbox.sees("leo", "#ext-kitsune"),
    ):
        with pytest.raises(ActRefusedError, match="Leo Strand is not a member of #ext-kitsune"):
            act()


def test_people_change_only_their_own_messages(sandbox: Sandbox) -> None:
    ts = sandbox.say("hana", "#ext-kitsune", "mine").ts
    with pytest.raises(ActRefusedError, match="only change their own"):
        sandbox.edit("mika", "#ext-kitsune", ts, "yours")
    with pytest.raises(ActRefusedError, match="only change their own"):
        sandbox.delete("mika", "#ext-kitsune", ts)


def test_an_archived_channel_takes_no_messages(sandbox: Sandbox) -> None:
    sandbox.archive("mika", "#ext-kitsune")
    with pytest.raises(ActRefusedError, match="is archived"):
        sandbox.say("hana", "#ext-kitsune", "hello")
    sandbox.unarchive("mika", "#ext-kitsune")
    sandbox.say("hana", "#ext-kitsune", "hello")


def test_external_members_get_neither_commands_nor_shortcuts(sandbox: Sandbox) -> None:
    ts = sandbox.say("hana", "#ext-kitsune", "hello").ts
    for act in (
        lambda: sandbox.command("hana", "#ext-kitsune", "/support"),
        lambda: sandbox.message_shortcut("hana", "#ext-kitsune", ts, "create"),
        lambda: sandbox.global_shortcut("hana", "create"),
    ):
        with pytest.raises(ActRefusedError, match="not installed in Kitsune Games"):
            act()


def test_commands_and_shortcuts_must_be_in_the_manifest_and_outside_threads() -> None:
    manifest = Manifest(commands=frozenset({"/support"}), shortcuts=())
    sandbox = Sandbox(demo_scene(), manifest)
    with pytest.raises(ActRefusedError, match="/other is not a command"):
        sandbox.command("mika", "#support-desk", "/other")
    with pytest.raises(ActRefusedError, match="cannot be used in a thread"):
        sandbox.command("mika", "#support-desk", "/support", thread_ts="1.0")
    with pytest.raises(ActRefusedError, match="no global shortcut 'create'"):
        sandbox.global_shortcut("mika", "create")


def test_a_channel_must_be_shared_before_a_stranger_can_join(sandbox: Sandbox) -> None:
    with pytest.raises(ActRefusedError, match="is not shared with"):
        sandbox.join("leo", "#ext-kitsune")
    sandbox.share("#ext-kitsune", "Borealis Pay")
    sandbox.join("leo", "#ext-kitsune")
    assert "has joined" in sandbox.sees("leo", "#ext-kitsune")[-1].text


# Buttons


def test_a_button_press_names_the_person_and_the_installing_team(
    sandbox: Sandbox, bot: App, workspace: Workspace, board: str
) -> None:
    bodies: list[Json] = []

    @bot.action("ask")
    def ask(ack: Any, body: Json, respond: Any) -> None:
        ack()
        bodies.append(body)
        respond("only for you", replace_original=False)

    assert sandbox.press("hana", "#ext-kitsune", board, "Ask").ok
    hana, body = workspace.find_person("hana"), bodies[0]
    assert body["user"]["team_id"] == hana.organisation
    assert body["team"]["id"] == workspace.vendor.id
    assert body["container"]["message_ts"] == body["message"]["ts"] == board
    assert body["actions"][0]["value"] == "v1"
    assert sandbox.wait_to_see("hana", "#ext-kitsune", "only for you").is_ephemeral
    assert all("only for you" not in seen.text for seen in sandbox.sees("mika", "#ext-kitsune"))


def test_a_choice_is_reported_in_the_action_and_kept_in_the_state(
    sandbox: Sandbox, bot: App, board: str
) -> None:
    bodies: list[Json] = []
    for name in ("choose", "rate"):
        bot.action(name)(lambda ack, body: (ack(), bodies.append(body)))
    sandbox.press("hana", "#ext-kitsune", board, "choose", "Two")
    sandbox.press("hana", "#ext-kitsune", board, "Not helpful")
    assert bodies[0]["actions"][0]["selected_option"]["value"] == "2"
    assert bodies[1]["actions"][0]["value"] == "down"
    assert bodies[1]["state"]["values"]["row"]["choose"]["selected_option"]["value"] == "2"
    with pytest.raises(ActRefusedError, match="not among the choices: One, Two"):
        sandbox.press("hana", "#ext-kitsune", board, "choose", "Three")
    with pytest.raises(ActRefusedError, match="no 'Buy' to press, only: ask"):
        sandbox.press("hana", "#ext-kitsune", board, "Buy")


def test_a_response_address_replaces_the_original_and_wears_out(
    sandbox: Sandbox, bot: App, board: str
) -> None:
    answers: list[int] = []

    @bot.action("ask")
    def ask(ack: Any, respond: Any) -> None:
        ack()
        for n in range(6):
            answers.append(respond(f"answer {n}", replace_original=True).status_code)

    sandbox.press("hana", "#ext-kitsune", board, "ask")
    sandbox.wait_for(lambda: len(answers) == 6)
    assert answers == [200] * 5 + [404]
    assert [seen.text for seen in sandbox.sees("mika", "#ext-kitsune")] == ["answer 4"]


def test_a_press_nobody_answers_shows_the_person_an_error(sandbox: Sandbox, board: str) -> None:
    outcome = sandbox.press("hana", "#ext-kitsune", board, "ask")
    assert (outcome.ok, outcome.error) == (False, "dispatch_failed")
    assert "dispatch_failed" in sandbox.notices("hana")[0]


def test_a_slow_answer_to_a_press_is_a_timeout(sandbox: Sandbox, bot: App, board: str) -> None:
    free = threading.Event()

    @bot.action("ask")
    def ask(ack: Any) -> None:
        free.wait(5)
        ack()

    sandbox.deliveries.ack_seconds = 0.2
    assert sandbox.press("hana", "#ext-kitsune", board, "ask").error == "operation_timeout"
    free.set()


# Modals


def test_a_modal_is_opened_corrected_and_submitted(
    sandbox: Sandbox, bot: App, workspace: Workspace, board: str
) -> None:
    bodies: list[Json] = []

    @bot.action("ask")
    def ask(ack: Any, body: Json, client: Any) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=form())

    @bot.view("form")
    def submitted(ack: Any, body: Json) -> None:
        bodies.append(body)
        if len(bodies) == 1:
            ack(response_action="errors", errors={"what": "Say more"})
        else:
            ack()

    sandbox.press("hana", "#ext-kitsune", board, "ask")
    shown = sandbox.wait_for_modal("hana", "Request")
    assert shown.submit == "Send"
    with pytest.raises(ActRefusedError, match="'What' must be filled in"):
        sandbox.submit_view("hana")
    with pytest.raises(ActRefusedError, match="3 to 3000 characters"):
        sandbox.submit_view("hana", {"what": "x"})
    refused = sandbox.submit_view("hana", {"what/words": "slow", "pick": "High"})
    assert refused.errors == {"what": "Say more"}
    corrected = sandbox.modal("hana")
    assert corrected is not None
    assert corrected.errors == {"what": "Say more"}
    assert corrected.values == {
        "what/words": "slow",
        "urgency/pick": {"text": plain("High"), "value": "high"},
    }
    assert sandbox.submit_view("hana", {"what": "slow since noon"}).ok
    assert sandbox.modal("hana") is None

    hana, body = workspace.find_person("hana"), bodies[-1]
    assert body["team"]["id"] == hana.organisation
    assert body["view"]["app_installed_team_id"] == workspace.vendor.id
    assert body["view"]["private_metadata"] == "context"
    values = body["view"]["state"]["values"]
    assert values["what"]["words"]["value"] == "slow since noon"
    assert values["urgency"]["pick"]["selected_option"]["value"] == "high"


def test_answers_to_a_submission_push_update_and_clear(
    sandbox: Sandbox, bot: App, board: str
) -> None:
    plan = iter(["push", "update", "clear"])

    @bot.action("ask")
    def ask(ack: Any, body: Json, client: Any) -> None:
        client.views_open(trigger_id=body["trigger_id"], view=form())
        ack()

    @bot.view("form")
    def submitted(ack: Any) -> None:
        step = next(plan)
        view = None if step == "clear" else form(title=plain(step))
        ack(response_action=step, view=view) if view else ack(response_action=step)

    sandbox.press("hana", "#ext-kitsune", board, "ask")
    for title in ("push", "update"):
        assert sandbox.submit_view("hana", {"what": "words"}).ok
        sandbox.wait_for_modal("hana", title)
    assert sandbox.submit_view("hana", {"what": "words"}).ok
    assert sandbox.modal("hana") is None


def test_an_unfit_view_in_an_answer_is_told_to_the_person(
    sandbox: Sandbox, bot: App, board: str
) -> None:
    @bot.action("ask")
    def ask(ack: Any, body: Json, client: Any) -> None:
        client.views_open(trigger_id=body["trigger_id"], view=form())
        ack()

    bot.view("form")(lambda ack: ack(response_action="update", view=form(title=plain("x" * 25))))
    sandbox.press("hana", "#ext-kitsune", board, "ask")
    assert sandbox.submit_view("hana", {"what": "words"}).error == "invalid_answer"
    assert "json-pointer:/view/title/text" in sandbox.notices("hana")[-1]


def test_a_trigger_works_once_and_soon(sandbox: Sandbox, bot: App, board: str) -> None:
    errors: list[str] = []

    @bot.action("ask")
    def ask(ack: Any, body: Json, client: Any) -> None:
        ack()
        for trigger in (body["trigger_id"], body["trigger_id"], "1.2.abc"):
            answer = client.api_call("views.open", json={"trigger_id": trigger, "view": form()})
            errors.append(answer.get("error", ""))

    @bot.error
    def failed(error: Any) -> None:
        errors.append(error.response["error"])

    sandbox.press("hana", "#ext-kitsune", board, "ask")
    sandbox.wait_for(lambda: len(errors) == 2)
    assert errors == ["", "exchanged_trigger_id"]


def test_closing_a_modal_is_told_to_the_app_that_asked_for_it(
    sandbox: Sandbox, bot: App, board: str
) -> None:
    closed: list[bool] = []

    @bot.action("ask")
    def ask(ack: Any, body: Json, client: Any) -> None:
        client.views_open(trigger_id=body["trigger_id"], view=form(notify_on_close=True))
        ack()

    bot.view_closed("form")(lambda ack, body: (ack(), closed.append(body["is_cleared"])))
    sandbox.press("hana", "#ext-kitsune", board, "ask")
    assert sandbox.close_view("hana").ok
    assert closed == [False]
    assert sandbox.modal("hana") is None


# Home, direct messages, commands, shortcuts


def test_opening_home_lets_the_app_publish_it(sandbox: Sandbox, bot: App) -> None:
    pressed: list[Json] = []

    @bot.event("app_home_opened")
    def opened(event: Json, client: Any) -> None:
        blocks = [
            {"type": "header", "text": plain("Welcome")},
            {"type": "actions", "elements": [button("New", "new")]},
        ]
        client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})

    bot.action("new")(lambda ack, body: (ack(), pressed.append(body)))
    sandbox.open_home("arun")
    assert sandbox.wait_for_home("arun", "Welcome").buttons == ["New"]
    sandbox.press_in_home("arun", "New")
    assert pressed[0]["view"]["type"] == "home"


def test_a_direct_message_reaches_the_app_as_im(sandbox: Sandbox, bot: App) -> None:
    heard: list[Json] = []
    bot.event("message")(lambda event: heard.append(event))
    bot.event("app_home_opened")(lambda: None)
    direct = sandbox.open_dm("hana")
    sandbox.say("hana", direct, "@supportbot hello")
    sandbox.wait_for(lambda: heard)
    assert sandbox.deliveries.wait_until_quiet()
    assert heard[0]["channel_type"] == "im"
    assert "app_mention" not in [report.kind for report in sandbox.deliveries.reports]


def test_a_command_is_answered_for_the_person_alone_or_for_all(
    sandbox: Sandbox, bot: App, workspace: Workspace
) -> None:
    texts: list[str] = []

    @bot.command("/support")
    def support(ack: Any, command: Json) -> None:
        texts.append(command["text"])
        kind = "in_channel" if "all" in command["text"] else "ephemeral"
        ack(text="noted", response_type=kind)

    sandbox.command("mika", "#support-desk", "/support", "me <b> @arun")
    assert sandbox.sees("arun", "#support-desk") == []
    sandbox.command("mika", "#support-desk", "/support", "all")
    assert [seen.text for seen in sandbox.sees("arun", "#support-desk")] == ["noted"]
    arun = workspace.find_person("arun")
    assert texts[0] == f"me &lt;b&gt; <@{arun.id}|arun>"


def test_shortcuts_carry_the_message_they_were_used_on(sandbox: Sandbox, bot: App) -> None:
    bodies: list[Json] = []
    for name in ("create", "search"):
        bot.shortcut(name)(lambda ack, body: (ack(), bodies.append(body)))
    ts = sandbox.say("hana", "#ext-kitsune", "it is slow").ts
    assert sandbox.message_shortcut("mika", "#ext-kitsune", ts, "create").ok
    assert sandbox.global_shortcut("mika", "search").ok
    assert (bodies[0]["type"], bodies[0]["message"]["text"]) == ("message_action", "it is slow")
    assert bodies[1]["type"] == "shortcut"


# Seeing


def test_waiting_in_vain_says_what_was_seen_instead(sandbox: Sandbox) -> None:
    sandbox.say("hana", "#ext-kitsune", "something else")
    with pytest.raises(NotSeenError) as caught:
        sandbox.wait_to_see("hana", "#ext-kitsune", "an answer", timeout=0.05)
    assert "Hana Mori looked for 'an answer'" in str(caught.value)
    assert "Hana Mori: something else" in str(caught.value)


def test_a_message_is_seen_with_its_buttons_files_and_marks(sandbox: Sandbox, board: str) -> None:
    sandbox.react("hana", "#ext-kitsune", board, "ticket")
    seen = sandbox.sees("hana", "#ext-kitsune")[0]
    assert seen.buttons == ["Ask", "Helpful", "Not helpful"]
    assert ":ticket:" in str(seen)
    ts = sandbox.upload("hana", "#ext-kitsune", "log.txt", b"x", thread_ts=board).ts
    sandbox.edit("hana", "#ext-kitsune", ts, "the log")
    reply = sandbox.sees("mika", "#ext-kitsune", thread_ts=board)[-1]
    assert str(reply) == "Hana Mori (edited): the log\n<log.txt>"
