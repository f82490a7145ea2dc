"""The weekly report: when it is due, what it says, and that it comes again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.sandbox.records import File
from bot.service import week_picture
from bot.service.posting import Posting
from bot.service.weekly import KIND, next_monday, weekly_report
from bot.storage.reminders import DueReminder
from bot.storage.unit_of_work import work
from tests.support.desk import Desk


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-11-26T22:00", "2026-11-30T09:00"),  # a Thursday
        ("2026-11-30T08:59", "2026-11-30T09:00"),
        ("2026-11-30T09:00", "2026-12-07T09:00"),
        ("2026-12-27T12:00", "2026-12-28T09:00"),  # a Sunday
    ],
)
def test_it_is_due_on_monday_at_nine(now: str, due: str) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert next_monday(moment) == datetime.fromisoformat(due).replace(tzinfo=UTC)


@pytest.fixture
def desk(tmp_path: Path, pytestconfig: pytest.Config) -> Iterator[Desk]:
    with Desk.in_folder(tmp_path, pytestconfig) as desk:
        yield desk


def post_the_week(desk: Desk) -> None:
    house = desk.bot.house
    with work(house.database, house.clock()) as uow:
        due = DueReminder(
            id=1, kind=KIND, about=KIND, request_id=None, payload={}, due_at=uow.now,
            attempts=0, fence=0,
        )  # fmt: skip
        weekly_report(uow, house, Posting(uow, house, "week"), due)
    house.owed.ring()


def pictures(desk: Desk) -> list[File]:
    """What the bot shows in the staff channel."""
    workspace = desk.sandbox.workspace
    shown = workspace.messages.in_channel(desk.channel("support-desk"))
    files = [workspace.files.get(file) for message in shown for file in message.files]
    return [file for file in files if file is not None]


@pytest.mark.parametrize("answer", ["http_500", "fatal_error", "reset"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_an_interrupted_sharing_shows_the_picture_once(desk: Desk, answer: str, when: str) -> None:
    desk.sandbox.faults.call("files.completeUploadExternal", answer, when=when)
    post_the_week(desk)
    desk.settle(20)
    (shown,) = pictures(desk)
    assert shown.content.startswith(b"\x89PNG")
    assert "Requests opened: 0" in shown.alt_text


def test_the_picture_stands_below_the_words_and_comes_late_rather_than_never(desk: Desk) -> None:
    for method in ("chat.postMessage", "files.getUploadURLExternal"):
        desk.sandbox.faults.call(method, "http_503")
    post_the_week(desk)
    desk.settle(20)
    seen = [str(one) for one in desk.sandbox.sees("mika", "support-desk")]
    (words,) = [at for at, one in enumerate(seen) if "Support from" in one]
    (drawn,) = [at for at, one in enumerate(seen) if ".png" in one]
    assert words < drawn


def test_what_can_not_be_drawn_is_given_up_and_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(week_picture, "MOST_ATTEMPTS", 0)
    post_the_week(desk)
    desk.settle(20)
    assert pictures(desk) == []
    assert desk.wait("mika", "support-desk", "could not be drawn")
