"""Tokens that end: refreshed once, whoever refreshes and whatever breaks, against the workspace."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from slack_sdk import WebClient
from sqlmodel import select

from bot import fault_points
from bot.content.folder import Content
from bot.sandbox.rate_limits import RateLimits
from bot.sandbox.scenes import demo_scene
from bot.sandbox.server import Sandbox
from bot.service.house import House
from bot.slack.access import Accesses
from bot.slack.gateway import web_client
from bot.slack.refreshing import HOPELESS, LEASE, Refresher
from bot.storage.database import Database
from bot.storage.sealing import TokenKeys, Tokens, new_key
from bot.storage.tables import Outbox, Workspace
from bot.storage.unit_of_work import look, work
from bot.storage.upgrade import upgrade
from tests.storage.conftest import own_database
from tests.support.house import Clock, house_of_two


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox(demo_scene(), rate_limits=RateLimits.off()) as sandbox:
        sandbox.oauth.redirect_urls = ["https://bot.example/"]
        sandbox.oauth.rotates_tokens = True
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Iterator[Sandbox]:
    yield running
    running.faults.clear()
    running.oauth.refreshes.clear()
    fault_points.disarm()


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def house(
    request: pytest.FixtureRequest, tmp_path: Path, content: Content, clock: Clock
) -> Iterator[House]:
    with own_database(request.param, tmp_path) as url:
        database = Database(url)
        upgrade(database)
        yield replace(house_of_two(database, content, clock), several=True)
        database.close()


@pytest.fixture
def accesses(house: House) -> Accesses:
    return Accesses(house.database, TokenKeys([new_key()]), house.clock)


@pytest.fixture
def team(sandbox: Sandbox, house: House, accesses: Accesses) -> str:
    """A workspace whose token, fetched from Slack, ends in an hour."""
    oauth = sandbox.oauth
    who = sandbox.workspace.find_person("leo")
    address = f"{sandbox.authorize_url}?client_id={oauth.client_id}&scope=chat:write&state=s"
    code = sandbox.consent(who, address).rpartition("code=")[2]
    answer = WebClient(base_url=sandbox.base_url).oauth_v2_access(
        client_id=oauth.client_id, client_secret=oauth.client_secret, code=code
    )
    tokens = Tokens(str(answer["access_token"]), str(answer["refresh_token"]))
    with work(house.database, house.clock()) as uow:
        uow.workspaces.install(
            who.organisation,
            name="Borealis Pay",
            url="",
            bot_user=str(answer["bot_user_id"]),
            bot="B1",
            sealed=accesses.seal(who.organisation, tokens),
            expires_at=house.clock() + timedelta(hours=1),
            installed_by=who.id,
        )
    return who.organisation


def replica(sandbox: Sandbox, house: House, accesses: Accesses) -> Refresher:
    client = web_client("", sandbox.base_url)
    oauth = sandbox.oauth
    return Refresher(house, accesses, client, oauth.client_id, oauth.client_secret)


def row_of(house: House, team: str) -> Workspace:
    with look(house.database, house.clock()) as uow:
        row = uow.workspaces.get(team)
    assert row is not None
    return row


def works(sandbox: Sandbox, accesses: Accesses, team: str) -> bool:
    access = accesses.of(team)
    assert access is not None
    client = WebClient(token=access.token, base_url=sandbox.base_url)
    return bool(client.auth_test()["team_id"] == team)


def told(house: House) -> list[str]:
    with house.database.reading() as session:
        rows = session.exec(select(Outbox).where(Outbox.method == "chat.postMessage"))
        return [str(row.payload["text"]) for row in rows]


def test_a_token_is_refreshed_before_its_end_and_no_sooner(
    sandbox: Sandbox, house: House, accesses: Accesses, team: str, clock: Clock
) -> None:
    one = replica(sandbox, house, accesses)
    assert one.round() == 1
    row = row_of(house, team)
    assert row.version == 2
    assert row.expires_at is not None
    assert timedelta(hours=11, minutes=59) < row.expires_at - clock() <= timedelta(hours=12)
    assert one.round() == 0
    assert works(sandbox, accesses, team)


def test_of_two_replicas_one_refreshes(
    sandbox: Sandbox, house: House, accesses: Accesses, team: str, clock: Clock
) -> None:
    replicas = [replica(sandbox, house, accesses) for _ in range(4)]
    for turn in range(1, 6):
        together = threading.Barrier(len(replicas))

        def refresh(one: Refresher, together: threading.Barrier = together) -> None:
            together.wait()
            one.round()

        threads = [threading.Thread(target=refresh, args=(one,)) for one in replicas]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sandbox.oauth.refreshes == ["ok"] * turn
        assert row_of(house, team).version == turn + 1
        assert works(sandbox, accesses, team)
        clock.forward(11 * 3600)
    assert told(house) == []


def test_a_replica_killed_before_the_exchange_leaves_it_to_the_next(
    sandbox: Sandbox, house: House, accesses: Accesses, team: str, clock: Clock
) -> None:
    fault_points.arm("refreshing.begun", fault_points.crash)
    with pytest.raises(fault_points.Crash):
        replica(sandbox, house, accesses).round()
    other = replica(sandbox, house, accesses)
    assert other.round() == 0  # not before the dead one's minute is over
    clock.forward(LEASE.total_seconds() + 1)
    assert other.round() == 1
    assert works(sandbox, accesses, team)


def test_killed_after_the_exchange_staff_are_told_while_the_old_token_is_good(
    sandbox: Sandbox, house: House, accesses: Accesses, team: str, clock: Clock
) -> None:
    fault_points.arm("refreshing.answered", fault_points.crash)
    with pytest.raises(fault_points.Crash):
        replica(sandbox, house, accesses).round()
    clock.forward(LEASE.total_seconds() + 1)
    other = replica(sandbox, house, accesses)
    assert other.round() == 0
    clock.forward(HOPELESS.total_seconds() + 1)
    assert other.round() == 0
    assert sandbox.oauth.refreshes == ["ok", "invalid_refresh_token", "invalid_refresh_token"]
    [sentence] = told(house)  # once, though it was tried twice
    assert "Borealis Pay" in sentence
    assert "invalid_refresh_token" in sentence
    assert row_of(house, team).refresh_error == "invalid_refresh_token"
    assert works(sandbox, accesses, team)


def test_a_replica_that_stood_still_keeps_what_slack_gave_it(
    sandbox: Sandbox, house: House, accesses: Accesses, team: str, clock: Clock
) -> None:
    """Its minute is over and another one was refused: the only good pair is the one it holds."""
    slow, quick = (replica(sandbox, house, accesses) for _ in range(2))

    def meanwhile() -> None:
        fault_points.disarm()
        clock.forward(LEASE.total_seconds() + 1)
        assert quick.round() == 0

    fault_points.arm("refreshing.answered", meanwhile)
    assert slow.round() == 1
    row = row_of(house, team)
    assert (row.version, row.refresh_error, row.refresh_after) == (2, "", None)
    assert works(sandbox, accesses, team)


def test_a_replica_that_stood_still_before_its_call_does_not_make_it(
    sandbox: Sandbox, house: House, accesses: Accesses, team: str, clock: Clock
) -> None:
    slow, quick = (replica(sandbox, house, accesses) for _ in range(2))

    def meanwhile() -> None:
        fault_points.disarm()
        clock.forward(LEASE.total_seconds() + 1)
        assert quick.round() == 1

    fault_points.arm("refreshing.begun", meanwhile)
    assert slow.round() == 0
    assert sandbox.oauth.refreshes == ["ok"]
    assert told(house) == []


@pytest.mark.parametrize("answer", ["http_503", "reset", "internal_error"])
def test_slack_away_is_tried_again_and_nobody_is_bothered(
    sandbox: Sandbox, house: House, accesses: Accesses, team: str, clock: Clock, answer: str
) -> None:
    sandbox.faults.call("oauth.v2.access", answer)  # type: ignore[arg-type]
    one = replica(sandbox, house, accesses)
    assert one.round() == 0
    assert one.round() == 0  # not at once
    assert sandbox.oauth.refreshes == []
    clock.forward(61)
    assert one.round() == 1
    assert told(house) == []


def test_an_installation_during_the_exchange_wins(
    sandbox: Sandbox, house: House, accesses: Accesses, team: str
) -> None:
    def meanwhile() -> None:
        with work(house.database, house.clock()) as uow:
            uow.workspaces.install(
                team, name="Borealis Pay", url="", bot_user="U1", bot="B1",
                sealed=accesses.seal(team, Tokens("newest")), expires_at=None, installed_by="U2",
            )  # fmt: skip

    fault_points.arm("refreshing.answered", meanwhile)
    assert replica(sandbox, house, accesses).round() == 0
    access = accesses.of(team)
    assert access is not None
    assert access.token == "newest"


def test_a_removal_during_the_exchange_leaves_no_token(
    sandbox: Sandbox, house: House, accesses: Accesses, team: str
) -> None:
    def meanwhile() -> None:
        with work(house.database, house.clock()) as uow:
            uow.workspaces.remove(team)

    fault_points.arm("refreshing.answered", meanwhile)
    assert replica(sandbox, house, accesses).round() == 0
    assert row_of(house, team).sealed == ""
    assert accesses.of(team) is None
