"""How Slack reaches us: signed HTTP here, Socket Mode in `sockets.py`. The same app behind both."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from slack_bolt import App
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_bolt.adapter.wsgi.http_request import WsgiHttpRequest
from slack_bolt.adapter.wsgi.http_response import WsgiHttpResponse
from slack_bolt.oauth import OAuthFlow
from slack_bolt.request import BoltRequest
from slack_bolt.response import BoltResponse

from bot.desk.errors import SetupFault

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

    def connections(self) -> int:
        """Ways on which Slack reaches us now."""
        ...


class HttpTransport:
    """Signed HTTP behind waitress; `app` None leaves the pages for installing alone."""

    def __init__(
        self,
        app: App | None,
        port: int,
        host: str = "0.0.0.0",  # noqa: S104
        flow: OAuthFlow | None = None,
    ) -> None:
        from waitress.server import create_server

        listening = _listening_socket(host, port)
        # Port 0 (tests) becomes the one that was free.
        self._host, self._port = listening.getsockname()
        # Any: for one socket it is the plain server, of which the stubs know less than it has.
        self._server: Any = create_server(
            _front(None if app is None else SlackRequestHandler(app, path=EVENTS_PATH), flow),
            sockets=[listening],
            threads=16,
            max_request_body_size=LARGEST_BODY,
            clear_untrusted_proxy_headers=True,
        )
        self._thread = threading.Thread(target=self._server.run, name="http", daemon=True)

    @property
    def address(self) -> str:
        return f"http://{self._host}:{self._port}{EVENTS_PATH}"

    def connections(self) -> int:
        return int(self._thread.is_alive())

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


def _front(slack: WsgiApp | None, flow: OAuthFlow | None) -> WsgiApp:
    """Slack's path for Slack, pages for installing; a word for people and load balancers else."""
    pages = {}
    if flow is not None:
        pages = {
            flow.install_path: flow.handle_installation,
            flow.redirect_uri_path: flow.handle_callback,
        }

    def application(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path in pages and environ.get("REQUEST_METHOD") == "GET":
            return _page(environ, start_response, pages[path])
        if slack is None or path != EVENTS_PATH:
            known = path in ("/", "/healthz")
            status = "200 OK" if known else "404 Not Found"
            return _plain(start_response, status, "supportbot is running" if known else "not found")
        # Bolt takes the time for a number before it looks at the signature.
        if not environ.get("HTTP_X_SLACK_REQUEST_TIMESTAMP", "").isdecimal():
            return _plain(start_response, "401 Unauthorized", "not signed")
        return slack(environ, start_response)

    return application


def _page(
    environ: dict[str, Any],
    start_response: StartResponse,
    show: Callable[[BoltRequest], BoltResponse],
) -> Iterable[bytes]:
    """A page of Bolt's OAuth flow, in the words of its own WSGI adapter."""
    asked = WsgiHttpRequest(environ)
    found = show(BoltRequest(body="", query=asked.query_string, headers=asked.get_headers()))
    answer = WsgiHttpResponse(status=found.status, headers=found.headers, body=found.body)
    # The address holds the code: it goes nowhere else, and no proxy keeps it.
    kept = [("Referrer-Policy", "no-referrer"), ("Cache-Control", "no-store")]
    start_response(answer.status, [*answer.get_headers(), *kept])
    return answer.get_body()


def _plain(start_response: StartResponse, status: str, words: str) -> Iterable[bytes]:
    body = f"{words}\n".encode()
    headers = [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))]
    start_response(status, headers)
    return [body]
