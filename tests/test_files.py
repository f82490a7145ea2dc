"""Files on their way from one thread to the other, also on bad days."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.sandbox.records import Message
from tests.support.desk import Desk

PROBLEM = "@supportbot our cluster ledger-eu has been very slow since 09:00 UTC, severity S3, help"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[Desk]:
    with Desk.in_folder(tmp_path_factory.mktemp("files"), pytestconfig) as desk:
        yield desk


def opened(desk: Desk) -> tuple[str, str]:
    """A new request of Leo's: the roots of his thread and of the card's."""
    root = desk.say("leo", "ext-borealis", PROBLEM)
    confirmed = desk.wait("leo", "ext-borealis", "is open", thread=root)
    number = confirmed.text.split("*")[1]
    return root, desk.card(number).ts


def shown_files(desk: Desk, channel: str, root: str) -> list[tuple[str, bytes]]:
    """Name and content of the files that the bot put into a thread."""
    workspace = desk.sandbox.workspace
    messages: list[Message] = workspace.messages.replies(desk.channel(channel), root)
    files = [workspace.files.get(file) for m in messages if m.bot_id for file in m.files]
    return [(file.name, file.content) for file in files if file is not None]


def test_the_bytes_arrive_as_they_were_sent(desk: Desk) -> None:
    root, card = opened(desk)
    sent = bytes(range(256)) * 5000
    desk.sandbox.upload("leo", "ext-borealis", "dump.bin", sent, thread_ts=root)
    desk.settle()
    assert shown_files(desk, "support-desk", card) == [("dump.bin", sent)]
    desk.sandbox.upload("mika", "support-desk", "answer.bin", sent[:10], thread_ts=card)
    desk.settle()
    assert shown_files(desk, "ext-borealis", root) == [("answer.bin", sent[:10])]


@pytest.mark.parametrize("answer", ["http_500", "fatal_error", "reset"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_an_interrupted_sharing_shows_the_file_once(desk: Desk, answer: str, when: str) -> None:
    root, card = opened(desk)
    desk.sandbox.faults.call("files.completeUploadExternal", answer, when=when)
    desk.sandbox.upload("leo", "ext-borealis", "once.txt", b"once", thread_ts=root)
    desk.settle(20)
    assert shown_files(desk, "support-desk", card) == [("once.txt", b"once")]


def test_trouble_before_the_sharing_is_only_a_delay(desk: Desk) -> None:
    root, card = opened(desk)
    for method in ("files.info", "files.getUploadURLExternal"):
        desk.sandbox.faults.call(method, "http_503")
    desk.sandbox.upload("leo", "ext-borealis", "later.txt", b"later", thread_ts=root)
    desk.settle(20)
    assert shown_files(desk, "support-desk", card) == [("later.txt", b"later")]


def test_what_may_not_be_read_is_said_and_never_stored(desk: Desk) -> None:
    """Slack answers a download without the right to it with a page to sign in."""
    root, card = opened(desk)
    store = desk.sandbox.workspace.files
    desk.sandbox.faults.call("files.info", "http_503")  # the name is asked for before
    file = desk.sandbox.upload("leo", "ext-borealis", "secret.txt", b"x" * 20, thread_ts=root)
    withheld = store.get(file.files[0])
    assert withheld is not None
    withheld.is_withheld = True
    seen = desk.wait("mika", "support-desk", "could not be read", thread=card)
    assert "secret.txt" in seen.text
    assert "Open it where it was shared" in seen.text
    desk.settle()
    assert shown_files(desk, "support-desk", card) == []
    assert not [one for one in store.everything() if b"Sign in" in one.content]


def test_a_file_that_is_too_large_stays_where_it_is(
    tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> None:
    folder = tmp_path_factory.mktemp("large")
    with Desk.in_folder(folder, pytestconfig, largest_file_mb=1) as desk:
        root, card = opened(desk)
        large = b"x" * 1_000_001
        desk.sandbox.upload("leo", "ext-borealis", "dump.sql", large, thread_ts=root)
        seen = desk.wait("mika", "support-desk", "larger than 1 MB", thread=card)
        assert "Open it where it was shared" in seen.text
        desk.sandbox.upload("mika", "support-desk", "trace.log", large, thread_ts=card)
        told = desk.wait("leo", "ext-borealis", "larger than 1 MB", thread=root)
        assert "Open it" not in told.text
        desk.wait("mika", "support-desk", "did not get the file trace.log", thread=card)
        desk.settle()
        assert shown_files(desk, "support-desk", card) == []
        assert shown_files(desk, "ext-borealis", root) == []
