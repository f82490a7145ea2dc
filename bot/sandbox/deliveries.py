"""Takes payloads to the app: events until acknowledged, interactions once.

Payloads come from any thread; the work happens on the server's event loop. The way there is a
`Transport`: Socket Mode or signed HTTP.
"""

from __future__ import annotations

import asyncio
import copy
import threading
from collections import deque
from collections.abc import Coroutine, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass
from typing import Any, Protocol

from bot.sandbox.errors import SandboxError
from bot.sandbox.events import new_event_id
from bot.sandbox.faults import Faults
from bot.sandbox.records import Json

RETRY_AFTER = (0.0, 60.0, 300.0)
"""Seconds before each of Slack's three further attempts."""
ACK_SECONDS = 3.0
KEPT_REPORTS = 10_000


class UndeliveredError(SandboxError):
    """One attempt failed; `reason` is Slack's word for it (`timeout`, `http_error`, …)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Attempt:
    number: int = 0
    """0 is the first try."""
    reason: str = ""
    """Why the try before failed."""


@dataclass(frozen=True, slots=True)
class Report:
    """How one attempt went, for tests and transcripts."""

    kind: str
    event_id: str
    attempt: int
    outcome: str
    """`acknowledged`, or why not."""


class Transport(Protocol):
    async def send_event(self, payload: Json, attempt: Attempt, ack_seconds: float) -> None:
        """Return once acknowledged; raise UndeliveredError."""

    async def ask(self, kind: str, payload: Json, ack_seconds: float) -> Json | None:
        """Deliver an interaction (`interactive` or `slash_commands`); the answer's body, if any."""


class Deliveries:
    def __init__(
        self,
        transport: Transport,
        faults: Faults,
        retry_after: Sequence[float] = RETRY_AFTER,
        ack_seconds: float = ACK_SECONDS,
    ) -> None:
        self.transport = transport
        self._faults = faults
        self._retry_after = tuple(retry_after)
        self.ack_seconds = ack_seconds
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._quiet = threading.Condition()
        self._under_way = 0
        self.reports: deque[Report] = deque(maxlen=KEPT_REPORTS)
        self.sent: deque[Json] = deque(maxlen=KEPT_REPORTS)
        """Event payloads in the order they were handed over, delivered or not."""
        self.undelivered: list[Json] = []
        """Events given up after the last attempt."""

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    async def stop(self) -> None:
        self._loop = None
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # Events

    def send(self, payload: Json) -> None:
        """From any thread, without waiting. Dropped when the server does not run."""
        loop = self._loop
        if loop is None:
            return
        self.sent.append(payload)
        self._count(+1)
        loop.call_soon_threadsafe(self._begin, payload)
        if self._faults.for_delivery("double", payload["event"]["type"]):
            twin = copy.deepcopy(payload) | {"event_id": new_event_id()}
            self._count(+1)
            loop.call_soon_threadsafe(self._begin, twin)

    def redeliver_last(self) -> None:
        """Send the latest event again, as after a lost acknowledgement."""
        if self.sent:
            self.send(self.sent[-1])

    def wait_until_quiet(self, timeout: float = 5.0) -> bool:
        """True once no event is on its way (delivered or given up)."""
        with self._quiet:
            return self._quiet.wait_for(lambda: self._under_way == 0, timeout)

    def _begin(self, payload: Json) -> None:
        task = asyncio.ensure_future(self._deliver(payload))
        self._tasks.add(task)
        task.add_done_callback(self._end)

    def _end(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._count(-1)
        if not task.cancelled():
            task.result()

    def _count(self, step: int) -> None:
        with self._quiet:
            self._under_way += step
            self._quiet.notify_all()

    async def _deliver(self, payload: Json) -> None:
        kind, event_id = payload["event"]["type"], payload["event_id"]
        attempt = Attempt()
        delay = self._faults.for_delivery("delay", kind)
        if delay is not None:
            await asyncio.sleep(delay.seconds)
        while True:
            outcome = await self._try(kind, payload, attempt)
            self.reports.append(Report(kind, event_id, attempt.number, outcome))
            if outcome == "acknowledged":
                return
            if outcome == "no_retry" or attempt.number == len(self._retry_after):
                self.undelivered.append(payload)
                return
            await asyncio.sleep(self._retry_after[attempt.number])
            attempt = Attempt(attempt.number + 1, outcome)

    async def _try(self, kind: str, payload: Json, attempt: Attempt) -> str:
        if self._faults.for_delivery("lose_payload", kind):
            await asyncio.sleep(self.ack_seconds)
            return "timeout"
        try:
            await self.transport.send_event(payload, attempt, self.ack_seconds)
        except UndeliveredError as error:
            return error.reason
        if self._faults.for_delivery("lose_ack", kind):
            return "timeout"
        return "acknowledged"

    # Interactions

    def ask(self, kind: str, payload: Json) -> Json | None:
        """Wait for the app's answer, in any thread but the loop's own.

        Raises UndeliveredError with `operation_timeout` or `dispatch_failed`: people see these.
        """
        name = payload.get("command") or payload.get("type", kind)
        answer = self._run(self._ask(kind, name, payload))
        try:
            return answer.result(self.ack_seconds + 2)
        except (FutureTimeoutError, asyncio.CancelledError) as error:
            raise UndeliveredError("operation_timeout") from error

    async def _ask(self, kind: str, name: str, payload: Json) -> Json | None:
        outcome = "acknowledged"
        try:
            delay = self._faults.for_delivery("delay", name)
            if delay is not None:
                await asyncio.sleep(delay.seconds)
            if self._faults.for_delivery("lose_payload", name):
                await asyncio.sleep(self.ack_seconds)
                raise UndeliveredError("timeout")
            answer = await self.transport.ask(kind, payload, self.ack_seconds)
            if self._faults.for_delivery("lose_ack", name):
                raise UndeliveredError("timeout")
            return answer
        except UndeliveredError as error:
            outcome = "operation_timeout" if "timeout" in error.reason else "dispatch_failed"
            raise UndeliveredError(outcome) from error
        finally:
            self.reports.append(Report(name, "", 0, outcome))

    def _run(self, work: Coroutine[Any, Any, Json | None]) -> Future[Json | None]:
        loop = self._loop
        if loop is None:
            work.close()
            raise UndeliveredError("dispatch_failed")
        return asyncio.run_coroutine_threadsafe(work, loop)
