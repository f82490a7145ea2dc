"""Signed HTTP delivery: every payload is posted to one request URL of the app."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

import h11

from bot.sandbox.deliveries import Attempt, UndeliveredError
from bot.sandbox.records import Json

READ_SIZE = 65_536
_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: dict[str, str]
    body: bytes


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Slack's `v0` request signature."""
    base = b":".join((b"v0", timestamp.encode("ascii"), body))
    return "v0=" + hmac.new(secret.encode("utf-8"), base, hashlib.sha256).hexdigest()


class HttpDelivery:
    """A transport, as `SocketMode` is. `request_url` must be reachable from here."""

    def __init__(
        self, request_url: str, signing_secret: str, clock: Callable[[], float] = time.time
    ) -> None:
        self.request_url = request_url
        self._secret = signing_secret
        self._clock = clock

    async def send_event(self, payload: Json, attempt: Attempt, ack_seconds: float) -> None:
        headers = {"Content-Type": _JSON}
        if attempt.number:
            headers["X-Slack-Retry-Num"] = str(attempt.number)
            headers["X-Slack-Retry-Reason"] = attempt.reason
        body = json.dumps(payload, ensure_ascii=False).encode("utf-8")
        answer = await self._post(body, headers, ack_seconds)
        if not 200 <= answer.status < 300:
            refused = answer.headers.get("x-slack-no-retry") == "1"
            raise UndeliveredError("no_retry" if refused else "http_error")

    async def ask(self, kind: str, payload: Json, ack_seconds: float) -> Json | None:
        fields = payload
        if kind == "interactive":
            fields = {"payload": json.dumps(payload, ensure_ascii=False)}
        body = urlencode(fields).encode("ascii")
        answer = await self._post(body, {"Content-Type": _FORM}, ack_seconds)
        if answer.status != 200:
            raise UndeliveredError("http_error")
        return _read(answer)

    async def verify(self, ack_seconds: float = 3.0) -> bool:
        """Slack's challenge when a request URL is entered; False also when nobody answers."""
        challenge = {"type": "url_verification", "challenge": "sandbox-challenge"}
        body = json.dumps(challenge).encode("utf-8")
        try:
            answer = await self._post(body, {"Content-Type": _JSON}, ack_seconds)
        except UndeliveredError:
            return False
        return answer.status == 200 and challenge["challenge"] in answer.body.decode("utf-8")

    async def _post(self, body: bytes, headers: dict[str, str], seconds: float) -> _Answer:
        timestamp = str(int(self._clock()))
        signed = {
            **headers,
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature(self._secret, timestamp, body),
        }
        try:
            return await asyncio.wait_for(_post(self.request_url, body, signed), seconds)
        except TimeoutError:
            raise UndeliveredError("http_timeout") from None
        except h11.RemoteProtocolError:
            raise UndeliveredError("http_error") from None
        except OSError:
            raise UndeliveredError("connection_failed") from None


def _read(answer: _Answer) -> Json | None:
    """A JSON object as it is; plain words as a message text; nothing as None."""
    text = answer.body.decode("utf-8", "replace")
    if not text.strip():
        return None
    if text.lstrip().startswith("{"):
        try:
            content = json.loads(text)
        except ValueError:
            raise UndeliveredError("http_error") from None
        return dict(content)
    return {"text": text}


async def _post(url: str, body: bytes, headers: dict[str, str]) -> _Answer:
    """One request on a connection of its own, so that it can be given up at any moment."""
    address = urlsplit(url)
    secure = address.scheme == "https"
    port = address.port or (443 if secure else 80)
    reader, writer = await asyncio.open_connection(address.hostname, port, ssl=secure or None)
    try:
        target = (address.path or "/") + (f"?{address.query}" if address.query else "")
        sent = {
            "Host": address.netloc,
            "User-Agent": "Slackbot 1.0 (local workspace)",
            "Accept": "*/*",
            "Connection": "close",
            "Content-Length": str(len(body)),
            **headers,
        }
        connection = h11.Connection(h11.CLIENT)
        request = h11.Request(method="POST", target=target, headers=list(sent.items()))
        for part in (request, h11.Data(data=body), h11.EndOfMessage()):
            writer.write(connection.send(part) or b"")
        await writer.drain()
        return await _receive(connection, reader)
    finally:
        writer.close()


async def _receive(connection: h11.Connection, reader: asyncio.StreamReader) -> _Answer:
    status, headers, body = 0, {}, bytearray()
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(READ_SIZE))
        elif isinstance(event, h11.Response):
            status = event.status_code
            headers = {
                name.decode("latin-1").lower(): value.decode("latin-1")
                for name, value in event.headers
            }
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.EndOfMessage | h11.ConnectionClosed):
            return _Answer(status, headers, bytes(body))
