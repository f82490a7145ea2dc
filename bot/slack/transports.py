"""The two ways Slack reaches us: Socket Mode and signed HTTP. The same app behind both."""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_sdk import WebClient

from bot.desk.errors import SetupFault

CONNECTIONS = 2
"""Slack refreshes each connection every few hours; the other one bridges the gap."""
CLOSE_WITHIN = 5.0
"""Seconds; a connection that does not close by then ends with the process."""
EVENTS_PATH = "/slack/events"
LARGEST_BODY = 1_048_576
"""Bytes. Slack's largest payloads, views with their state, stay below 500 kB."""

StartResponse = Callable[..., Any]
WsgiApp = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


class Transport(Protocol):
    def start(self) -> None: ...

    def stop(self) -> None: ...

    @property
    def address(self) -> str: ...


class SocketTransport:
    """Socket Mode over several connections."""

    def __init__(self, app: App, app_token: str, client: WebClient) -> None:
        self._handlers = [
            SocketModeHandler(app, app_token, web_client=client) for _ in range(CONNECTIONS)
        ]

    @property
    def address(self) -> str:
        return "Socket Mode"

    def start(self) -> None:
        first, *others = self._handlers
        first.connect()  # type: ignore[no-untyped-call]
        # Slack hands out few connection addresses a minute and the SDK waits for them: one
        # connection is enough to begin with.
        for handler in others:
            threading.Thread(target=handler.connect, name="socket", daemon=True).start()

    def stop(self) -> None:
        """Close all connections at once: the SDK takes some seconds over each."""
        # An event that is being saved now cannot be acknowledged any more: Slack sends it again
        # and the inbox knows it. The SDK's traceback about that would only frighten.
        bolt = logging.getLogger("slack_bolt.App")
        level = bolt.level
        bolt.setLevel(logging.CRITICAL)
        closing = [
            threading.Thread(target=_close, args=(handler,), daemon=True)
            for handler in self._handlers
        ]
        for thread in closing:
            thread.start()
        for thread in closing:
            thread.join(CLOSE_WITHIN)
        bolt.setLevel(level)


def _close(handler: SocketModeHandler) -> None:
    # The SDK stumbles when the other side closes at the same moment; closed is closed.
    with contextlib.suppress(AttributeError, OSError):
        handler.close()  # type: ignore[no-untyped-call]


class HttpTransport:
    """Signed HTTP behind waitress."""

    def __init__(self, app: App, port: int, host: str = "0.0.0.0") -> None:  # noqa: S104
        from waitress.server import create_server

        listening = _listening_socket(host, port)
        # Port 0 (tests) becomes the one that was free.
        self._host, self._port = listening.getsockname()
        # Any: for one socket it is the plain server, of which the stubs know less than it has.
        self._server: Any = create_server(
            _front(SlackRequestHandler(app, path=EVENTS_PATH)),
            sockets=[listening],
            threads=16,
            max_request_body_size=LARGEST_BODY,
            clear_untrusted_proxy_headers=True,
        )
        self._thread = threading.Thread(target=self._server.run, name="http", daemon=True)

    @property
    def address(self) -> str:
        return f"http://{self._host}:{self._port}{EVENTS_PATH}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        # In the server's own thread, which then ends at once instead of waiting out its poll. If
        # an answer that is just finished wakes it first, it has closed before we come to wake it.
        with contextlib.suppress(OSError):
            self._server.trigger.pull_trigger(self._close)
        self._thread.join(5)
        self._server.task_dispatcher.shutdown()

    def _close(self) -> None:
        """Take no new connections and hang up idle ones; what is being answered is finished."""
        self._server.close()
        for connection in list(self._server.active_channels.values()):
            connection.will_close = not connection.requests


def _listening_socket(host: str, port: int) -> socket.socket:
    """Raises `SetupFault` for a port that another program has."""
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    # A port that we had a moment ago, before a restart, is not taken.
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host, port))
    except OSError as error:
        made.close()
        raise SetupFault(
            f"SUPPORTBOT_PORT {port} cannot be listened on ({error.strerror}): stop what uses it"
            " or choose another"
        ) from error
    return made


def _front(slack: WsgiApp) -> WsgiApp:
    """Slack's path for Slack; a word for people and load balancers elsewhere."""

    def application(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path != EVENTS_PATH:
            known = path in ("/", "/healthz")
            status = "200 OK" if known else "404 Not Found"
            return _plain(start_response, status, "supportbot is running" if known else "not found")
        # Bolt takes the time for a number before it looks at the signature.
        if not environ.get("HTTP_X_SLACK_REQUEST_TIMESTAMP", "").isdecimal():
            return _plain(start_response, "401 Unauthorized", "not signed")
        return slack(environ, start_response)

    return application


def _plain(start_response: StartResponse, status: str, words: str) -> Iterable[bytes]:
    body = f"{words}\n".encode()
    headers = [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))]
    start_response(status, headers)
    return [body]
