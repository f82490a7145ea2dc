"""What becomes of a row whose handling goes wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import select

from bot.desk.retries import MOST_ATTEMPTS
from bot.service.house import House
from bot.service.intake import Intake
from bot.storage.lanes import inbox_lanes
from bot.storage.tables import Inbox
from bot.worker import Worker
from tests.service.test_intake import message
from tests.support.house import Clock


class Failing:
    """Handling that does what the test says."""

    def __init__(self, handle: Callable[[Inbox], None]) -> None:
        self.handle = handle


def fail_often(house: House, clock: Clock, error: Exception) -> str:
    """Handle a message that fails so for longer than anything is tried; returns its row's state."""
    assert Intake(house).save(message(), "Ev1")

    def handle(_row: Inbox) -> None:
        raise error

    nobody: Any = None
    worker = Worker(
        house, Failing(handle), inbox_lanes(house.database), nobody, nobody, nobody, nobody,  # type: ignore[arg-type]
        handlers=0, senders=0,
    )  # fmt: skip
    for _ in range(2 * MOST_ATTEMPTS):
        worker.handle_next()
        clock.forward(700)
    with house.database.reading() as session:
        return session.exec(select(Inbox.state)).one()


@pytest.fixture
def broken_connection() -> Exception:
    return sa.exc.OperationalError(
        "UPDATE", {}, ConnectionResetError(), connection_invalidated=True
    )


def test_a_row_that_meets_a_bug_again_and_again_is_given_up(house: House, clock: Clock) -> None:
    assert fail_often(house, clock, RuntimeError("a bug")) == "dead"


def test_broken_connections_to_the_database_never_count_against_a_row(
    house: House, clock: Clock, broken_connection: Exception
) -> None:
    assert fail_often(house, clock, broken_connection) == "new"
