"""A person with a browser who installs the app in their own workspace."""

from __future__ import annotations

import html
import re
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from bot.sandbox.records import Channel
from bot.sandbox.server import Sandbox
from bot.slack.installing import INSTALL_PATH, REDIRECT_PATH


class _StayHere(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: object, **_more: object) -> None:
        return None


_OPENER = urllib.request.build_opener(_StayHere)


@dataclass(frozen=True, slots=True)
class Shown:
    """A page: its status and what it says."""

    status: int
    text: str
    headers: Any = None


@dataclass(slots=True)
class Visitor:
    """`pages` is where the bot's pages begin. Cookies are kept as a browser keeps them."""

    sandbox: Sandbox
    pages: str
    person: str
    cookie: str = field(default="", repr=False)

    def begin(self) -> str:
        """Open the install page; returns where its button leads."""
        self.sandbox.oauth.redirect_urls = [f"{self.pages}{REDIRECT_PATH}"]
        page = self.open(f"{self.pages}{INSTALL_PATH}")
        assert page.status == 200, page.text
        found = re.search(r'href="(http[^"]+)"', page.text)
        assert found is not None
        return html.unescape(found[1])

    def decide(self, authorize_url: str, *, allow: bool = True) -> str:
        """On Slack's page; returns where Slack sends the person."""
        return self.sandbox.consent(self.person, authorize_url, allow=allow)

    def install(self) -> Shown:
        """The whole way."""
        return self.open(self.decide(self.begin()))

    def open(self, url: str) -> Shown:
        headers = {"Cookie": self.cookie} if self.cookie else {}
        request = urllib.request.Request(url, headers=headers)
        try:
            answer = _OPENER.open(request, timeout=10)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            for cookie in answer.headers.get_all("Set-Cookie") or ():
                self.cookie = cookie.partition(";")[0]
            return Shown(int(answer.status), answer.read().decode(), answer.headers)


def state_of(url: str) -> str:
    return parse_qs(urlsplit(url).query)["state"][0]


def channel_inside(sandbox: Sandbox, person: str, name: str) -> Channel:
    """A channel of the person's own organisation, to which they invite the bot."""
    workspace = sandbox.workspace
    who = workspace.find_person(person)
    owner = workspace.organisations[who.organisation]
    channel = workspace.add_channel(name, [who], owner=owner)
    sandbox.join(workspace.further[owner.id].bot_user, channel, inviter=who)
    return channel
