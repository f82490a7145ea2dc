"""Downloads: only from Slack, only the file itself, and the token to nobody else."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from bot.desk.errors import GiveUp, TryLater
from bot.service.ports import FileInfo
from bot.slack.files import fetch, file_info, put

TOKEN = "xoxb-" + "for-tests"
ANSWERS = {
    "/file": (200, "application/octet-stream", b"content"),
    "/login": (200, "text/html; charset=utf-8", b"<html>Sign in</html>"),
    "/away": (302, "text/plain", b""),
    "/gone": (404, "text/plain", b""),
    "/busy": (503, "text/plain", b""),
}


class _Slack(BaseHTTPRequestHandler):
    tokens: list[str] = []  # noqa: RUF012

    def do_GET(self) -> None:
        self.tokens.append(self.headers.get("Authorization", ""))
        status, kind, body = ANSWERS[self.path.partition("?")[0]]
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Location", "/file")
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200 if body == b"content" else 500)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Slack)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(5)
    server.server_close()


def read(url: str, *, size: int = 0, mimetype: str = "text/plain", largest: int = 100) -> object:
    into = io.BytesIO()
    file = FileInfo(id="F1", name="x", size=size, mimetype=mimetype, url=url)
    is_there = fetch(file, TOKEN, "127.0.0.1", largest, into)
    return into.getvalue() if is_there else None


def test_the_file_is_read_with_the_token(address: str) -> None:
    _Slack.tokens.clear()
    assert read(f"{address}/file", size=7) == b"content"
    assert _Slack.tokens == [f"Bearer {TOKEN}"]


def test_an_address_may_name_a_file_in_any_script(address: str) -> None:
    with pytest.raises(TryLater):  # it was asked for and not found to be whole
        read(f"{address}/file?name=遅延 %20ログ", size=9)


@pytest.mark.parametrize("path", ["/login", "/away", "/gone"])
def test_anything_but_the_file_is_none(address: str, path: str) -> None:
    assert read(f"{address}{path}") is None


def test_a_page_is_only_taken_for_a_page_of_its_size(address: str) -> None:
    size = len(ANSWERS["/login"][2])
    assert read(f"{address}/login", mimetype="text/html", size=size) is not None
    assert read(f"{address}/login", mimetype="text/html", size=size + 1) is None


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/file",
        "http://files.slack.com/file",
        "https://notslack.com/file",
        "https://slack.com.evil.example/file",
        "file:///etc/passwd",
        "",
    ],
)
def test_the_token_goes_nowhere_else(url: str) -> None:
    assert read(url) is None


def test_a_broken_transfer_is_tried_again(address: str) -> None:
    with pytest.raises(TryLater):
        read(f"{address}/file", size=9)
    with pytest.raises(TryLater):
        read(f"{address}/busy")
    with pytest.raises(TryLater):
        read("http://127.0.0.1:1/file")


def test_more_than_was_announced_is_not_read_on(address: str) -> None:
    with pytest.raises(GiveUp):
        read(f"{address}/file", largest=3)


def test_an_upload_sends_the_bytes(address: str) -> None:
    put(f"{address}/upload", io.BytesIO(b"content"), 7)
    with pytest.raises(TryLater):
        put(f"{address}/upload", io.BytesIO(b"other"), 5)


def test_what_slack_tells_of_a_file() -> None:
    hosted = file_info({"file": {"id": "F1", "name": "a", "size": 3, "url_private": "u"}})
    assert (hosted.name, hosted.size, hosted.url, hosted.elsewhere) == ("a", 3, "u", False)
    assert file_info({"file": {"id": "F1", "mode": "external"}}).elsewhere
    assert file_info({"file": {"id": "F1", "mode": "tombstone"}}).deleted
