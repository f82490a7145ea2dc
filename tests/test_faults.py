"""Real processes are killed at every point of a message's way: nothing is lost, nothing doubled.

The long version, with more of everything, is `benchmarks/faults.py`.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from bot.fault_points import POINTS
from tests.storage.conftest import own_database
from tests.support.faulty_day import FaultyDay

IN_TIME = 20.0
"""Seconds to come by a point; well under one on a machine that does nothing else."""
ON_SERVERS = (
    "intake.saved",
    "handling.committing",
    "delivery.calling",
    "delivery.called",
    "delivery.committing",
)


def spoil(day: FaultyDay, point: str) -> None:
    """What has to go wrong at Slack's so that a process comes by the point."""
    faults = day.sandbox.faults
    faults.clear()
    if point in ("delivery.looked", "delivery.postponing"):
        faults.call("chat.postMessage", "http_500", when="before", times=2)
    if point.startswith("echo."):
        # Taken, but the answer is lost: the echo tells.
        faults.call("chat.postMessage", "http_500", when="after", times=None, seconds=0.8)


def dies_there(day: FaultyDay, point: str) -> bool:
    """Let people write until the process has died at the point."""
    spoil(day, point)
    child = day.bots.start(point, stumbles=point == "handling.failing")
    newcomer = point in ("upkeep.committing", "directory.remembering")
    if newcomer:
        day.add_customer()
    day.open_request(-1 if newcomer else None)
    deadline = time.monotonic() + IN_TIME
    while not child.wait(0.15) and time.monotonic() < deadline:
        if day.outstanding() < 25:
            day.somebody_writes()
    died = child.was_killed
    child.signal(9)
    child.wait(5)
    return died


def test_killed_once_at_every_point_it_loses_nothing_and_doubles_nothing(
    tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    cache = pytestconfig.cache.mkdir("supportbot")
    with FaultyDay(f"sqlite:///{tmp_path / 'day.db'}", tmp_path, cache, customers=2) as day:
        missed = [point for point in POINTS if not dies_there(day, point)]
        day.settle(60)
        audit = day.audit()
    assert missed == []
    assert audit.is_clean, (audit, audit.lost, audit.doubled, audit.unfinished)
    assert audit.messages > len(POINTS)


@pytest.mark.parametrize("engine", ["postgresql", "mariadb"])
def test_two_replicas_on_a_server_lose_and_double_nothing(
    tmp_path: Path, pytestconfig: pytest.Config, engine: str
) -> None:
    cache = pytestconfig.cache.mkdir("supportbot")
    with (
        own_database(engine, tmp_path) as url,
        FaultyDay(url, tmp_path, cache, customers=2) as day,
    ):
        for point in ON_SERVERS:
            other = day.bots.start()
            dies_there(day, point)
            day.cut_connections()
            other.signal(9)
            other.wait(5)
        day.settle(60, replicas=2)
        audit = day.audit()
    assert audit.is_clean, (audit, audit.lost, audit.doubled, audit.unfinished)
