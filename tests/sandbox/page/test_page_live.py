"""The stream that tells a page what is out of date."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Iterator

import pytest
from page_visitor import Visitor

from bot.sandbox.server import Sandbox


class Stream:
    def __init__(self, sandbox: Sandbox, person: str, since: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=3)
        self.connection.request("GET", f"/page/live?person={person}&since={since}")
        self.response = self.connection.getresponse()

    def event(self) -> tuple[str, object]:
        """The next event's name and data."""
        name = ""
        while line := self.response.readline().decode().rstrip("\n"):
            field, _, value = line.partition(": ")
            if field == "event":
                name = value
            if field == "data":
                return name, json.loads(value)
        return self.event()


@pytest.fixture
def follow(sandbox: Sandbox) -> Iterator[Callable[[Visitor], Stream]]:
    opened: list[Stream] = []

    def follow_now(visitor: Visitor) -> Stream:
        opened.append(Stream(sandbox, visitor.id, sandbox.workspace.feed.sequence))
        return opened[-1]

    yield follow_now
    for stream in opened:
        stream.response.close()
        stream.connection.close()


def test_a_message_makes_the_panes_of_its_members_stale(
    hana: Visitor, sandbox: Sandbox, follow: Callable[[Visitor], Stream]
) -> None:
    stream = follow(hana)
    sandbox.say("mika", "#ext-kitsune", "hello")
    channel = hana.channel("#ext-kitsune")
    panes = [f"messages:{channel}", f"thread:{channel}", "sidebar", "people"]
    assert stream.event() == ("panes", panes)


def test_what_happens_elsewhere_stays_elsewhere(
    hana: Visitor, sandbox: Sandbox, follow: Callable[[Visitor], Stream]
) -> None:
    stream = follow(hana)
    sandbox.say("leo", "#ext-borealis", "our secret")
    assert stream.event() == ("panes", ["people"])


def test_a_failed_act_is_a_notice_to_its_person_alone(
    hana: Visitor, mika: Visitor, sandbox: Sandbox, follow: Callable[[Visitor], Stream]
) -> None:
    streams = follow(hana), follow(mika)
    sandbox.workspace.notice(sandbox.workspace.find_person("hana"), "The app did not answer.")
    sandbox.say("mika", "#ext-kitsune", "hello")
    assert streams[0].event() == ("notice", "The app did not answer.")
    assert streams[1].event()[0] == "panes"


def test_a_stream_taken_up_again_tells_what_was_missed(hana: Visitor, sandbox: Sandbox) -> None:
    before = sandbox.workspace.feed.sequence
    sandbox.say("mika", "#ext-kitsune", "while away")
    stream = Stream(sandbox, hana.id, before)
    assert stream.event()[0] == "panes"
    stream.response.close()
    stream.connection.close()


def test_an_open_stream_does_not_hold_up_the_stop(
    hana: Visitor, sandbox: Sandbox, follow: Callable[[Visitor], Stream]
) -> None:
    follow(hana)
    began = time.monotonic()
    sandbox.stop()
    assert time.monotonic() - began < 1.0
