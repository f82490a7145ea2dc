"""Signed HTTP: only what Slack signed a moment ago comes in, and what comes in is saved first."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit

import pytest
from slack_sdk.signature import SignatureVerifier
from sqlmodel import select

from bot.desk.errors import SetupFault
from bot.service.house import House
from bot.slack.gateway import web_client
from bot.slack.listeners import build_app
from bot.slack.transports import EVENTS_PATH, LARGEST_BODY, HttpTransport
from bot.storage.tables import Inbox
from tests.support.house import US

SECRET = "signing" * 4
MESSAGE = {
    "type": "event_callback",
    "event_id": "Ev1",
    "team_id": US.team,
    "authorizations": [{"team_id": US.team, "user_id": US.user, "is_bot": True}],
    "event": {
        "type": "message",
        "channel": "C1",
        "channel_type": "channel",
        "user": "U2LEO",
        "text": "prod-1 is slow",
        "ts": "1.0",
    },
}


@pytest.fixture
def address(house: House) -> Iterator[str]:
    nobody = web_client("", "http://127.0.0.1:9/api/")
    app = build_app(house, nobody, "-".join(("xoxb", "not", "real")), SECRET)
    transport = HttpTransport(app, 0, host="127.0.0.1")
    transport.start()
    yield transport.address
    transport.stop()


def sent(
    address: str,
    body: str,
    *,
    secret: str = SECRET,
    age: float = 0,
    headers: dict[str, str] | None = None,
) -> tuple[int, str]:
    """Post a signed body; returns status and answer."""
    stamp = str(int(time.time() - age))
    signature = SignatureVerifier(secret).generate_signature(timestamp=stamp, body=body)
    kind = "application/json" if body.startswith("{") else "application/x-www-form-urlencoded"
    request = urllib.request.Request(
        address,
        data=body.encode("utf-8"),
        headers={
            "Content-Type": kind,
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": signature or "",
            **(headers or {}),
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode("utf-8")
    except HTTPError as error:
        with error:
            return error.code, error.read().decode("utf-8")


def saved(house: House) -> list[str]:
    with house.database.reading() as session:
        return list(session.exec(select(Inbox.kind).order_by(Inbox.id)))


def test_a_signed_event_is_saved_before_slack_is_told(house: House, address: str) -> None:
    assert sent(address, json.dumps(MESSAGE))[0] == 200
    assert saved(house) == ["MessagePosted"]


def test_a_retry_is_acknowledged_and_saved_once(house: House, address: str) -> None:
    retry = {"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"}
    assert sent(address, json.dumps(MESSAGE))[0] == 200
    assert sent(address, json.dumps(MESSAGE), headers=retry)[0] == 200
    assert saved(house) == ["MessagePosted"]


def test_the_retry_may_be_the_only_copy(house: House, address: str) -> None:
    retry = {"X-Slack-Retry-Num": "3", "X-Slack-Retry-Reason": "http_error"}
    assert sent(address, json.dumps(MESSAGE), headers=retry)[0] == 200
    assert saved(house) == ["MessagePosted"]


@pytest.mark.parametrize(
    "forged",
    [
        {"secret": "guessed" * 4},
        {"age": 600},
        {"age": -600},
        {"headers": {"X-Slack-Signature": ""}},
        {"headers": {"X-Slack-Signature": "v0=" + "0" * 64}},
        {"headers": {"X-Slack-Request-Timestamp": ""}},
        {"headers": {"X-Slack-Request-Timestamp": "yesterday"}},
    ],
    ids=[
        "another secret",
        "ten minutes old",
        "from the future",
        "no signature",
        "a made-up signature",
        "no time",
        "a time that is none",
    ],
)
def test_what_slack_did_not_sign_a_moment_ago_is_refused(
    house: House, address: str, forged: dict[str, Any]
) -> None:
    assert sent(address, json.dumps(MESSAGE), **forged)[0] == 401
    assert saved(house) == []


def test_a_signature_is_good_for_its_own_body_only(house: House, address: str) -> None:
    stamp = str(int(time.time()))
    other = SignatureVerifier(SECRET).generate_signature(timestamp=stamp, body='{"a": 1}')
    headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": other or ""}
    assert sent(address, json.dumps(MESSAGE), headers=headers)[0] == 401
    assert saved(house) == []


def test_an_oversized_body_is_refused(house: House, address: str) -> None:
    # Only announced: sent whole, the refusal may be lost in the reset that cuts the sending short.
    place = urlsplit(address)
    connection = HTTPConnection(place.hostname or "", place.port, timeout=10)
    connection.putrequest("POST", place.path)
    connection.putheader("Content-Type", "application/json")
    connection.putheader("Content-Length", str(LARGEST_BODY + 1))
    connection.endheaders(b"{")
    assert connection.getresponse().status == 413
    connection.close()
    assert saved(house) == []


def test_a_database_that_cannot_save_makes_slack_deliver_again(house: House, address: str) -> None:
    Inbox.__table__.drop(house.database.engine)
    assert sent(address, json.dumps(MESSAGE))[0] >= 500


def test_slack_s_challenge_is_answered(address: str) -> None:
    status, answer = sent(address, json.dumps({"type": "url_verification", "challenge": "riddle"}))
    assert status == 200
    assert "riddle" in answer


def test_a_command_is_saved_and_acknowledged_without_words(house: House, address: str) -> None:
    body = urlencode(
        {
            "command": "/support-status",
            "text": "",
            "user_id": "U2LEO",
            "team_id": US.team,
            "channel_id": "C1",
            "trigger_id": "13.37",
            "response_url": "https://hooks.invalid/1",
        }
    )
    assert sent(address, body) == (200, "")
    assert saved(house) == ["CommandGiven"]


def test_a_press_is_saved_and_acknowledged(house: House, address: str) -> None:
    payload = {
        "type": "block_actions",
        "user": {"id": "U2LEO", "team_id": "T1CUSTOMER"},
        "team": {"id": US.team},
        "channel": {"id": "C1"},
        "message": {"ts": "1.0"},
        "actions": [{"type": "button", "action_id": "do.status", "action_ts": "9.0"}],
    }
    body = urlencode({"payload": json.dumps(payload)})
    assert sent(address, body)[0] == 200
    assert saved(house) == ["ButtonPressed"]


def test_a_press_that_only_opens_a_page_is_acknowledged_and_not_saved(
    house: House, address: str
) -> None:
    payload = {
        "type": "block_actions",
        "user": {"id": "U2LEO", "team_id": "T1CUSTOMER"},
        "team": {"id": US.team},
        "actions": [{"type": "button", "action_id": "link.community", "action_ts": "9.0"}],
    }
    assert sent(address, urlencode({"payload": json.dumps(payload)}))[0] == 200
    assert saved(house) == []


@pytest.mark.parametrize(
    ("path", "status"), [("/", 200), ("/healthz", 200), ("/admin", 404), ("/slack", 404)]
)
def test_elsewhere_there_is_only_a_sign_of_life(address: str, path: str, status: int) -> None:
    assert sent(address.replace(EVENTS_PATH, path), "{}")[0] == status


def test_a_taken_port_is_named(house: House, address: str) -> None:
    port = int(address.split(":")[2].partition("/")[0])
    app = build_app(house, web_client("", "http://127.0.0.1:9/api/"), "token", SECRET)
    with pytest.raises(SetupFault, match=rf"SUPPORTBOT_PORT {port} cannot be listened on"):
        HttpTransport(app, port, host="127.0.0.1")
