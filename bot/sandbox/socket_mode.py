"""Socket Mode, Slack's side: connections, envelopes, acknowledgements."""

from __future__ import annotations

import asyncio
import json
import random
import secrets
from dataclasses import dataclass, field

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.sandbox.breaking import abort
from bot.sandbox.deliveries import Attempt, UndeliveredError
from bot.sandbox.records import Installation, Json

MAX_CONNECTIONS = 10
REFRESH_GRACE_SECONDS = 0.5
"""Between asking for a fresh connection and closing the old one."""
CLOSE_GOING_AWAY = 1001


@dataclass(eq=False, slots=True)
class _Connection:
    socket: WebSocket
    waiting: dict[str, asyncio.Future[Json | None]] = field(default_factory=dict)
    """By envelope id."""
    is_deaf: bool = False
    is_leaving: bool = False


class SocketMode:
    """All methods but `new_link` belong to the server's loop."""

    def __init__(self, app: Installation, order: random.Random) -> None:
        self._app = app
        self._order = order
        self._tickets: set[str] = set()
        self._connections: list[_Connection] = []
        self.connections_ever = 0

    @property
    def open_connections(self) -> int:
        return len(self._connections)

    def new_link(self, address: str) -> str:
        """`address` is `ws://host:port`. Each link opens one connection."""
        ticket = secrets.token_hex(16)
        self._tickets.add(ticket)
        return f"{address}/link/?ticket={ticket}&app_id={self._app.app_id}"

    async def serve(self, socket: WebSocket) -> None:
        ticket = socket.query_params.get("ticket", "")
        if ticket not in self._tickets:
            await socket.close()
            return
        self._tickets.discard(ticket)
        await socket.accept()
        if len(self._connections) >= MAX_CONNECTIONS:
            await _say(socket, {"type": "disconnect", "reason": "too_many_websockets"})
            await socket.close()
            return
        connection = _Connection(socket)
        self._connections.append(connection)
        self.connections_ever += 1
        try:
            await _say(socket, self._hello())
            await self._listen(connection)
        except WebSocketDisconnect:
            pass
        finally:
            self._forget(connection)

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self._connections),
            "debug_info": {
                "host": "sandbox",
                "build_number": 1,
                "approximate_connection_time": 18_060,
            },
            "connection_info": {"app_id": self._app.app_id},
        }

    async def _listen(self, connection: _Connection) -> None:
        while True:
            try:
                said = json.loads(await connection.socket.receive_text())
            except ValueError:
                continue
            if connection.is_deaf or not isinstance(said, dict):
                continue
            answer = connection.waiting.get(said.get("envelope_id", ""))
            if answer is not None and not answer.done():
                payload = said.get("payload")
                answer.set_result(payload if isinstance(payload, dict) else None)

    def _forget(self, connection: _Connection) -> None:
        if connection in self._connections:
            self._connections.remove(connection)
        for answer in connection.waiting.values():
            if not answer.done():
                answer.set_exception(UndeliveredError("connection_failed"))

    # Transport

    async def send_event(self, payload: Json, attempt: Attempt, ack_seconds: float) -> None:
        head: Json = {
            "type": "events_api",
            "accepts_response_payload": False,
            "retry_attempt": attempt.number,
            "retry_reason": attempt.reason,
        }
        await self._exchange(head, payload, ack_seconds)

    async def ask(self, kind: str, payload: Json, ack_seconds: float) -> Json | None:
        head: Json = {"type": kind, "accepts_response_payload": True}
        return await self._exchange(head, payload, ack_seconds)

    async def _exchange(self, head: Json, payload: Json, ack_seconds: float) -> Json | None:
        candidates = [one for one in self._connections if not one.is_leaving]
        if not candidates:
            raise UndeliveredError("connection_failed")
        connection = self._order.choice(candidates)
        envelope_id = secrets.token_hex(16)
        answer: asyncio.Future[Json | None] = asyncio.get_running_loop().create_future()
        connection.waiting[envelope_id] = answer
        try:
            if not connection.is_deaf:
                envelope = {"envelope_id": envelope_id, **head, "payload": payload}
                await _say(connection.socket, envelope)
            return await asyncio.wait_for(answer, ack_seconds)
        except TimeoutError:
            raise UndeliveredError("timeout") from None
        finally:
            del connection.waiting[envelope_id]
            if answer.done() and not answer.cancelled():
                answer.exception()  # the exchange may have failed before anybody awaited it

    # Trouble

    async def refresh(self, reason: str = "refresh_requested") -> None:
        """Ask every connection to make way for a new one, as Slack does every few hours.

        `warning` only announces it; `refresh_requested` and `link_disabled` end in a close.
        """
        for connection in list(self._connections):
            await _say(connection.socket, {"type": "disconnect", "reason": reason})
        if reason == "warning":
            return
        old = list(self._connections)
        for connection in old:
            connection.is_leaving = True
        await asyncio.sleep(REFRESH_GRACE_SECONDS)
        await self._close(old)

    async def drop(self, abruptly: bool = False) -> None:
        """`abruptly` breaks the connections, without a closing frame."""
        if not abruptly:
            await self._close(list(self._connections))
            return
        for connection in list(self._connections):
            self._forget(connection)
            abort(connection.socket)

    def deafen(self, count: int) -> None:
        for connection in self._connections[:count]:
            connection.is_deaf = True

    async def _close(self, connections: list[_Connection]) -> None:
        for connection in connections:
            self._forget(connection)
            try:
                await connection.socket.close(CLOSE_GOING_AWAY)
            except (RuntimeError, WebSocketDisconnect):
                continue  # the other side was quicker


async def _say(socket: WebSocket, said: Json) -> None:
    try:
        await socket.send_text(json.dumps(said, ensure_ascii=False))
    except (RuntimeError, WebSocketDisconnect):
        raise UndeliveredError("connection_failed") from None
