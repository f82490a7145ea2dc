"""The running workspace: one thread with its own event loop, started and stopped as a context."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import uvicorn
from starlette.routing import BaseRoute

from bot.sandbox.app import create_app
from bot.sandbox.breaking import AbortableProtocol
from bot.sandbox.control import control_routes
from bot.sandbox.deliveries import ACK_SECONDS, RETRY_AFTER, Deliveries
from bot.sandbox.errors import PortTakenError, SandboxError
from bot.sandbox.events import EventWriter
from bot.sandbox.faults import Faults
from bot.sandbox.http_delivery import HttpDelivery
from bot.sandbox.interactions import Interactions
from bot.sandbox.manifest import Manifest
from bot.sandbox.oauth import OAuth
from bot.sandbox.payloads import Payloads
from bot.sandbox.rate_limits import RateLimits
from bot.sandbox.side_doors import TRIGGER_SECONDS, ResponseUrls, Triggers
from bot.sandbox.sight import Sight
from bot.sandbox.socket_mode import SocketMode
from bot.sandbox.stage import Someone
from bot.sandbox.talk import Talk
from bot.sandbox.web_api.call import Platform
from bot.sandbox.web_api.dispatch import WebApi
from bot.sandbox.workspace import Workspace

STOP_SECONDS = 10.0
GRACE_SECONDS = 1.0
GRACE_SECONDS = 0.5
"""For answers under way when the server stops."""


class _Server(uvicorn.Server):
    """Leaves as soon as it is told and its connections are closed; uvicorn itself takes 0.2 s."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.leave = asyncio.Event()

    async def main_loop(self) -> None:
        await self.leave.wait()
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        state = self.server_state
        for connection in list(state.connections):
            connection.shutdown()
        deadline = time.monotonic() + GRACE_SECONDS
        while (state.connections or state.tasks) and time.monotonic() < deadline:
            await asyncio.sleep(0.005)
        for task in list(state.tasks):
            task.cancel()


