"""A demo workspace, started, and real Slack libraries connected to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from slack_bolt import App
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


def connect_client(sandbox: Sandbox) -> WebClient:
    return WebClient(
        token=sandbox.bot_token, base_url=sandbox.base_url, retry_handlers=[], timeout=5
    )


@pytest.fixture
def client(sandbox: Sandbox) -> WebClient:
    return connect_client(sandbox)


@pytest.fixture
def app(sandbox: Sandbox, client: WebClient) -> App:
    return App(client=client, signing_secret=sandbox.signing_secret)


@pytest.fixture
def connect(sandbox: Sandbox, app: App) -> Iterator[Callable[[], SocketModeHandler]]:
    """Call it once the listeners are registered; it opens one more socket."""
    opened: list[SocketModeHandler] = []

    def connect_now() -> SocketModeHandler:
        handler = SocketModeHandler(app, sandbox.app_token)
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
        handler.client.closed = True
        handler.client.enqueue_message("")
        handler.close()
