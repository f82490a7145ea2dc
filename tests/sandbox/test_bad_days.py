"""A bad day, on command."""

from __future__ import annotations

import time
from typing import Any

import pytest
from slack_bolt import App
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.sandbox.faults import Faults
from bot.sandbox.server import Sandbox
from bot.sandbox.workspace import Workspace

Body = dict[str, Any]


@pytest.fixture
def kitsune(workspace: Workspace) -> str:
    return workspace.find_channel("ext-kitsune").id


@pytest.fixture
def heard(sandbox: Sandbox, app: App, request_url: str) -> list[Body]:
    bodies: list[Body] = []
    app.event("message")(lambda body: bodies.append(body))
    sandbox.deliver_to(request_url)
    return bodies


def texts(sandbox: Sandbox) -> list[str]:
    return [seen.text for seen in sandbox.sees("hana", "#ext-kitsune")]


@pytest.mark.parametrize(
    ("answer", "status"), [("http_500", 500), ("http_503", 503), ("ratelimited", 429)]
)
def test_a_call_fails_before_anything_happened(
    sandbox: Sandbox, client: WebClient, kitsune: str, answer: Any, status: int
) -> None:
    sandbox.faults.call("chat.postMessage", answer, retry_after=7)
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel=kitsune, text="x")
    assert caught.value.response.status_code == status
    if answer == "ratelimited":
        assert caught.value.response.headers["Retry-After"] == "7"
    assert texts(sandbox) == []
    client.chat_postMessage(channel=kitsune, text="the fault was for one call")


@pytest.mark.parametrize("answer", ["http_500", "fatal_error", "reset", "timeout"])
def test_a_call_fails_after_it_was_carried_out(
    sandbox: Sandbox, client: WebClient, kitsune: str, answer: Any
) -> None:
    sandbox.faults.call("chat.postMessage", answer, when="after", seconds=0.05)
    with pytest.raises((SlackApiError, OSError)):
        client.chat_postMessage(channel=kitsune, text="posted all the same")
    assert texts(sandbox) == ["posted all the same"]


def test_a_delayed_answer_is_still_an_answer(
    sandbox: Sandbox, client: WebClient, kitsune: str
) -> None:
    sandbox.faults.call("chat.postMessage", "ok", seconds=0.1)
    started = time.monotonic()
    client.chat_postMessage(channel=kitsune, text="x")
    assert time.monotonic() - started >= 0.1


def test_history_lags_behind_on_command(sandbox: Sandbox, client: WebClient, kitsune: str) -> None:
    client.chat_postMessage(channel=kitsune, text="x")
    sandbox.faults.lag_history(60)
    assert client.conversations_history(channel=kitsune)["messages"] == []
    sandbox.faults.clear()
    assert len(client.conversations_history(channel=kitsune)["messages"]) == 1


def test_a_lost_acknowledgement_brings_the_same_event_again(
    sandbox: Sandbox, heard: list[Body]
) -> None:
    sandbox.faults.deliver("lose_ack", "message", times=2)
    sandbox.say("hana", "#ext-kitsune", "hello")
    assert sandbox.deliveries.wait_until_quiet()
    sandbox.wait_for(lambda: len(heard) == 3)
    assert len({body["event_id"] for body in heard}) == 1


def test_a_doubled_event_has_an_id_of_its_own(sandbox: Sandbox, heard: list[Body]) -> None:
    sandbox.faults.deliver("double", "message")
    ts = sandbox.say("hana", "#ext-kitsune", "hello").ts
    assert sandbox.deliveries.wait_until_quiet()
    sandbox.wait_for(lambda: len(heard) == 2)
    assert len({body["event_id"] for body in heard}) == 2
    assert {body["event"]["ts"] for body in heard} == {ts}


def test_the_last_event_can_be_sent_again(sandbox: Sandbox, heard: list[Body]) -> None:
    sandbox.say("hana", "#ext-kitsune", "hello")
    sandbox.deliveries.redeliver_last()
    sandbox.wait_for(lambda: len(heard) == 2)


def test_a_lost_payload_arrives_with_the_next_attempt(sandbox: Sandbox, heard: list[Body]) -> None:
    sandbox.deliveries.ack_seconds = 0.1
    sandbox.faults.deliver("lose_payload", "message")
    sandbox.say("hana", "#ext-kitsune", "hello")
    sandbox.wait_for(lambda: len(heard) == 1)
    assert sandbox.deliveries.wait_until_quiet()
    assert [report.attempt for report in sandbox.deliveries.reports] == [0, 1]


def test_a_deaf_socket_keeps_its_payloads_to_itself(
    sandbox: Sandbox, app: App, connect: Any
) -> None:
    bodies: list[Body] = []
    app.event("message")(lambda body: bodies.append(body))
    connect()
    sandbox.faults.deafen_sockets(1)
    sandbox.deliveries.ack_seconds = 0.1
    sandbox.say("hana", "#ext-kitsune", "hello")
    assert sandbox.deliveries.wait_until_quiet()
    assert bodies == []
    assert {report.outcome for report in sandbox.deliveries.reports} == {"timeout"}


def test_dropped_sockets_come_back(sandbox: Sandbox, app: App, connect: Any) -> None:
    bodies: list[Body] = []
    app.event("message")(lambda body: bodies.append(body))
    connect()
    sandbox.faults.drop_sockets()
    sandbox.wait_for(lambda: sandbox.sockets.connections_ever == 2)
    sandbox.say("hana", "#ext-kitsune", "hello")
    sandbox.wait_for(lambda: bodies)


def test_random_faults_repeat_with_their_seed() -> None:
    def strikes(seed: int) -> list[bool]:
        faults = Faults(seed)
        faults.call("*", "http_500", times=None, probability=0.5)
        return [faults.for_call("chat.update", "before") is not None for _ in range(50)]

    assert strikes(1) == strikes(1) != strikes(2)
    assert 10 < sum(strikes(1)) < 40
