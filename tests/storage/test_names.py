"""The names of other accounts are found in a text, on every engine alike."""

from __future__ import annotations

import pytest

from bot.storage.database import Database
from bot.storage.unit_of_work import look, work
from tests.storage.rows import NOON

NAMES = (
    "Borealis Pay",
    "狐ゲームス",
    "O'Hara & Söhne",
    "Half \\ Full",
    "50% Off",
    "snake_case",
    "😀 Toys",
)


@pytest.fixture
def ours(database: Database) -> int:
    with work(database, NOON) as uow:
        for name in NAMES:
            uow.accounts.add(name, "standard", "UTC", "en")
        return uow.accounts.add("Ours", "standard", "UTC", "en").id or 0


def names_within(database: Database, ours: int, text: str) -> list[str]:
    with look(database, NOON) as uow:
        return uow.accounts.names_within(text, besides=ours)


@pytest.mark.parametrize("name", NAMES)
def test_each_is_found(database: Database, ours: int, name: str) -> None:
    assert names_within(database, ours, f"as at {name}, and at Ours") == [name]
    assert names_within(database, ours, f"同じく{name}様の件") == [name]


def test_where_there_is_none_none_is_found(database: Database, ours: int) -> None:
    assert names_within(database, ours, "Ours, Borealis, Pay, 狐, Half Full") == []


def test_of_several_the_longest_comes_first(database: Database, ours: int) -> None:
    found = names_within(database, ours, f"{NAMES[4]}, {NAMES[0]}")
    assert found == [NAMES[0], NAMES[4]]