class Sandbox(Talk, Interactions, Sight):
    """A workspace one can connect a bot to, and act in as its people.

    Give the bot `base_url` and `bot_token`, and for Socket Mode `app_token`; for signed HTTP call
    `deliver_to(request_url)` and give it `signing_secret`. `port=0` picks a free one. Without a
    manifest everything is granted and subscribed.

    `page` makes further routes (the browser page) once the sandbox exists. Handlers of long-lived
    responses must end soon after `stopping` is set.
    """

    def __init__(
        self,
        workspace: Workspace,
        manifest: Manifest | Path | None = None,
        port: int = 0,
        *,
        host: str = "127.0.0.1",
        rate_limits: RateLimits | None = None,
        retry_after: Sequence[float] = RETRY_AFTER,
        ack_seconds: float = ACK_SECONDS,
        trigger_seconds: float = TRIGGER_SECONDS,
        seed: int = 0,
        bot_token: str = "xoxb-sandbox",  # noqa: S107 - it opens nothing but this sandbox
        app_token: str = "xapp-sandbox",  # noqa: S107
        signing_secret: str = "sandbox-signing-secret",  # noqa: S107
        page: Callable[[Sandbox], Sequence[BaseRoute]] | None = None,
    ) -> None:
        if isinstance(manifest, Path):
            manifest = Manifest.read(manifest)
        self.bot_token, self.app_token = bot_token, app_token
        self.signing_secret = signing_secret
        self.host, self.port = host, port
        self.stopping = threading.Event()
        self.faults = Faults(seed)
        self._order = random.Random(seed)
        self._page = page
        self.sockets = SocketMode(workspace.app, self._order)
        self.deliveries = Deliveries(self.sockets, self.faults, retry_after, ack_seconds)
        self.oauth = OAuth(workspace, manifest or Manifest())
        self.platform = Platform(
            workspace=workspace,
            manifest=manifest or Manifest(),
            faults=self.faults,
            limits=rate_limits or RateLimits(),
            triggers=Triggers(workspace.clock, trigger_seconds),
            response_urls=ResponseUrls(workspace.clock),
            bot_token=bot_token,
            app_token=app_token,
            open_link=self._open_link,
            oauth=self.oauth,
        )
        self.payloads = Payloads(self.platform)
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._server: _Server | None = None
        self._web_api: WebApi | None = None
        self._unlisten: Callable[[], None] = lambda: None

    # Addresses

    @property
    def page_url(self) -> str:
        return f"http://{self.host}:{self.port}/"

    @property
    def base_url(self) -> str:
        """For `WebClient(base_url=…)`."""
        return f"{self.page_url}api/"

    @property
    def authorize_url(self) -> str:
        """Where people are sent who want to install the app in their organisation."""
        return f"{self.page_url}oauth/v2/authorize"

    def consent(self, person: Someone, authorize_url: str, *, allow: bool = True) -> str:
        """A person opens the address and allows or refuses; returns where they are sent then."""
        return self.oauth.consent(self.workspace.find_person(person), authorize_url, allow=allow)

    def _open_link(self) -> str:
        return self.sockets.new_link(f"ws://{self.host}:{self.port}")

    # Running

    def start(self) -> Self:
        """Raises PortTakenError; returns once connections are accepted."""
        listener = self._bind()
        self.port = listener.getsockname()[1]
        self.workspace.public_url = self.page_url.rstrip("/")
        ready = threading.Event()
        self.stopping.clear()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve(listener, ready)),
            name="sandbox",
            daemon=True,
        )
        self._thread.start()
        ready.wait()
        writer = EventWriter(
            self.workspace, self.platform.manifest, self.deliveries.send, self._order
        )
        self._unlisten = self.workspace.feed.listen(writer)
        self.faults.on_drop_sockets = self._drop_sockets
        self.faults.on_deafen = lambda count: self._on_loop(self._deafen, count)
        return self

    def stop(self) -> None:
        """Harmless when not running."""
        thread, loop = self._thread, self._loop
        if thread is None or loop is None:
            return
        self.stopping.set()
        self._unlisten()
        asyncio.run_coroutine_threadsafe(self._wind_down(), loop).result(STOP_SECONDS)
        thread.join(STOP_SECONDS)
        self._thread = self._loop = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _bind(self) -> socket.socket:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((self.host, self.port))
        except OSError as error:
            listener.close()
            raise PortTakenError(self.host, self.port) from error
        return listener

    async def _serve(self, listener: socket.socket, ready: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        self._web_api = WebApi(self.platform)
        app = create_app(
            self.platform,
            self._web_api,
            self.sockets,
            control_routes(self),
            self._page(self) if self._page is not None else (),
            ("*",) if self.host == "0.0.0.0" else (self.host, "127.0.0.1", "localhost"),  # noqa: S104
        )
        config = uvicorn.Config(
            app,
            http=AbortableProtocol,
            ws="websockets-sansio",
            ws_ping_interval=None,
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            date_header=False,
            timeout_graceful_shutdown=1,
        )
        self._server = _Server(config)
        self.deliveries.start(self._loop)
        serving = asyncio.ensure_future(self._server.serve(sockets=[listener]))
        while not self._server.started and not serving.done():
            await asyncio.sleep(0.002)
        ready.set()
        await serving

    async def _wind_down(self) -> None:
        if self._web_api is not None:
            self._web_api.stop()
        await self.deliveries.stop()
        # A peer that was killed never answers the closing handshake.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.sockets.drop(), GRACE_SECONDS)
        if self._server is not None:
            self._server.leave.set()

    # Delivery

    def deliver_to(self, request_url: str) -> HttpDelivery:
        """From now on post everything, signed, to this address instead of using sockets."""
        transport = HttpDelivery(request_url, self.signing_secret, self.workspace.clock)
        self.deliveries.transport = transport
        return transport

    def deliver_over_sockets(self) -> None:
        self.deliveries.transport = self.sockets

    def challenge(self, request_url: str, timeout: float = 3.0) -> bool:
        """Does the address answer as Slack demands when a request URL is entered?"""
        loop = self._loop
        if loop is None:
            raise SandboxError("The sandbox is not running: start it first.")
        target = HttpDelivery(request_url, self.signing_secret, self.workspace.clock)
        asked = asyncio.run_coroutine_threadsafe(target.verify(timeout), loop)
        return asked.result(timeout + 1)

    def wait_for_connection(self, count: int = 1, timeout: float = 5.0) -> None:
        """Until this many sockets are open. Raises NotSeenError."""
        self.wait_for(
            lambda: self.sockets.open_connections >= count,
            timeout,
            lambda: f"{self.sockets.open_connections} of {count} sockets are open.",
        )

    def refresh_sockets(self, reason: str = "refresh_requested") -> None:
        """What Slack does to every connection every few hours."""
        self._on_loop(self.sockets.refresh, reason)

    def hang_up(self, timeout: float = 5.0) -> None:
        """Close every socket and wait until they are gone.

        Slack's client takes seconds to close a socket that nothing arrives on, so tests switch
        its reconnecting off and call this before they close it.
        """
        self._on_loop(self.sockets.drop)
        self.wait_for(
            lambda: not self.sockets.open_connections, timeout, lambda: "Sockets are still open."
        )

    def _drop_sockets(self, abruptly: bool) -> None:
        self._on_loop(self.sockets.drop, abruptly)

    async def _deafen(self, count: int) -> None:
        self.sockets.deafen(count)

    def _on_loop(self, work: Callable[..., object], *arguments: object) -> None:
        if self._loop is not None:
            coroutine = work(*arguments)
            assert asyncio.iscoroutine(coroutine)
            asyncio.run_coroutine_threadsafe(coroutine, self._loop)
