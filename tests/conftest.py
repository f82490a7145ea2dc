"""The content of this checkout, and a support desk of two customers without a Slack."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from bot.content.folder import Content, load_content
from bot.service.house import House
from bot.storage.database import Database
from bot.storage.revision import require_current
from tests.support.house import ROOT, Clock, ScriptedSlack, house_of_two

settings.register_profile("long")
"""For `--hypothesis-profile`; what it means stands in the tests that ask for it."""


@pytest.fixture(scope="session")
def content() -> Content:
    return load_content(ROOT)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def slack() -> ScriptedSlack:
    return ScriptedSlack()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the current schema, to be copied."""
    file = tmp_path_factory.mktemp("schema") / "empty.db"
    database = Database(f"sqlite:///{file}")
    require_current(database)
    database.close()
    return file


@pytest.fixture
def house(tmp_path: Path, migrated: Path, content: Content, clock: Clock) -> Iterator[House]:
    database = Database(f"sqlite:///{shutil.copy(migrated, tmp_path / 'desk.db')}")
    yield house_of_two(database, content, clock)
    database.close()
