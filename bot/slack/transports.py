"""The two ways Slack reaches us: Socket Mode and signed HTTP. The same app behind both."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_sdk import WebClient

from bot.desk.errors import SetupFault

log = logging.getLogger(__name__)

CONNECTIONS = 2
"""Slack refreshes each connection every few hours; the other one bridges the gap."""
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
        for handler in self._handlers:
            handler.connect()  # type: ignore[no-untyped-call]

    def stop(self) -> None:
        # An event that is being saved now cannot be acknowledged any more: Slack sends it again
        # and the inbox knows it. The SDK's traceback about that would only frighten.
        logging.getLogger("slack_bolt.App").setLevel(logging.CRITICAL)
        for handler in self._handlers:
            handler.close()  # type: ignore[no-untyped-call]


class HttpTransport:
    """Signed HTTP behind waitress."""

    def __init__(self, app: App, port: int, host: str = "0.0.0.0") -> None:  # noqa: S104
        from waitress.server import create_server

        try:
            self._server = create_server(
                _front(SlackRequestHandler(app, path=EVENTS_PATH)),
                host=host,
                port=port,
                threads=16,
                max_request_body_size=LARGEST_BODY,
                clear_untrusted_proxy_headers=True,
            )
        except OSError as error:
            raise SetupFault(
                f"SUPPORTBOT_PORT {port} cannot be listened on ({error.strerror}): stop what uses"
                " it or choose another"
            ) from error
        # Port 0 (tests) becomes the one that was free.
        self._host, self._port = host, getattr(self._server, "effective_port", port)
        self._thread = threading.Thread(target=self._run, name="http", daemon=True)

    @property
    def address(self) -> str:
        return f"http://{self._host}:{self._port}{EVENTS_PATH}"

    def start(self) -> None:
        self._thread.start()

    def _run(self) -> None:
        try:
            self._server.run()
        except OSError:
            log.debug("the HTTP server's socket was closed", exc_info=True)

    def stop(self) -> None:
        self._server.close()
        self._thread.join(5)


def _front(slack: WsgiApp) -> WsgiApp:
    """Slack's path for Slack; a word for people and load balancers elsewhere."""

    def application(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == EVENTS_PATH:
            return slack(environ, start_response)
        known = path in ("/", "/healthz")
        body = b"supportbot is running\n" if known else b"not found\n"
        headers = [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))]
        start_response("200 OK" if known else "404 Not Found", headers)
        return [body]

    return application
