"""Connections to Slack that cannot be opened, break or go deaf are opened anew."""

from __future__ import annotations

from collections.abc import Iterator
from unittest.mock import patch

import pytest
from sqlmodel import select

from bot.desk.errors import SetupFault
from bot.slack import hearing, sockets
from bot.slack.gateway import web_client
from bot.slack.listeners import build_app
from bot.storage.tables import Inbox
from tests.support.cast import cast
from tests.support.desk import Desk


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("sockets")
    with (
        patch.object(sockets, "LOOK", 0.05),
        Desk.in_folder(folder, pytestconfig, accounts=(), ack_seconds=0.3) as running,
    ):
        yield running


def test_a_deaf_connection_is_noticed_and_opened_anew(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.sandbox.wait_for_connection(2)
    monkeypatch.setattr(hearing, "GRACE", 0.5)
    ids = cast(desk, ["leo"])
    opened = desk.sandbox.sockets.connections_ever
    desk.sandbox.faults.deafen_sockets(1)
    for number in range(8):  # some of them are tried on the deaf one first
        desk.say(ids["leo"], ids["ext-borealis"], f"nothing for the bot, number {number}")
    desk.sandbox.wait_for(
        lambda: desk.sandbox.sockets.connections_ever > opened, 8.0, lambda: "still deaf"
    )
    desk.settle(20)
    with desk.bot.database.reading() as session:
        said = [row.payload.get("text", "") for row in session.exec(select(Inbox))]
    assert sum("nothing for the bot" in text for text in said) == 8


def test_a_connection_that_cannot_be_opened_at_the_start_is_tried_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.bot.stop()
    monkeypatch.setattr(sockets, "wait_before", lambda _attempt: 0.05)
    desk.sandbox.faults.call("apps.connections.open", "http_500", times=3)
    desk.start_bot()
    desk.sandbox.wait_for(
        lambda: desk.bot.transport.connections() == 2, 10.0, lambda: "not connected"
    )


def test_a_refused_app_token_is_said_in_words(desk: Desk) -> None:
    app = build_app(desk.bot.house, web_client("", desk.sandbox.base_url), "", None)
    token = "-".join(("xapp", "another"))
    client = web_client("", desk.sandbox.base_url)
    transport = sockets.SocketTransport(app, token, client, desk.bot.house)
    with pytest.raises(SetupFault, match="SLACK_APP_TOKEN"):
        transport.start()
    with patch.object(sockets, "CLOSE_WITHIN", 0.2):
        transport.stop()


def test_after_being_cut_off_the_history_is_read(desk: Desk) -> None:
    desk.sandbox.wait_for_connection(2)
    desk.bot.house.missed.clear()
    transport = desk.bot.transport
    assert isinstance(transport, sockets.SocketTransport)
    transport._was_cut_off = True
    desk.sandbox.wait_for(lambda: not transport._was_cut_off, 3.0, lambda: "not noticed")
