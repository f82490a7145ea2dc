"""The sandbox from outside: its HTTP control, its own process, its port."""

from __future__ import annotations

import base64
import json
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from slack_sdk import WebClient

from bot.sandbox.errors import PortTakenError
from bot.sandbox.scenes import demo_scene
from bot.sandbox.server import Sandbox


def ask(sandbox: Sandbox, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    request = urllib.request.Request(f"{sandbox.page_url}sandbox/{path}")
    if body is not None:
        request.data = json.dumps(body).encode("utf-8")
        request.add_header("Content-Type", "application/json")
    for name, value in headers.items():
        request.add_header(name, value)
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            text = error.read().decode("utf-8")
            return error.code, json.loads(text) if text.startswith("{") else text


def test_people_act_and_see_over_http(sandbox: Sandbox) -> None:
    status, said = ask(
        sandbox, "act/say", {"person": "hana", "channel": "#ext-kitsune", "text": "a < b"}
    )
    assert (status, said["result"]["text"]) == (200, "a &lt; b")
    content = base64.b64encode(b"x").decode("ascii")
    upload = {"person": "hana", "channel": "ext-kitsune", "name": "a.txt"}
    assert ask(sandbox, "act/upload", upload | {"content_base64": content})[0] == 200
    _, seen = ask(sandbox, "sees?person=mika&channel=ext-kitsune")
    assert [one["text"] for one in seen["result"]] == ["a < b", ""]
    assert seen["result"][1]["files"] == ["a.txt"]
    _, changes = ask(sandbox, f"changes?since={sandbox.workspace.feed.sequence - 1}")
    assert [one["kind"] for one in changes["result"]] == ["message_posted"]
    _, overview = ask(sandbox, "workspace")
    assert "Kitsune Games" in [one["name"] for one in overview["result"]["organisations"]]


def test_a_refused_act_says_why(sandbox: Sandbox) -> None:
    words = {"person": "leo", "channel": "ext-kitsune", "text": "x"}
    status, body = ask(sandbox, "act/say", words)
    assert (status, body["error"]) == (409, "Leo Strand is not a member of #ext-kitsune.")


def test_wrong_requests_are_told_what_is_wrong(sandbox: Sandbox) -> None:
    assert ask(sandbox, "act/stop", {})[0] == 400
    assert "unexpected keyword" in ask(sandbox, "act/say", {"who": "hana"})[1]["error"]
    assert ask(sandbox, "sees?person=hana")[1]["error"] == "?channel=… is missing."
    form = ask(sandbox, "act/say", {}, **{"Content-Type": "text/plain"})
    assert form == (400, {"ok": False, "error": "Send the body as application/json."})


def test_faults_are_set_over_http(sandbox: Sandbox) -> None:
    ask(sandbox, "faults/call", {"method": "auth.test", "answer": "fatal_error"})
    assert ask(sandbox, "faults")[1]["result"]["calls"][0]["answer"] == "fatal_error"
    assert ask(sandbox, "faults/clear", {})[0] == 200
    assert ask(sandbox, "faults")[1]["result"]["calls"] == []
    wrong = ask(sandbox, "faults/call", {"method": "auth.test", "answer": "explode"})[1]
    assert "'explode' is none of: ratelimited" in wrong["error"]


def test_deliveries_can_be_followed_over_http(sandbox: Sandbox) -> None:
    sandbox.say("hana", "#ext-kitsune", "nobody is connected")
    assert sandbox.deliveries.wait_until_quiet()
    _, body = ask(sandbox, "deliveries")
    assert body["result"]["quiet"] is True
    assert body["result"]["undelivered"] == 1
    assert [one["attempt"] for one in body["result"]["attempts"]] == [0, 1, 2, 3]


def test_a_foreign_name_for_this_machine_is_refused(sandbox: Sandbox) -> None:
    assert ask(sandbox, "workspace", Host="evil.example")[0] == 400


def test_a_taken_port_is_named_with_the_mend(sandbox: Sandbox) -> None:
    with pytest.raises(PortTakenError, match=f"Port {sandbox.port} on 127.0.0.1 is taken: stop"):
        Sandbox(demo_scene(), port=sandbox.port).start()


def test_a_stopped_sandbox_can_start_again() -> None:
    sandbox = Sandbox(demo_scene())
    for _ in range(2):
        with sandbox:
            assert ask(sandbox, "workspace")[0] == 200
    sandbox.stop()


def test_the_sandbox_runs_as_a_process_and_keeps_its_workspace(tmp_path: Path) -> None:
    kept = tmp_path / "kept.json"
    command = [sys.executable, "-m", "bot.sandbox", "--snapshot", str(kept)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        settings = dict(process.stdout.readline().strip().split("=", 1) for _ in range(4))
        client = WebClient(token=settings["SLACK_BOT_TOKEN"], base_url=settings["SLACK_API_URL"])
        assert client.auth_test()["user"] == "supportbot"
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0
    assert json.loads(kept.read_text(encoding="utf-8"))["people"]
