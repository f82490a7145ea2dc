"""Probes, metrics and logs tell how the bot is, and nothing of what customers write."""

from __future__ import annotations

import json
import logging
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from bot.desk.errors import SetupFault
from bot.log_format import JsonFormatter, WordlessFormatter
from bot.service.health import Health
from bot.service.house import House
from bot.service.intake import Intake
from bot.service.measures import Measures
from bot.status_server import StatusServer
from tests.service.test_intake import message
from tests.support.cast import cast
from tests.support.desk import Desk

CANARY = "Zyzzogeton"


class Watched:
    """A status server over a house whose threads and connections the test decides."""

    def __init__(self, house: House) -> None:
        self.documents = Mock(version=3)
        house = replace(house, answers=self.documents)
        self.threads = {"handler-0": True, "sender-0": True}
        self.connections = 2
        health = Health(house, lambda: self.threads, lambda: self.connections, {"schema": "7"})
        self.server = StatusServer(health, house.measures, 0, "127.0.0.1")

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(self.server.address + path, timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def told(self, path: str) -> tuple[int, dict[str, Any]]:
        status, body = self.get(path)
        return status, json.loads(body)


@pytest.fixture
def watched(house: House) -> Iterator[Watched]:
    made = Watched(house)
    made.server.start()
    yield made
    made.server.stop()


def test_a_healthy_bot_is_alive_and_ready(watched: Watched) -> None:
    assert watched.told("/healthz") == (200, {"alive": True, "ended": []})
    status, told = watched.told("/readyz")
    assert status == 200
    assert told["database"] == "ok"
    assert told["schema"] == "7"
    assert told["documents"] == "3"
    watched.documents.version = 4
    assert watched.told("/readyz")[1]["documents"] == "4"
    assert 'supportbot_version{of="documents:4"}' in watched.get("/metrics")[1]
    assert told["oldest_unhandled_seconds"] == 0


def test_a_loop_that_ended_is_named(watched: Watched) -> None:
    watched.threads["sender-0"] = False
    assert watched.told("/healthz") == (503, {"alive": False, "ended": ["sender-0"]})


def test_without_a_connection_it_is_not_ready(watched: Watched) -> None:
    watched.connections = 0
    assert watched.told("/readyz")[0] == 503


def test_what_waits_is_told_with_its_age(watched: Watched, house: House, clock: Any) -> None:
    Intake(house).save(message(text=CANARY), "Ev1")
    clock.forward(90)
    status, told = watched.told("/readyz")
    assert status == 200
    assert told["oldest_unhandled_seconds"] == 90
    assert told["waiting"] == {"inbox": 1, "outbox": 0}
    metrics = watched.get("/metrics")[1]
    assert 'supportbot_oldest_seconds{of="inbox"} 90.0' in metrics
    assert 'supportbot_arrivals_total{kind="MessagePosted",outcome="new"} 1.0' in metrics
    assert CANARY not in metrics


def test_a_database_that_is_away_is_not_ready_and_the_metrics_go_on(
    watched: Watched, house: House
) -> None:
    with house.database.transaction() as session:
        session.connection().exec_driver_sql("ALTER TABLE inbox RENAME TO away")
    status, told = watched.told("/readyz")
    assert status == 503
    assert told["database"] == "OperationalError"
    assert 'supportbot_database_up{of="database"} 0.0' in watched.get("/metrics")[1]


def test_other_pages_are_not_there(watched: Watched) -> None:
    assert watched.get("/anything")[0] == 404


def test_a_port_that_is_taken_is_said(watched: Watched, house: House) -> None:
    port = int(watched.server.address.rpartition(":")[2])
    health = Health(house, dict, lambda: 0)
    with pytest.raises(SetupFault, match="SUPPORTBOT_METRICS_PORT"):
        StatusServer(health, Measures(), port, "127.0.0.1")


# --- logs -----------------------------------------------------------------------------------------


def record(text: str, *values: object, error: Exception | None = None) -> logging.LogRecord:
    info = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord("bot.worker", logging.INFO, "x.py", 1, text, values, info)


def test_the_names_in_a_line_become_fields() -> None:
    line = JsonFormatter().format(
        record("handled id=%s kind=%s: %s ms=%.1f", 7, "MessagePosted", "silent", 1.25)
    )
    told = json.loads(line)
    assert (told["id"], told["kind"], told["ms"]) == (7, "MessagePosted", 1.25)
    assert told["event"] == "handled id=7 kind=MessagePosted: silent ms=1.2"


@pytest.mark.parametrize("formatter", [JsonFormatter(), WordlessFormatter("%(message)s")])
def test_what_an_exception_says_is_not_logged(formatter: logging.Formatter) -> None:
    try:
        raise ValueError(CANARY)
    except ValueError as error:
        line = formatter.format(record("work failed", error=error))
    assert "ValueError" in line
    assert "test_status.py" in line
    assert CANARY not in line


def test_no_log_line_carries_customers_words_even_when_handling_fails(
    tmp_path: Path, pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[str] = []

    class Keeping(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(JsonFormatter().format(record))

    keeping = Keeping()
    logging.getLogger("bot").addHandler(keeping)
    logging.getLogger("bot").setLevel(logging.DEBUG)
    try:
        with Desk.in_folder(tmp_path, pytestconfig, accounts=()) as desk:
            ids = cast(desk, ["leo"])
            understand = desk.bot.house.reader.understand

            def stumble(words: str, hearing: Any) -> Any:
                monkeypatch.setattr(desk.bot.house.reader, "understand", understand)
                raise RuntimeError(f"cannot read {words!r}")

            monkeypatch.setattr(desk.bot.house.reader, "understand", stumble)
            root = desk.say(
                ids["leo"], ids["ext-borealis"], f"@supportbot I want a person for {CANARY}"
            )
            desk.wait(ids["leo"], ids["ext-borealis"], "is open", thread=root)
            desk.settle()
    finally:
        logging.getLogger("bot").removeHandler(keeping)
        logging.getLogger("bot").setLevel(logging.NOTSET)
    assert any("failed: RuntimeError" in line for line in lines)
    assert any('"event": "sent id=' in line for line in lines)
    assert [line for line in lines if CANARY in line] == []
