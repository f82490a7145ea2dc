"""What is kept of an installation, and what is refused; the bot's name there and here."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from slack_bolt.error import BoltError
from slack_sdk.oauth.installation_store import Installation
from sqlmodel import select

from bot.desk.arrivals import ChannelJoined, HomeOpened, MessagePosted
from bot.service.house import House
from bot.slack.access import Accesses
from bot.slack.home_names import as_at_home, as_named_there
from bot.slack.installing import StoredInstallations
from bot.storage.sealing import TokenKeys, new_key
from bot.storage.tables import Outbox
from bot.storage.unit_of_work import look
from tests.support.house import US

THERE, TEAM = "U9THERE", "T9BOREALIS"


@pytest.fixture
def accesses(house: House) -> Accesses:
    made = Accesses(house.database, TokenKeys([new_key()]), house.clock)
    made.set_home(US, "-".join(("xoxb", "home")))
    return made


@pytest.fixture
def store(house: House, accesses: Accesses) -> StoredInstallations:
    several = replace(house, several=True)
    return StoredInstallations(accesses, house.database, several, house.clock)


def installation(**changes: Any) -> Installation:
    values: dict[str, Any] = {
        "team_id": TEAM, "team_name": "Borealis <!channel>", "bot_token": "-".join(("xoxb", "b")),
        "bot_id": "B9", "bot_user_id": THERE, "user_id": "U9LEO", **changes,
    }  # fmt: skip
    return Installation(**values)


def test_an_installation_is_kept_and_staff_are_told_with_a_harmless_name(
    house: House, store: StoredInstallations, accesses: Accesses
) -> None:
    store.save(installation())
    access = accesses.of(TEAM)
    assert access is not None
    assert (access.bot_user, access.bot, access.token) == (THERE, "B9", "-".join(("xoxb", "b")))
    assert access.token not in repr(access)
    with house.database.reading() as session:
        [told] = session.exec(select(Outbox)).all()
    assert (told.channel, told.team) == (house.staff_channel, "")
    assert "<!channel>" not in told.payload["text"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"is_enterprise_install": True, "enterprise_id": "E1"}, "in one workspace"),
        ({"team_id": None}, "in one workspace"),
        ({"bot_token": None}, "in one workspace"),
        ({"team_id": US.team}, "set by whoever runs the app"),
    ],
)
def test_what_cannot_be_used_is_refused(
    house: House, store: StoredInstallations, changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(BoltError, match=reason):
        store.save(installation(**changes))
    with look(house.database, house.clock()) as uow:
        assert uow.workspaces.all() == []


def test_what_comes_in_names_our_bot_and_the_workspace(house: House) -> None:
    said = MessagePosted(user="U9LEO", channel="C1", ts="1.0", text=f"<@{THERE}> help")
    found = as_at_home(house, said, TEAM, THERE)
    assert isinstance(found, MessagePosted)
    assert (found.text, found.user, found.workspace) == (f"<@{US.user}> help", "U9LEO", TEAM)
    joined = as_at_home(house, ChannelJoined(user=THERE, channel="C1"), TEAM, THERE)
    assert joined.user == US.user
    assert as_at_home(house, HomeOpened(user="U9LEO"), TEAM, None).workspace == TEAM


def test_what_goes_out_names_the_bot_that_is_there(house: House) -> None:
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": f"ask <@{US.user}>"}}]
    sent = as_named_there(house, {"channel": "C1", "blocks": blocks, "limit": 5}, THERE)
    assert sent["blocks"][0]["text"]["text"] == f"ask <@{THERE}>"
    assert sent["limit"] == 5
    assert US.user in str(blocks)  # what is stored stays as it is
