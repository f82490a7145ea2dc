"""Arrivals are committed together, and each is told its own outcome, after the commit."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import select

from bot.desk.arrivals import MessagePosted
from bot.service.group_save import GroupSave
from bot.service.house import House
from bot.storage.received import inbox_values
from bot.storage.tables import Inbox

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


def row(key: str) -> dict[str, Any]:
    return inbox_values(MessagePosted(user="U1", channel="C1", ts="1.0", text=key), key, "C1", NOON)


def stored(house: House) -> list[str]:
    with house.database.reading() as session:
        return sorted(session.exec(select(Inbox.event_key)))


def at_once(group: GroupSave, keys: list[str]) -> list[object]:
    """Outcomes of saving all of them while somebody else is writing: they wait together."""

    def save(key: str) -> object:
        try:
            group.save(row(key))
        except IntegrityError as error:
            return type(error)
        return "saved"

    with ThreadPoolExecutor(len(keys)) as pool:
        with group._writing:
            asked = [pool.submit(save, key) for key in keys]
            while len(group._waiting) < len(keys):
                threading.Event().wait(0.005)
        return [one.result(10) for one in asked]


def test_what_comes_together_is_one_commit(house: House) -> None:
    commits: list[object] = []
    sa.event.listen(house.database.engine, "commit", commits.append)
    outcomes = at_once(GroupSave(house.database), ["a", "b", "c", "d"])
    assert (outcomes, len(commits)) == (["saved"] * 4, 1)
    assert stored(house) == ["a", "b", "c", "d"]


def test_one_that_is_there_already_does_not_stand_in_the_others_way(house: House) -> None:
    group = GroupSave(house.database)
    group.save(row("b"))
    outcomes = at_once(group, ["a", "b", "c"])
    assert stored(house) == ["a", "b", "c"]
    assert outcomes == ["saved", IntegrityError, "saved"]


def test_nobody_is_told_that_it_is_saved_when_the_commit_failed(house: House) -> None:
    Inbox.__table__.drop(house.database.engine)
    with pytest.raises(OperationalError):
        GroupSave(house.database).save(row("a"))
