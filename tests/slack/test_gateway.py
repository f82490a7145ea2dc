"""What a call's outcome means, against a real HTTP server that answers as Slack does."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest

from bot.desk.arrivals import Attachment, MessageEdited, MessagePosted, OwnMessageSeen
from bot.desk.errors import GiveUp, OutcomeUnknown, SupportbotError, TryLater
from bot.service.ports import Profile
from bot.slack.gateway import Gateway, web_client

TOKEN = "-".join(("xoxb", "not", "real"))


@dataclass
class Reply:
    body: str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    how: str = "answer"
    """`drop` closes the connection without an answer, `hang` gives none for a while."""


def ok(**values: Any) -> Reply:
    return Reply(json.dumps({"ok": True, **values}))


def error(name: str, **values: Any) -> Reply:
    return Reply(json.dumps({"ok": False, "error": name, **values}))


@dataclass
class FakeSlack:
    """Gives its replies one after another and keeps what was asked."""

    address: str = ""
    replies: list[Reply] = field(default_factory=list)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    leave: threading.Event = field(default_factory=threading.Event)

    def __call__(self, *replies: Reply) -> FakeSlack:
        self.replies = list(replies)
        return self


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    fake = FakeSlack()

    class Endpoint(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"])).decode("utf-8")
            given = self.headers["Content-Type"].startswith("application/json")
            values = (
                json.loads(sent or "{}") if given else {k: v[0] for k, v in parse_qs(sent).items()}
            )
            fake.asked.append((self.path.rpartition("/")[2], values))
            reply = fake.replies.pop(0)
            if reply.how == "hang":
                fake.leave.wait(5)
            if reply.how != "answer":
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            content = reply.body.encode("utf-8")
            self.send_response(reply.status)
            for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    fake.address = f"http://127.0.0.1:{server.server_port}/api/"
    yield fake
    fake.leave.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def gateway(slack: FakeSlack) -> Gateway:
    client = web_client(TOKEN, slack.address)
    client.timeout = 0.3  # type: ignore[assignment]
    return Gateway(client)


POST = {"channel": "C1", "text": "hello", "metadata": {"event_payload": {"key": "k"}}}
OUTCOMES = {
    "refused for good": (error("channel_not_found"), GiveUp),
    "a mistake of ours": (error("invalid_blocks"), GiveUp),
    "no longer allowed": (error("token_revoked"), GiveUp),
    "too fast": (Reply('{"ok":false,"error":"ratelimited"}', 429, {"Retry-After": "7"}),
                 OutcomeUnknown),
    "too fast, says the body": (error("rate_limited"), OutcomeUnknown),
    "perhaps done": (error("internal_error"), OutcomeUnknown),
    "perhaps done, fatally": (error("fatal_error"), OutcomeUnknown),
    "a page of a proxy": (Reply("<html>Bad gateway</html>", 502), OutcomeUnknown),
    "an empty answer": (Reply("", 500), OutcomeUnknown),
    "a login page": (Reply("<html>Sign in</html>"), OutcomeUnknown),
    "the connection broke": (Reply("", how="drop"), OutcomeUnknown),
    "no answer in time": (Reply("", how="hang"), OutcomeUnknown),
}  # fmt: skip


@pytest.mark.parametrize(("reply", "kind"), OUTCOMES.values(), ids=OUTCOMES.keys())
def test_the_outcome_of_a_post_is_sorted_by_what_to_do_next(
    slack: FakeSlack, gateway: Gateway, reply: Reply, kind: type[SupportbotError]
) -> None:
    with pytest.raises(SupportbotError) as outcome:
        slack(reply) and gateway.call("chat.postMessage", POST)
    assert type(outcome.value) is kind
    assert "chat.postMessage" in str(outcome.value)
    assert TOKEN not in str(outcome.value)
    assert len(slack.asked) == 1


@pytest.mark.parametrize(("reply", "kind"), OUTCOMES.values(), ids=OUTCOMES.keys())
def test_a_call_that_only_reads_may_always_be_repeated(
    slack: FakeSlack, gateway: Gateway, reply: Reply, kind: type[SupportbotError]
) -> None:
    slack(reply)
    with pytest.raises(SupportbotError) as outcome:
        gateway.channel_name("C1")
    assert type(outcome.value) is (GiveUp if kind is GiveUp else TryLater)


@pytest.mark.parametrize(("reply", "kind"), OUTCOMES.values(), ids=OUTCOMES.keys())
def test_the_check_of_the_scopes_fails_as_clearly(
    slack: FakeSlack, gateway: Gateway, reply: Reply, kind: type[SupportbotError]
) -> None:
    slack(reply)
    with pytest.raises((GiveUp, TryLater)):
        gateway.granted_scopes()


def test_an_address_where_nobody_listens_means_surely_not_sent() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    gateway = Gateway(web_client(TOKEN, f"http://127.0.0.1:{port}/api/"))
    with pytest.raises(TryLater, match="Slack cannot be reached"):
        gateway.call("chat.postMessage", POST)


def test_slack_s_wish_to_wait_is_passed_on(slack: FakeSlack, gateway: Gateway) -> None:
    slack(Reply('{"ok":false,"error":"ratelimited"}', 429, {"Retry-After": "7"}))
    with pytest.raises(OutcomeUnknown) as outcome:
        gateway.call("chat.postMessage", POST)
    assert outcome.value.retry_after == 7.0


def test_a_refusal_says_what_is_wrong_with_the_blocks(slack: FakeSlack, gateway: Gateway) -> None:
    details = {"messages": ["[ERROR] must be less than 3001 characters [json-pointer:/blocks/0]"]}
    slack(error("invalid_blocks", response_metadata=details))
    with pytest.raises(GiveUp, match=r"3001 characters.*invalid_blocks$"):
        gateway.call("chat.postMessage", POST)


def test_what_is_sent_arrives_as_it_is(slack: FakeSlack, gateway: Gateway) -> None:
    slack(ok(ts="5.0"))
    assert gateway.call("chat.postMessage", POST)["ts"] == "5.0"
    assert slack.asked == [("chat.postMessage", POST)]


SINCE = datetime(2026, 11, 18, 12, tzinfo=UTC)


# --- reading ------------------------------------------------------------------------------------


def message(ts: str, key: str = "", **more: Any) -> dict[str, Any]:
    metadata = {"metadata": {"event_payload": {"key": key}}} if key else {}
    return {"ts": ts, "user": "U2", "text": f"at {ts}", **metadata, **more}


def test_our_post_is_found_by_its_key_on_a_later_page(slack: FakeSlack, gateway: Gateway) -> None:
    more = {"response_metadata": {"next_cursor": "page2"}}
    slack(ok(messages=[message("1.0"), message("2.0", "other")], **more),
          ok(messages=[message("3.0", "mine")]))  # fmt: skip
    assert gateway.find_posted("C1", "0.5", "mine", SINCE) == "3.0"
    (first, asked), (_, again) = slack.asked
    assert (first, asked["ts"], again["cursor"]) == ("conversations.replies", "0.5", "page2")


def test_at_the_top_of_a_channel_the_history_is_looked_at(
    slack: FakeSlack, gateway: Gateway
) -> None:
    slack(ok(messages=[message("1.0", "other")]))
    assert gateway.find_posted("C1", "", "mine", SINCE) == ""
    assert slack.asked[0][0] == "conversations.history"
    # Not the whole history: from a little before the post was owed.
    assert float(slack.asked[0][1]["oldest"]) == SINCE.timestamp() - 120
    assert slack.asked[0][1]["include_all_metadata"] in (True, "1", "true", "True")


def test_the_history_is_read_as_what_would_have_come_in(slack: FakeSlack, gateway: Gateway) -> None:
    slack(ok(messages=[message("4.0", bot_id="B2"), message("3.0", "mine", bot_id="B1"),
                       message("2.0", user_team="T1", thread_ts="1.0", files=[{"name": "a.log"}]),
                       message("1.5", subtype="channel_join")],
             response_metadata={"next_cursor": "more"}))  # fmt: skip
    page = gateway.past("C1", "", SINCE, "")
    assert page.cursor == "more"
    assert list(page.arrivals) == [
        OwnMessageSeen(user="", channel="C1", ts="3.0", key="mine"),
        MessagePosted(
            user="U2", team="T1", channel="C1", ts="2.0", text="at 2.0", thread_ts="1.0",
            files=(Attachment(name="a.log"),),
        ),
    ]  # fmt: skip
    asked = slack.asked[0]
    assert (asked[0], float(asked[1]["oldest"])) == ("conversations.history", SINCE.timestamp())


def test_an_edited_message_of_the_history_comes_with_its_edit(
    slack: FakeSlack, gateway: Gateway
) -> None:
    was = {"user": "U2", "ts": "3.0"}
    slack(ok(messages=[message("2.0", edited=was), message("1.0", "m", bot_id="B1", edited=was)]))
    posted, edit, own = gateway.past("C1", "", SINCE, "").arrivals
    assert isinstance(posted, MessagePosted)
    assert edit == MessageEdited(
        user="U2", channel="C1", ts="2.0", text=posted.text, stamp="3.0", team=posted.team
    )
    assert isinstance(own, OwnMessageSeen)


@pytest.mark.parametrize(
    ("shown", "there"),
    [
        ([message("1.0"), message("2.0")], True),
        ([message("1.0")], False),
        ([message("1.0"), message("2.0", subtype="tombstone")], False),
    ],
)
def test_one_message_of_a_thread_is_asked_for(
    slack: FakeSlack, gateway: Gateway, shown: list[dict[str, Any]], there: bool
) -> None:
    slack(ok(messages=shown))
    assert gateway.still_there("C1", "1.0", "2.0") is there
    ((method, asked),) = slack.asked
    assert (method, asked["ts"]) == ("conversations.replies", "1.0")
    assert (asked["oldest"], asked["latest"]) == ("2.0", "2.0")


def test_a_thread_is_read_page_by_page(slack: FakeSlack, gateway: Gateway) -> None:
    slack(ok(messages=[message("2.0")]))
    assert gateway.past("C1", "1.0", SINCE, "page2").cursor == ""
    (method, asked) = slack.asked[0]
    assert (method, asked["ts"], asked["cursor"]) == ("conversations.replies", "1.0", "page2")


def test_a_person_is_described_by_the_name_they_show(slack: FakeSlack, gateway: Gateway) -> None:
    slack(
        ok(user={"id": "U2", "team_id": "T1", "name": "leo", "locale": "ja-JP",
                 "profile": {"display_name": "", "real_name": "Leo Strand"}}),
        error("user_not_found"),
    )  # fmt: skip
    assert gateway.profile("U2") == Profile("U2", "T1", "Leo Strand", "ja")
    assert gateway.profile("U0GONE") is None


def test_the_granted_scopes_stand_in_a_header(slack: FakeSlack, gateway: Gateway) -> None:
    slack(Reply('{"ok": true}', headers={"x-oauth-scopes": "chat:write, commands"}), ok())
    assert gateway.granted_scopes() == {"chat:write", "commands"}
    assert gateway.granted_scopes() == frozenset()


# --- answers to commands ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply("ok"), None),
        (Reply("expired_url", 404), GiveUp),
        (Reply("", 429), TryLater),
        (Reply("", 503), TryLater),
        (Reply("", how="drop"), OutcomeUnknown),
    ],
)
def test_an_answer_through_a_response_url(
    slack: FakeSlack, gateway: Gateway, reply: Reply, kind: type[SupportbotError] | None
) -> None:
    slack(reply)
    if kind is None:
        gateway.respond(f"{slack.address}hook", {"text": "hi"})
        assert slack.asked == [("hook", {"text": "hi"})]
    else:
        with pytest.raises(kind):
            gateway.respond(f"{slack.address}hook", {"text": "hi"})
