"""Nobody sees another's: canary words in everything, through every way in and out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.content.folder import Content
from bot.office import Office
from bot.service.gate import refusal
from bot.service.house import House
from bot.settings import load_settings
from bot.storage.tables import Outbox
from bot.storage.unit_of_work import look, work
from bot.understanding.reader import Understanding
from bot.wiring import build_library
from tests.support.house import ROOT, Clock
from tests.support.tenants import WORD, Town

COMPANIES = 8
OPERATIONS = 80


@pytest.fixture
def town(house: House, content: Content, clock: Clock, pytestconfig: pytest.Config) -> Town:
    cache = pytestconfig.cache.mkdir("supportbot")
    settings = replace(load_settings({"HOME": str(cache)}, ROOT), cache=cache)
    able = replace(
        house,
        reader=Understanding.from_catalogue(content.catalogue, cache, lambda *_: None),
        answers=build_library(content, settings, house.database),
    )
    return Town(able, clock, COMPANIES, seed=7)


def test_no_word_of_a_company_is_owed_to_another_one(town: Town, tmp_path: Path) -> None:
    for _ in range(OPERATIONS):
        town.act()
    assert town.leaks() == []
    assert town.dead() == []
    assert town.seen_by_customers() > COMPANIES  # the words do travel, to their own people
    assert len(town.done) > 8

    office = Office(
        load_settings({"SUPPORTBOT_DATABASE_URL": f"sqlite:///{tmp_path}/desk.db"}, ROOT)
    )
    for company in town.companies:
        listed = office.tickets(company.name, every=True)
        assert listed
        assert set(WORD.findall(str(listed))) == {f"{company.number:02d}"}


def test_a_leak_would_be_seen_and_would_not_be_sent(town: Town) -> None:
    one, two = town.companies[:2]
    now = town.house.clock()
    with work(town.house.database, now) as uow:
        account = uow.accounts.of_channel(one.channel)
        assert account is not None
        row = Outbox(
            key="leak", lane="leak", method="chat.postMessage", channel=one.channel,
            payload={"text": f"as with {two.name}"}, account_id=account.id, available_at=now,
            created_at=now,
        )  # fmt: skip
        uow.outgoing.put(row)
    assert [leak.partition(" ")[0] for leak in town.leaks()] == ["leak"]
    with look(town.house.database, now) as uow:
        leaked = uow.outgoing.by_key("leak")
        assert leaked is not None
        assert refusal(uow, town.house, leaked) == f"it names another account: {two.name}"
