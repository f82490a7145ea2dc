"""Events and interactions on their way to a real Bolt app, over sockets and signed HTTP."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from slack_bolt import App, BoltRequest
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from bot.sandbox.rate_limits import RateLimits
from bot.sandbox.scenes import demo_scene
from bot.sandbox.server import Sandbox
from bot.sandbox.workspace import Workspace

Body = dict[str, Any]
Connect = Callable[[], SocketModeHandler]


@pytest.fixture
def heard(app: App) -> list[Body]:
    """Bodies of all events, in the order of arrival."""
    bodies: list[Body] = []

    @app.event({"type": "message", "subtype": None})
    @app.event({"type": "message"})
    def on_message(body: Body) -> None:
        bodies.append(body)

    for name in ("app_mention", "reaction_added", "app_home_opened", "file_shared"):
        app.event(name)(lambda body: bodies.append(body))
    for name in ("channel_shared", "channel_id_changed", "member_joined_channel", "tokens_revoked"):
        app.event(name)(lambda body: bodies.append(body))
    return bodies


def settled(sandbox: Sandbox, heard: list[Body], count: int) -> list[Body]:
    sandbox.wait_for(lambda: len(heard) >= count, describe=lambda: f"heard {heard}")
    assert sandbox.deliveries.wait_until_quiet()
    return heard


def events(heard: list[Body], kind: str) -> list[Body]:
    return [body["event"] for body in heard if body["event"]["type"] == kind]


def test_a_customers_mention_comes_as_two_events_with_the_author_s_own_team(
    sandbox: Sandbox, workspace: Workspace, connect: Connect, heard: list[Body]
) -> None:
    connect()
    said = sandbox.say("hana", "#ext-kitsune", "@supportbot help")
    hana = workspace.find_person("hana")
    bodies = settled(sandbox, heard, 2)
    assert {body["event"]["type"] for body in bodies} == {"message", "app_mention"}
    assert len({body["event_id"] for body in bodies}) == 2
    for body in bodies:
        assert body["team_id"] == body["authorizations"][0]["team_id"] == workspace.vendor.id
        assert body["is_ext_shared_channel"] is True
        assert body["event"]["user_team"] == body["event"]["source_team"] == hana.organisation
        assert body["event"]["ts"] == said.ts
        assert body["event"]["text"] == f"<@{workspace.app.bot_user}> help"
    assert events(bodies, "message")[0]["channel_type"] == "channel"


def test_the_two_events_of_a_mention_come_in_either_order(
    sandbox: Sandbox, connect: Connect, heard: list[Body]
) -> None:
    connect()
    for n in range(20):
        sandbox.say("hana", "#ext-kitsune", f"@supportbot {n}")
    settled(sandbox, heard, 40)
    acknowledged = [report.kind for report in sandbox.deliveries.reports]
    first_of_each = set(acknowledged[::2])
    assert first_of_each == {"message", "app_mention"}


def test_staff_messages_carry_no_foreign_team(
    sandbox: Sandbox, connect: Connect, heard: list[Body]
) -> None:
    connect()
    sandbox.say("mika", "#ext-kitsune", "hello")
    event = settled(sandbox, heard, 1)[0]["event"]
    assert "user_team" not in event


def test_edits_deletes_and_unfurls_arrive_as_changes(
    sandbox: Sandbox, connect: Connect, heard: list[Body]
) -> None:
    connect()
    ts = sandbox.say("hana", "#ext-kitsune", "frist").ts
    sandbox.edit("hana", "#ext-kitsune", ts, "first")
    sandbox.unfurl("#ext-kitsune", ts)
    sandbox.delete("hana", "#ext-kitsune", ts)
    found = {
        (event.get("subtype"), event.get("message", {}).get("text")): event
        for event in events(settled(sandbox, heard, 4), "message")
    }
    changes = [event for key, event in found.items() if key[0] == "message_changed"]
    assert changes[0]["previous_message"]["ts"] == ts
    assert found["message_deleted", None]["deleted_ts"] == ts
    assert found["message_deleted", None]["previous_message"]["text"] == "first"
    edited = [
        body["event"]["message"].get("edited")
        for body in heard
        if body["event"].get("previous_message", {}).get("text") == "frist"
    ]
    assert edited[0]["user"]


def test_the_bots_own_message_echoes_back_with_its_metadata(
    sandbox: Sandbox, workspace: Workspace, client: WebClient
) -> None:
    channel = workspace.find_channel("ext-kitsune").id
    keyed = {"event_type": "sent", "event_payload": {"key": "k1"}}
    client.chat_postMessage(channel=channel, text="x", metadata=keyed)
    event = sandbox.deliveries.sent[-1]["event"]  # Bolt would hide it from the listeners
    assert event["bot_id"] == workspace.app.bot_id
    assert event["app_id"] == workspace.app.app_id
    assert event["metadata"] == keyed


def test_ephemeral_messages_make_no_events(
    sandbox: Sandbox, workspace: Workspace, client: WebClient
) -> None:
    channel, hana = workspace.find_channel("ext-kitsune"), workspace.find_person("hana")
    ts = client.chat_postEphemeral(channel=channel.id, user=hana.id, text="psst")["message_ts"]
    whisper = workspace.messages.get(channel.id, str(ts))
    assert whisper is not None
    workspace.messages.delete(whisper, workspace.app.bot_user)
    assert list(sandbox.deliveries.sent) == []


def test_channel_life_is_told(
    sandbox: Sandbox, workspace: Workspace, connect: Connect, heard: list[Body]
) -> None:
    connect()
    desk = workspace.find_channel("support-desk")
    old = desk.id
    sandbox.share(desk, "Lotus Retail")
    sandbox.join("lin", desk, inviter="mika")
    new = sandbox.change_channel_id(desk)
    sandbox.open_home("lin")
    settled(sandbox, heard, 5)
    lotus = workspace.find_person("lin").organisation
    assert events(heard, "channel_shared")[0]["connected_team_id"] == lotus
    assert events(heard, "member_joined_channel")[0]["team"] == lotus
    assert events(heard, "message")[0]["subtype"] == "channel_join"
    changed = events(heard, "channel_id_changed")[0]
    assert (changed["old_channel_id"], changed["new_channel_id"]) == (old, new)
    assert events(heard, "app_home_opened")[0]["tab"] == "home"


def test_an_unacknowledged_event_comes_again_marked_as_a_retry(
    sandbox: Sandbox, app: App, connect: Connect
) -> None:
    tries: list[tuple[str, Any]] = []

    @app.middleware
    def note(body: Body, next_: Callable[[], Any], request: BoltRequest) -> Any:
        headers = {name: values[0] for name, values in request.headers.items()}
        tries.append((body["event_id"], headers.get("x-slack-retry-num")))
        if len(tries) < 3:
            raise RuntimeError("not stored")
        return next_()

    app.event("message")(lambda: None)
    app.error(lambda: None)
    connect()
    sandbox.deliveries.ack_seconds = 0.1
    sandbox.say("hana", "#ext-kitsune", "hello")
    sandbox.wait_for(lambda: len(tries) == 3)
    assert sandbox.deliveries.wait_until_quiet()
    assert len({event_id for event_id, _ in tries}) == 1
    outcomes = [report.outcome for report in sandbox.deliveries.reports]
    assert outcomes == ["timeout", "timeout", "acknowledged"]
    assert [number for _, number in tries] == ["0", "1", "2"]


def test_an_event_is_given_up_after_four_attempts(sandbox: Sandbox) -> None:
    sandbox.say("hana", "#ext-kitsune", "nobody is connected")
    assert sandbox.deliveries.wait_until_quiet()
    assert [report.attempt for report in sandbox.deliveries.reports] == [0, 1, 2, 3]
    assert len(sandbox.deliveries.undelivered) == 1


def test_a_payload_goes_to_one_of_several_sockets(
    sandbox: Sandbox, connect: Connect, heard: list[Body]
) -> None:
    connect()
    connect()
    for n in range(10):
        sandbox.say("hana", "#ext-kitsune", str(n))
    texts = sorted(event["text"] for event in events(settled(sandbox, heard, 10), "message"))
    assert texts == [str(n) for n in range(10)]


def test_a_refreshed_socket_is_replaced_by_a_new_one(
    sandbox: Sandbox, connect: Connect, heard: list[Body]
) -> None:
    connect()
    sandbox.refresh_sockets()
    sandbox.wait_for(lambda: sandbox.sockets.connections_ever == 2)
    sandbox.say("hana", "#ext-kitsune", "still there?")
    settled(sandbox, heard, 1)


def test_only_what_the_manifest_subscribes_to_is_delivered(tmp_path: Path) -> None:
    path = tmp_path / "app.yml"
    path.write_text(
        "oauth_config: {scopes: {bot: [channels:history, app_mentions:read]}}\n"
        "settings: {event_subscriptions: {bot_events: [app_mention, reaction_added]}}\n",
        encoding="utf-8",
    )
    with Sandbox(demo_scene(), path, retry_after=()) as sandbox:
        ts = sandbox.say("hana", "#ext-kitsune", "@supportbot hi").ts
        sandbox.react("hana", "#ext-kitsune", ts, "eyes")  # subscribed, but without the scope
        assert sandbox.deliveries.wait_until_quiet()
        assert [report.kind for report in sandbox.deliveries.reports] == ["app_mention"]


# Signed HTTP


def test_everything_reaches_one_signed_request_url(
    sandbox: Sandbox, app: App, request_url: str, heard: list[Body]
) -> None:
    @app.command("/support-status")
    def status(ack: Any, command: Body) -> None:
        ack(f"status of {command['text']}")

    sandbox.deliver_to(request_url)
    sandbox.say("hana", "#ext-kitsune", "日本語")
    assert settled(sandbox, heard, 1)[0]["event"]["text"] == "日本語"
    assert sandbox.command("mika", "#support-desk", "/support-status", "SUP-1001").ok
    sandbox.wait_to_see("mika", "#support-desk", "status of SUP-1001")


def test_a_request_url_is_challenged(sandbox: Sandbox, request_url: str) -> None:
    assert sandbox.challenge(request_url)
    assert not sandbox.challenge("http://127.0.0.1:9/nobody")


def test_a_wrong_signing_secret_is_refused_and_retried(
    sandbox: Sandbox, app: App, request_url: str
) -> None:
    sandbox.signing_secret = "another"
    sandbox.deliver_to(request_url)
    sandbox.say("hana", "#ext-kitsune", "hello")
    assert sandbox.deliveries.wait_until_quiet()
    assert {report.outcome for report in sandbox.deliveries.reports} == {"http_error"}
    assert len(sandbox.deliveries.reports) == 4


def test_a_stopped_sandbox_stops_at_once_even_with_work_under_way() -> None:
    sandbox = Sandbox(demo_scene(), rate_limits=RateLimits.off()).start()
    sandbox.say("hana", "#ext-kitsune", "waits a minute for its retry")
    started = time.monotonic()
    sandbox.stop()
    assert time.monotonic() - started < 1.0
