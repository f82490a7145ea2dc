"""Socket Mode over several connections, kept open and kept hearing."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from http.client import HTTPException
from typing import Any
from urllib.error import URLError

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.desk.errors import SetupFault
from bot.desk.retries import wait_before
from bot.service.house import House
from bot.slack.hearing import Hearing

log = logging.getLogger(__name__)

CONNECTIONS = 2
"""Slack refreshes each connection every few hours; the other one bridges the gap."""
CLOSE_WITHIN = 5.0
"""Seconds; a connection that does not close by then ends with the process."""
LOOK = 1.0
"""Seconds between looks at the connections."""
_LONGEST_WAIT = 60.0
"""Seconds between attempts to connect."""
_REFUSED = frozenset({"invalid_auth", "not_authed", "account_inactive", "not_allowed_token_type"})
_BROKEN = (SlackApiError, URLError, HTTPException, OSError)


class SocketTransport:
    """Two connections, opened by a thread that also watches them."""

    def __init__(self, app: App, app_token: str, client: WebClient, house: House) -> None:
        self._house = house
        self._handlers = [
            SocketModeHandler(app, app_token, web_client=client) for _ in range(CONNECTIONS)
        ]
        self._hearing = Hearing(CONNECTIONS, time.monotonic())
        for number, handler in enumerate(self._handlers):
            handler.client.message_listeners.append(self._listener(number))
        self._attempts = [0] * CONNECTIONS
        self._next_attempt = [0.0] * CONNECTIONS
        self._was_cut_off = False
        self._stopping = threading.Event()
        self._watching = threading.Thread(target=self._watch, name="sockets", daemon=True)

    @property
    def address(self) -> str:
        return "Socket Mode"

    def connections(self) -> int:
        return sum(handler.client.is_connected() for handler in self._handlers)

    def start(self) -> None:
        """One connection is enough to begin with: Slack hands out few addresses a minute.

        Raises `SetupFault` when Slack refuses the token; otherwise it is tried again and again.
        """
        while not self._open(0) and not self._stopping.is_set():
            self._stopping.wait(max(0.0, self._next_attempt[0] - time.monotonic()))
        self._watching.start()

    def stop(self) -> None:
        """Close all connections at once: the SDK takes some seconds over each."""
        self._stopping.set()
        if self._watching.is_alive():
            # Otherwise it might open one while we close them.
            self._watching.join(CLOSE_WITHIN)
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

    # --- watching -----------------------------------------------------------------------------

    def _listener(self, number: int) -> Any:
        def listen(_client: Any, message: dict[str, Any], _raw: str | None) -> None:
            now = time.monotonic()
            if message.get("retry_attempt") and message.get("retry_reason") == "timeout":
                self._hearing.timed_out_elsewhere(number, now)
            self._hearing.heard(number, now)

        return listen

    def _watch(self) -> None:
        while not self._stopping.is_set():
            try:
                self._look()
            except _BROKEN as error:
                log.warning("a connection to Slack could not be opened: %s", type(error).__name__)
            except SetupFault as error:
                log.error("%s", error)
            self._stopping.wait(LOOK)

    def _look(self) -> None:
        now = time.monotonic()
        for number, handler in enumerate(self._handlers):
            # Once a connection was open, the SDK itself reopens it when it breaks.
            if handler.client.current_session is None and now >= self._next_attempt[number]:
                self._open(number)
        if self.connections() == 0:
            self._was_cut_off = True
        elif self._was_cut_off:
            self._was_cut_off = False
            log.warning("connected to Slack again; reading what may have been missed")
            self._house.missed.set()
        if self._house.undelivered.is_set():
            self._house.undelivered.clear()
            self._hearing.missed(now)
        for number in self._hearing.deaf(now):
            log.info("connection %s heard nothing for too long; it is opened anew", number)
            self._hearing.reopened(number, now)
            self._house.measures.reopened.inc()
            self._handlers[number].client.connect_to_new_endpoint(force=True)

    def _open(self, number: int) -> bool:
        try:
            self._handlers[number].connect()  # type: ignore[no-untyped-call]
        except _BROKEN as error:
            if isinstance(error, SlackApiError) and error.response.get("error") in _REFUSED:
                raise SetupFault(
                    f"Slack refused SLACK_APP_TOKEN ({error.response['error']}): generate one with"
                    " the scope connections:write on your app's page Basic Information"
                ) from error
            self._attempts[number] += 1
            wait = min(_LONGEST_WAIT, wait_before(self._attempts[number]))
            self._next_attempt[number] = time.monotonic() + wait
            log.warning("connection %s to Slack failed: %s", number, type(error).__name__)
            return False
        self._hearing.reopened(number, time.monotonic())
        return True


def _close(handler: SocketModeHandler) -> None:
    # The SDK stumbles when the other side closes at the same moment; closed is closed.
    with contextlib.suppress(AttributeError, OSError):
        handler.close()  # type: ignore[no-untyped-call]
