"""Nobody sees another's: canary words in everything, through every way in and out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.audit import read_audit
from bot.content.folder import Content
from bot.forget import Forgetting
from bot.office import Office
from bot.service.gate import refusal
from bot.service.house import House
from bot.settings import load_settings
from bot.storage.tables import Outbox
from bot.storage.unit_of_work import look, work
from tests.storage.test_forgetting import dump
from tests.support.house import ROOT, STAFF, Clock
from tests.support.tenants import WORD, Town, able_house

COMPANIES = 8
OPERATIONS = 80


@pytest.fixture
def town(house: House, content: Content, clock: Clock, pytestconfig: pytest.Config) -> Town:
    able = able_house(house, content, pytestconfig.cache.mkdir("supportbot"))
    return Town(able, clock, COMPANIES, seed=7)


def test_no_word_of_a_company_is_owed_to_another_one(town: Town, tmp_path: Path) -> None:
    for _ in range(OPERATIONS):
        town.act()
    assert town.leaks() == []
    assert town.dead() == []
    assert town.seen_by_customers() > COMPANIES  # the words do travel, to their own people
    assert len(town.done) > 10
    assert town.mails  # so there is something to look at
    assert town.logged() > OPERATIONS

    office = Office(
        load_settings({"SUPPORTBOT_DATABASE_URL": f"sqlite:///{tmp_path}/desk.db"}, ROOT)
    )
    for company in town.companies:
        listed = office.tickets(company.name, every=True)
        assert listed
        assert set(WORD.findall(str(listed))) == {f"{company.number:02d}"}
    for one in office.export():
        written = json.dumps(one, ensure_ascii=False)
        owner = WORD.findall(one["account"])
        assert set(WORD.findall(written)) == set(owner)
    settings = load_settings({"SUPPORTBOT_DATABASE_URL": f"sqlite:///{tmp_path}/desk.db"}, ROOT)
    trail = read_audit(settings)
    assert trail
    names = {company.number: company.name for company in town.companies}
    for line in trail:  # beside the name of the account that a line is about there is no word
        assert line.pop("account_name") in (*names.values(), "Ours", "Theirs", "")
        assert WORD.findall(str(line)) == []


def test_a_company_that_is_forgotten_leaves_nothing_in_the_busy_town(town: Town) -> None:
    for _ in range(OPERATIONS // 2):
        town.act()
    gone, *others = town.companies
    before = dump(town.house.database)
    Forgetting(town.house.database, STAFF, gone.name).run()
    after = dump(town.house.database)
    left = str(after).casefold()
    assert not any(sign.casefold() in left for sign in (gone.word, gone.user, gone.room, gone.name))
    for other in others:
        for table, rows in before.items():
            theirs = [row for row in rows if other.word in row and gone.word not in row]
            assert set(theirs) <= set(after[table]), table
    town.drop(gone)
    for _ in range(10):
        town.act()
    assert town.leaks() == []
    assert town.dead() == []


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
