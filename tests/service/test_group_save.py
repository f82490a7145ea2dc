"""Arrivals are committed together, and each is told its own outcome, after the commit."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from unittest.mock import patch

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import Session, select

from bot.service.group_save import GroupSave
from bot.service.house import House
from bot.storage.tables import Inbox

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


def row(key: str) -> Inbox:
    return Inbox(event_key=key, lane="C1", kind="MessagePosted", payload={}, available_at=NOON,
                 received_at=NOON)  # fmt: skip


def stored(house: House) -> list[str]:
    with house.database.reading() as session:
        return sorted(session.exec(select(Inbox.event_key)))


def at_once(group: GroupSave, keys: list[str]) -> list[object]:
    """Outcomes of saving all of them while somebody else is writing: they wait together."""

    def save(key: str) -> object:
        try:
            return group.save(row(key))
        except IntegrityError as error:
            return type(error)

    with ThreadPoolExecutor(len(keys)) as pool:
        with group._writing:
            asked = [pool.submit(save, key) for key in keys]
            while len(group._waiting) < len(keys):
                threading.Event().wait(0.005)
        return [one.result(10) for one in asked]


def test_what_comes_together_is_one_commit(house: House) -> None:
    commits = []
    with patch.object(Session, "flush", autospec=True, side_effect=Session.flush) as flush:
        numbers = at_once(GroupSave(house.database), ["a", "b", "c", "d"])
        commits = [call for call in flush.mock_calls if call]
    assert stored(house) == ["a", "b", "c", "d"]
    assert len(set(numbers)) == 4
    assert len(commits) < 4


def test_one_that_is_there_already_does_not_stand_in_the_others_way(house: House) -> None:
    group = GroupSave(house.database)
    group.save(row("b"))
    outcomes = at_once(group, ["a", "b", "c"])
    assert stored(house) == ["a", "b", "c"]
    assert [isinstance(one, int) for one in outcomes] == [True, False, True]


def test_nobody_is_told_that_it_is_saved_when_the_commit_failed(house: House) -> None:
    Inbox.__table__.drop(house.database.engine)
    with pytest.raises(OperationalError):
        GroupSave(house.database).save(row("a"))
