"""Breaking a connection without an answer, which ASGI itself has no word for."""

from __future__ import annotations

import asyncio
import socket
import struct

from starlette.requests import HTTPConnection
from uvicorn.protocols.http.h11_impl import H11Protocol


class AbortableProtocol(H11Protocol):
    """Lets a handler reach its connection, so that a fault can break it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.app_state = {**self.app_state, "transport": transport}
        super().connection_made(transport)


def abort(connection: HTTPConnection) -> None:
    """Break the connection of a request or a socket so that the other side sees a reset."""
    transport: asyncio.Transport = connection.state.transport
    raw = transport.get_extra_info("socket")
    if raw is not None:
        # Linger on, for zero seconds: closing sends RST instead of a polite end.
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
