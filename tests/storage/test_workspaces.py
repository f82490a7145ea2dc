"""Installations, states that are good once, and where a channel is – on every engine."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from bot.storage.database import Database
from bot.storage.tables import Outbox
from bot.storage.unit_of_work import UnitOfWork, work

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
HOME, THEIRS, OTHER = "T0US", "T0THEM", "T0OTHER"


def install(uow: UnitOfWork, team: str = THEIRS, sealed: str = "sealed") -> bool:
    return uow.workspaces.install(
        team, name="Borealis Pay", url="https://borealis.example/", bot_user="U1", bot="B1",
        sealed=sealed, expires_at=NOON + timedelta(hours=12), installed_by="U2",
    )  # fmt: skip


def entry(uow: UnitOfWork, key: str, channel: str, **columns: object) -> None:
    values = {"method": "chat.postMessage", "payload": {}, "available_at": NOON, **columns}
    assert uow.outgoing.put(Outbox(key=key, lane=key, channel=channel, created_at=NOON, **values))  # type: ignore[arg-type]


def test_installing_again_replaces_the_tokens_and_counts_up(database: Database) -> None:
    with work(database, NOON) as uow:
        assert not install(uow)
    with work(database, NOON) as uow:
        assert install(uow, sealed="newer")
        row = uow.workspaces.get(THEIRS)
        assert row is not None
        assert (row.version, row.sealed, row.state) == (2, "newer", "installed")


def test_removing_leaves_no_token_and_spares_newer_ones(database: Database) -> None:
    with work(database, NOON) as uow:
        install(uow)
        install(uow)
    with work(database, NOON) as uow:
        assert not uow.workspaces.remove(THEIRS, version=1)
        assert uow.workspaces.remove(THEIRS, version=2)
        assert not uow.workspaces.remove(THEIRS)
    with work(database, NOON) as uow:
        row = uow.workspaces.get(THEIRS)
        assert row is not None
        assert (row.sealed, row.state, row.expires_at) == ("", "removed", None)


def test_a_state_ends_one_installation_however_many_try(database: Database) -> None:
    with work(database, NOON) as uow:
        uow.workspaces.begin("s1", NOON + timedelta(minutes=10))
        uow.workspaces.begin("late", NOON - timedelta(seconds=1))
    together, ended = threading.Barrier(4), []

    def end() -> None:
        together.wait()
        with work(database, NOON) as uow:
            ended.append(uow.workspaces.end("s1"))

    threads = [threading.Thread(target=end) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ended) == [False, False, False, True]
    with work(database, NOON) as uow:
        assert not uow.workspaces.end("late")
        assert not uow.workspaces.end("never begun")


def test_a_channel_is_where_it_was_first_seen_until_the_app_is_removed_there(
    database: Database,
) -> None:
    with work(database, NOON) as uow:
        install(uow)
        uow.workspaces.saw("C1", THEIRS, HOME)
    with work(database, NOON) as uow:
        uow.workspaces.saw("C1", OTHER, HOME)
        assert uow.workspaces.of_channel("C1") == THEIRS
        assert uow.workspaces.of_channel("C2") == ""
        uow.workspaces.remove(THEIRS)
        assert uow.workspaces.unreachable() == {"C1"}
        uow.workspaces.saw("C1", OTHER, HOME)
    with work(database, NOON) as uow:
        assert uow.workspaces.of_channel("C1") == OTHER


def test_a_shared_channel_in_which_we_posted_before_stays_ours(database: Database) -> None:
    with work(database, NOON) as uow:
        entry(uow, "posted", "C1", ts="1.0")
        entry(uow, "owed", "C2")
        uow.workspaces.saw("C1", THEIRS, HOME)
        uow.workspaces.saw("C2", THEIRS, HOME)
    with work(database, NOON) as uow:
        assert uow.workspaces.of_channel("C1") == HOME
        assert uow.workspaces.of_channel("C2") == THEIRS


def test_a_channel_with_a_new_id_stays_where_it_is(database: Database) -> None:
    with work(database, NOON) as uow:
        uow.workspaces.saw("C1", THEIRS, HOME)
        uow.workspaces.saw("C9", THEIRS, HOME)  # something came under the new id already
    with work(database, NOON) as uow:
        uow.workspaces.rename_channel("C1", "C9")
    with work(database, NOON) as uow:
        assert uow.workspaces.of_channel("C9") == THEIRS
        assert uow.workspaces.of_channel("C1") == ""


def test_giving_up_takes_what_waits_for_one_workspace_and_nothing_else(
    database: Database,
) -> None:
    with work(database, NOON) as uow:
        entry(uow, "waits", "C1", team=THEIRS)
        entry(uow, "under way", "C1", team=THEIRS, state="sending", fence=3)
        entry(uow, "sent", "C1", team=THEIRS, state="sent", ts="1.0")
        entry(uow, "ours", "C2")
    with work(database, NOON) as uow:
        assert uow.outgoing.give_up(THEIRS, "gone") == 2
    with work(database, NOON) as uow:
        found = {key: uow.outgoing.by_key(key) for key in ("waits", "under way", "sent", "ours")}
        assert {key: row.state for key, row in found.items() if row} == {
            "waits": "dead", "under way": "dead", "sent": "sent", "ours": "pending",
        }  # fmt: skip
        assert found["under way"] is not None
        assert found["under way"].fence == 4


def test_sealing_anew_does_not_put_back_a_token_that_was_refreshed(database: Database) -> None:
    with work(database, NOON) as uow:
        install(uow)
    with work(database, NOON) as uow:
        seen = uow.workspaces.get(THEIRS)
        assert seen is not None
        uow.session.expunge(seen)
    with work(database, NOON) as uow:
        assert uow.workspaces.refreshed(seen, "fresh", NOON + timedelta(hours=24))
        assert not uow.workspaces.resealed(seen, "the old one under a new key")
    with work(database, NOON) as uow:
        row = uow.workspaces.get(THEIRS)
        assert row is not None
        assert row.sealed == "fresh"
