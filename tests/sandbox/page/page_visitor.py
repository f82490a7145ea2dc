"""Somebody in front of the workspace's page without a browser: what they get, what they post."""

from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote, urlencode

from bot.sandbox.server import Sandbox


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    """By lower-case name."""
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> dict[str, Any]:
        content = json.loads(self.body)
        assert isinstance(content, dict)
        return content


@dataclass(slots=True)
class Element:
    tag: str
    attributes: dict[str, str]
    words: str = ""


class _Elements(HTMLParser):
    """Every element with its attributes and all the words inside it."""

    _EMPTY = ("br", "hr", "input", "img", "meta", "link")

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Element] = []
        self._open: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.found.append(element)
        if tag not in self._EMPTY:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if tag in [element.tag for element in self._open]:
            while self._open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.words += data


def elements(html: str, tag: str = "", **attributes: str) -> list[Element]:
    """With this tag and these attributes; `_` stands for `-` in their names."""
    parser = _Elements()
    parser.feed(html)
    wanted = {name.strip("_").replace("_", "-"): value for name, value in attributes.items()}
    return [
        element
        for element in parser.found
        if tag in ("", element.tag)
        and all(
            value in element.attributes.get(name, "").split()
            if name == "class"
            else element.attributes.get(name) == value
            for name, value in wanted.items()
        )
    ]


@dataclass
class Visitor:
    sandbox: Sandbox
    person: str
    """Handle."""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return self.sandbox.workspace.find_person(self.person).id

    def channel(self, name: str) -> str:
        return self.sandbox.workspace.find_channel(name).id

    def get(self, path: str, channel: str = "", **query: str) -> Reply:
        query = {"person": self.id, **query}
        if channel:
            query["channel"] = self.channel(channel)
        return self.fetch(f"{path}?{urlencode(query, quote_via=quote)}")

    def fetch(self, address: str) -> Reply:
        return self._ask("GET", address)

    def page(self, channel: str = "", **query: str) -> str:
        reply = self.get("/", channel, **query)
        assert reply.status == 200, reply.text
        return reply.text

    def pane(self, name: str, channel: str = "", **query: str) -> str:
        reply = self.get(f"/page/pane/{name}", channel, **query)
        assert reply.status == 200, reply.text
        return reply.text

    def act(self, act: str, channel: str = "", /, **body: Any) -> Reply:
        body = {"person": self.id, **body}
        if channel:
            body["channel"] = self.channel(channel)
        return self.post(f"/page/act/{act}", json.dumps(body).encode())

    def post(self, path: str, body: bytes, kind: str = "application/json") -> Reply:
        return self._ask("POST", path, body, {"Content-Type": kind})

    def _ask(
        self, method: str, path: str, body: bytes | None = None, extra: dict[str, str] | None = None
    ) -> Reply:
        connection = http.client.HTTPConnection("127.0.0.1", self.sandbox.port, timeout=5)
        try:
            connection.request(method, path, body, {**(extra or {}), **self.headers})
            response = connection.getresponse()
            headers = {name.lower(): value for name, value in response.headers.items()}
            return Reply(response.status, headers, response.read())
        finally:
            connection.close()


def as_file(name: str, content: bytes) -> dict[str, str]:
    """A file as the page posts it."""
    return {"name": name, "content_base64": base64.b64encode(content).decode()}
