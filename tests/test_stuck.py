"""`supportbot stuck`: what waits and why; trying again and letting go."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from bot.cli import main
from bot.storage.database import Database, utc_now
from bot.storage.revision import require_current
from bot.storage.tables import Inbox, Outbox


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    url = f"sqlite:///{tmp_path / 'stuck.db'}"
    monkeypatch.setenv("SUPPORTBOT_DATABASE_URL", url)
    made = Database(url)
    require_current(made)
    return made


def owe(database: Database, key: str, age: float = 120, **columns: object) -> str:
    then = utc_now() - timedelta(seconds=age)
    row = Outbox(
        **{"key": key, "lane": "C1:1.0", "method": "chat.postMessage", "channel": "C1",
           "payload": {"text": "hello"}, "available_at": then, "created_at": then, **columns}
    )  # fmt: skip
    with database.transaction() as session:
        session.add(row)
        session.flush()
        return f"out-{row.id}"


def listed(capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """Id → why."""
    capsys.readouterr()
    assert main(["stuck", "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return {row["id"]: row["why"] for row in rows}


def state(database: Database, name: str) -> tuple[str, int]:
    table = Inbox if name.startswith("in-") else Outbox
    with database.reading() as session:
        row = session.get(table, int(name.partition("-")[2]))
    assert row is not None
    return row.state, row.attempts


def test_nothing_waits(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stuck"]) == 0
    assert capsys.readouterr().out == "none\n"


def test_each_entry_says_why_it_waits(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    now = utc_now()
    first = owe(database, "a", state="unknown", attempts=2, error="chat.postMessage: timed out",
                available_at=now + timedelta(seconds=100))  # fmt: skip
    second = owe(database, "b")
    gone = owe(database, "c", lane="x", state="sending", lease_until=now - timedelta(seconds=1))
    dead = owe(database, "d", lane="y", state="dead", error="is_archived")
    owe(database, "e", lane="z", state="sent")
    owe(database, "f", lane="w", age=1)
    why = listed(capsys)
    assert set(why) == {first, second, gone, dead}
    assert "timed out" in why[first]
    assert "looked for" in why[first]
    assert first in why[second]
    assert "its process is gone" in why[gone]
    assert why[dead] == "given up: is_archived"


def test_a_dead_post_that_is_tried_again_is_looked_for_first(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    tried = owe(database, "a", state="dead", attempts=8, error="not_in_channel")
    never = owe(database, "b", lane="x", state="dead", error="the message was never posted")
    assert main(["stuck", "retry", tried]) == 0
    assert main(["stuck", "retry", never]) == 0
    assert state(database, tried) == ("unknown", 0)
    assert state(database, never) == ("pending", 0)


def test_letting_go_frees_what_waits_behind(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    first = owe(database, "a", error="channel_not_found", attempts=3)
    second = owe(database, "b")
    assert main(["stuck", "give-up", first]) == 0
    assert state(database, first)[0] == "dead"
    assert first not in listed(capsys)[second]


@pytest.mark.parametrize("name", ["out-999", "in-1", "nonsense", "later-x"])
def test_an_unknown_entry_is_said(
    database: Database, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert main(["stuck", "retry", name]) == 1
    assert "supportbot stuck" in capsys.readouterr().err
