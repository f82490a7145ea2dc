"""A demo workspace, started, and real Slack libraries connected to it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from slack_bolt import App, BoltRequest
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from bot.sandbox.rate_limits import RateLimits
from bot.sandbox.scenes import demo_scene
from bot.sandbox.server import Sandbox
from bot.sandbox.workspace import Workspace


@pytest.fixture
def workspace() -> Workspace:
    return demo_scene()


@pytest.fixture
def sandbox(workspace: Workspace) -> Iterator[Sandbox]:
    """No rate limits; redelivery within tenths of a second."""
    with Sandbox(
        workspace, rate_limits=RateLimits.off(), retry_after=(0, 0.05, 0.1), ack_seconds=1.0
    ) as running:
        yield running


@pytest.fixture
def client(sandbox: Sandbox) -> WebClient:
    return WebClient(
        token=sandbox.bot_token, base_url=sandbox.base_url, retry_handlers=[], timeout=5
    )


@pytest.fixture
def app(sandbox: Sandbox, client: WebClient) -> App:
    return App(client=client, signing_secret=sandbox.signing_secret)


@pytest.fixture
def connect(sandbox: Sandbox, app: App) -> Iterator[Callable[[], SocketModeHandler]]:
    """Call it once the listeners are registered; it opens one more socket."""
    opened: list[SocketModeHandler] = []

    def connect_now() -> SocketModeHandler:
        # The client looks after a closed socket only once in each ping interval.
        handler = SocketModeHandler(app, sandbox.app_token, ping_interval=0.2)
        opened.append(handler)
        handler.connect()
        sandbox.wait_for_connection(len(opened))
        return handler

    yield connect_now
    # In this order the client closes at once; else it sits out a second, or three, of waiting.
    for handler in opened:
        handler.client.auto_reconnect_enabled = False
    sandbox.hang_up()
    for handler in opened:
        # Its receiving thread closes the socket too, and the client does not bear both at once.
        sandbox.wait_for(lambda client=handler.client: not client.is_connected())
        handler.client.closed = True
        handler.client.enqueue_message("")
        handler.close()


@pytest.fixture
def request_url(app: App) -> Iterator[str]:
    """The Bolt app behind a plain HTTP server, with every signature checked."""

    class Endpoint(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            body = self.rfile.read(length).decode("utf-8")
            headers = {name: [value] for name, value in self.headers.items()}
            answer = app.dispatch(BoltRequest(body=body, headers=headers))
            content = (answer.body or "").encode("utf-8")
            self.send_response(answer.status)
            for name, values in answer.headers.items():
                self.send_header(name, values[0])
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Keep quiet."""

    server = HTTPServer(("127.0.0.1", 0), Endpoint)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/slack/events"
    server.shutdown()
    server.server_close()
    thread.join()
