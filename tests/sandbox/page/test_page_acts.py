"""What people do on the page."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from block_kinds import button, modal, mrkdwn, option, options, plain, question
from page_visitor import Visitor, as_file, elements
from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.sandbox.server import Sandbox

Connect = Callable[[], object]
Body = dict[str, Any]


def test_words_typed_on_the_page_arrive_as_slack_would_send_them(
    hana: Visitor, sandbox: Sandbox
) -> None:
    reply = hana.act("say", "#ext-kitsune", text=" @supportbot a < b \n")
    assert reply.json["ok"]
    message = sandbox.workspace.messages.get(hana.channel("#ext-kitsune"), reply.json["ts"])
    assert message is not None
    assert message.text == f"<@{sandbox.workspace.app.bot_user}> a &lt; b"
    assert message.user == hana.id


def test_files_go_along_with_or_without_words(hana: Visitor, sandbox: Sandbox) -> None:
    hana.act("say", "#ext-kitsune", text="", files=[as_file("a.txt", b"one")])
    hana.act("say", "#ext-kitsune", text="two", files=[as_file("b.txt", b"two")])
    assert [one.files for one in sandbox.sees("mika", "#ext-kitsune")] == [("a.txt",), ("b.txt",)]
    refused = hana.act("say", "#ext-kitsune", text="x", files=[{"name": "c.txt"}])
    assert refused.status == 409


def test_nothing_typed_sends_nothing(hana: Visitor, sandbox: Sandbox) -> None:
    assert hana.act("say", "#ext-kitsune", text=" \n").status == 409
    assert sandbox.sees("hana", "#ext-kitsune") == []


def test_replies_can_also_go_to_the_channel(hana: Visitor, sandbox: Sandbox) -> None:
    root = hana.act("say", "#ext-kitsune", text="root").json["ts"]
    hana.act("say", "#ext-kitsune", text="quiet", thread_ts=root)
    hana.act("say", "#ext-kitsune", text="loud", thread_ts=root, broadcast=True)
    assert [one.text for one in sandbox.sees("mika", "#ext-kitsune")] == ["root", "loud"]


def test_own_messages_can_be_edited_and_deleted_others_not(hana: Visitor, mika: Visitor) -> None:
    ts = hana.act("say", "#ext-kitsune", text="@mika frist & <b>").json["ts"]
    assert "@mika frist &amp; &lt;b&gt;" in hana.pane("editor", "#ext-kitsune", ts=ts)
    assert "frist" not in mika.pane("editor", "#ext-kitsune", ts=ts)
    assert mika.act("edit", "#ext-kitsune", ts=ts, text="mine now").status == 409
    assert hana.act("edit", "#ext-kitsune", ts=ts, text=" ").status == 409
    assert hana.act("edit", "#ext-kitsune", ts=ts, text="first").json["ok"]
    assert "first" in mika.pane("messages", "#ext-kitsune")
    menu = elements(mika.pane("messages", "#ext-kitsune"), "button", data_act="delete")
    assert menu == []
    assert hana.act("delete", "#ext-kitsune", ts=ts).json["ok"]
    assert "first" not in mika.pane("messages", "#ext-kitsune")


def test_reactions_and_pins_are_added_and_taken_back(hana: Visitor, sandbox: Sandbox) -> None:
    ts = hana.act("say", "#ext-kitsune", text="hello").json["ts"]
    channel = sandbox.workspace.find_channel("#ext-kitsune")
    for has_it in (True, False):
        assert hana.act("react", "#ext-kitsune", ts=ts, name="eyes").json["ok"]
        assert hana.act("pin", "#ext-kitsune", ts=ts).json["ok"]
        assert (sandbox.sees("hana", channel)[0].reactions == ("eyes",)) is has_it
        assert (channel.pins == [ts]) is has_it


def test_commands_reach_the_app_and_are_refused_to_external_members(
    hana: Visitor, mika: Visitor, sandbox: Sandbox, app: App, connect: Connect
) -> None:
    @app.command("/support-status")
    def status(ack: Ack, body: Body) -> None:
        ack(f"asked for {body['text']}")

    connect()
    assert mika.act("say", "#support-desk", text="/support-status SUP-1001").json["ok"]
    assert sandbox.sees("mika", "#support-desk")[0].text == "asked for SUP-1001"
    refused = hana.act("say", "#ext-kitsune", text="/support-status SUP-1001")
    assert refused.status == 409
    assert "not installed in Kitsune Games" in refused.json["error"]
    in_thread = mika.act("say", "#support-desk", text="/support-status", thread_ts="1.0")
    assert "cannot be used in a thread" in in_thread.json["error"]


def test_shortcuts_are_offered_to_those_who_may_use_them(
    hana: Visitor, mika: Visitor, sandbox: Sandbox, app: App, connect: Connect
) -> None:
    started: list[str] = []

    @app.shortcut("from_message")
    def from_message(ack: Ack, body: Body) -> None:
        ack()
        started.append(body["message"]["text"])

    connect()
    ts = sandbox.say("hana", "#ext-kitsune", "please help").ts
    menu = elements(mika.pane("messages", "#ext-kitsune"), "button", data_act="message_shortcut")
    assert [one.words for one in menu] == ["Create support requestsupportbot"]
    assert mika.act("message_shortcut", "#ext-kitsune", ts=ts, callback_id="from_message").json[
        "ok"
    ]
    assert started == ["please help"]
    assert "not offered to external members" in hana.pane("messages", "#ext-kitsune")
    refused = hana.act("message_shortcut", "#ext-kitsune", ts=ts, callback_id="from_message")
    assert refused.status == 409


def test_a_press_carries_value_and_choice(
    hana: Visitor, app: App, client: WebClient, connect: Connect
) -> None:
    pressed: list[Body] = []

    @app.action("go")
    @app.action("pick")
    def press(ack: Ack, body: Body) -> None:
        ack()
        pressed.append(body["actions"][0])

    connect()
    menu = {"type": "static_select", "action_id": "pick", "options": options("cluster")}
    twins = [
        {"type": "actions", "block_id": "first", "elements": [button("Go", "go", value="1")]},
        {
            "type": "actions",
            "block_id": "second",
            "elements": [button("Go", "go", value="2"), menu],
        },
    ]
    ts = client.chat_postMessage(channel=hana.channel("#ext-kitsune"), text="x", blocks=twins)["ts"]
    shared = {"ts": ts, "block_id": "second"}
    hana.act("press", "#ext-kitsune", action_id="go", value="2", **shared)
    hana.act("press", "#ext-kitsune", action_id="pick", choice="2", **shared)
    assert [one.get("value") for one in pressed] == ["2", None]
    assert pressed[1]["selected_option"]["value"] == "2"
    chosen = elements(hana.pane("messages", "#ext-kitsune"), "option", selected="")
    assert [one.words for one in chosen] == ["cluster two"]


def test_an_app_that_does_not_answer_is_told_of_as_a_notice(
    hana: Visitor, sandbox: Sandbox, client: WebClient
) -> None:
    blocks = [{"type": "actions", "elements": [button("Go", "go")]}]
    ts = client.chat_postMessage(channel=hana.channel("#ext-kitsune"), text="x", blocks=blocks)[
        "ts"
    ]
    reply = hana.act("press", "#ext-kitsune", ts=ts, action_id="go")
    assert reply.json["failed"]
    assert "did not answer" in sandbox.notices("hana")[0]


FORM = modal(
    question("Summary", "summary", {"type": "plain_text_input", "max_length": 20}),
    question("E-mail", "mail", {"type": "email_text_input"}, optional=True),
    question("Topics", "topics", {"type": "checkboxes", "options": options("topic")}),
    question("Due", "due", {"type": "datetimepicker"}, optional=True),
    question("Log", "log", {"type": "file_input"}, optional=True),
    {
        "type": "section",
        "block_id": "kind",
        "text": mrkdwn("*Kind*"),
        "accessory": {
            "type": "static_select",
            "action_id": "kind",
            "options": [option("Question"), option("Fault")],
        },
    },
)


def values(**choices: Any) -> list[Body]:
    return [
        {"block_id": block_id, "action_id": "value", "choice": choice}
        for block_id, choice in choices.items()
    ]


def test_a_form_is_not_sent_while_something_is_amiss_and_says_what(
    hana: Visitor, sandbox: Sandbox
) -> None:
    sandbox.workspace.views.open(hana.id, FORM)
    reply = hana.act("submit", values=values(summary="", mail="nobody", topics=[]))
    assert reply.json["ok"]
    complaints = [one.words for one in elements(hana.pane("modal"), class_="field-error")]
    assert complaints == [
        "Please fill this in.",
        "This is not an e-mail address.",
        "Please fill this in.",
    ]


def test_a_form_reaches_the_app_with_what_was_entered(
    hana: Visitor, sandbox: Sandbox, app: App, connect: Connect
) -> None:
    received: list[Body] = []

    @app.view("request")
    def submitted(ack: Ack, view: Body) -> None:
        received.append(view["state"]["values"])
        if len(received) == 1:
            ack(response_action="errors", errors={"summary": "Say more."})
        else:
            ack()

    connect()
    sandbox.workspace.views.open(hana.id, FORM)
    entered = values(
        summary="It is slow", topics=["2"], due=1_790_000_000, log=[as_file("a.log", b"slow")]
    )
    hana.act("submit", values=entered)
    state = received[0]
    assert state["summary"]["value"]["value"] == "It is slow"
    assert [one["value"] for one in state["topics"]["value"]["selected_options"]] == ["2"]
    assert state["due"]["value"]["selected_date_time"] == 1_790_000_000
    assert state["log"]["value"]["files"][0]["name"] == "a.log"
    form = hana.pane("modal")
    assert [one.words for one in elements(form, class_="field-error")] == ["Say more."]
    assert 'value="It is slow"' in form
    hana.act("submit", values=entered)
    assert hana.pane("modal").strip() == ""


def test_choosing_in_a_form_tells_the_app_what_stands_in_it_so_far(
    hana: Visitor, sandbox: Sandbox, app: App, connect: Connect, client: WebClient
) -> None:
    @app.action("kind")
    def chosen(ack: Ack, body: Body) -> None:
        ack()
        state = body["view"]["state"]["values"]
        words = f"{state['summary']['value']['value']}: {body['actions'][0]['selected_option']}"
        more = {"type": "section", "text": plain(f"seen {words[:12]}")}
        client.views_update(
            view_id=body["view"]["id"], view={**FORM, "blocks": [*FORM["blocks"], more]}
        )

    connect()
    sandbox.workspace.views.open(hana.id, FORM)
    half_typed = values(summary="It is slow", mail="half@", topics=["1"])
    reply = hana.act(
        "press_in_modal", action_id="kind", block_id="kind", choice="Fault", values=half_typed
    )
    assert reply.json == {"ok": True}
    sandbox.wait_for(lambda: "seen It is slow" in hana.pane("modal"))
    form = hana.pane("modal")
    assert 'value="It is slow"' in form
    assert {one.words for one in elements(form, "option", selected="")} == {"Fault"}


def test_a_form_can_be_closed(hana: Visitor, sandbox: Sandbox) -> None:
    sandbox.workspace.views.open(hana.id, FORM)
    assert hana.act("close_view").json["ok"]
    assert sandbox.modal("hana") is None
    assert "no modal" in hana.act("close_view").json["error"]


@pytest.mark.parametrize(
    ("kind", "origin"),
    [
        ("text/plain", None),
        ("application/x-www-form-urlencoded", None),
        ("application/json", "https://elsewhere.example"),
        ("application/json", "null"),
    ],
)
def test_posts_from_another_page_are_refused(
    hana: Visitor, sandbox: Sandbox, kind: str, origin: str | None
) -> None:
    if origin is not None:
        hana.headers["Origin"] = origin
    body = {"person": hana.id, "channel": hana.channel("#ext-kitsune"), "text": "forged"}
    assert hana.post("/page/act/say", json.dumps(body).encode(), kind).status == 403
    assert sandbox.sees("hana", "#ext-kitsune") == []


def test_the_page_answers_only_to_its_own_name(hana: Visitor) -> None:
    hana.headers["Host"] = "rebound.example"
    assert hana.fetch("/").status == 400


@pytest.mark.parametrize("body", [b"[]", b"{", b"{}", b'{"person": "U404"}', b'{"person": 1}'])
def test_a_post_that_makes_no_sense_is_refused_with_a_sentence(hana: Visitor, body: bytes) -> None:
    reply = hana.post("/page/act/say", body)
    assert reply.status == 409
    assert reply.json["error"].endswith((".", ")"))


def test_an_unknown_act_is_refused(hana: Visitor) -> None:
    assert hana.act("uninstall").status == 409
