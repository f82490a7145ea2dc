"""The audit trail, on every engine: each act leaves a line with before and after."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, get_args

import pytest
import sqlalchemy as sa

from bot.content.folder import Content
from bot.desk.arrivals import ChannelIdChanged, CommandGiven, FormSubmitted
from bot.desk.errors import NotAllowed
from bot.desk.requests import State
from bot.desk.roles import Role
from bot.service.accounts import AccountChange, change_account
from bot.service.channels import channel_moved
from bot.service.commands import Commands
from bot.service.doers import doer_of
from bot.service.house import House
from bot.service.posting import Posting
from bot.service.staff_actions import StaffActions
from bot.storage import tables
from bot.storage.database import Database
from bot.storage.tables import Audit
from bot.storage.trail import WATCHED, Doer, read_trail
from bot.storage.unit_of_work import UnitOfWork, look, work
from tests.service.test_staff_actions import ACTS, ARUN, MIKA, opened, process_at
from tests.support.house import STAFF, US, Clock, house_of_two

AS_MIKA = Doer(MIKA.user, "button")


@pytest.fixture
def desk(database: Database, content: Content, clock: Clock) -> House:
    house = house_of_two(database, content, clock)
    with work(database, clock()) as uow:
        for actor in (MIKA, ARUN):
            uow.accounts.remember_person(actor.user, US.team, actor.name, "en")
    return house


def lines(house: House, **which: Any) -> list[Audit]:
    with look(house.database, house.clock()) as uow:
        return read_trail(uow.session, **which)


def state_for(verb: str, house: House, clock: Clock) -> tuple[int, State]:
    """A request in the first state in which the verb is possible."""
    for state in get_args(State):
        number = opened(house, state, **process_at(verb))
        try:
            with work(house.database, house.clock()) as uow:
                act(uow, house, number, verb)
                raise Undone
        except Undone:
            return number, state
        except NotAllowed:
            clock.forward(1)
    raise AssertionError(f"{verb} is never possible")


class Undone(Exception):
    pass


def act(uow: UnitOfWork, house: House, number: int, verb: str) -> None:
    ACTS[verb](StaffActions(uow, house, Posting(uow, house, verb), number, MIKA, Role.ADMIN))


@pytest.mark.parametrize("verb", sorted(ACTS))
def test_every_verb_leaves_a_line_in_the_transaction_of_its_effect(
    desk: House, clock: Clock, verb: str
) -> None:
    number, _ = state_for(verb, desk, clock)
    earlier = len(lines(desk, request_id=number))  # that it was opened; what was undone left none
    with look(desk.database, desk.clock()) as uow:
        row = uow.session.get(tables.SupportRequest, number)
        before = {name: getattr(row, name) for name in ("state", "owner", "severity", "queue")}
    with work(desk.database, desk.clock(), AS_MIKA) as uow:
        act(uow, desk, number, verb)
    with look(desk.database, desk.clock()) as uow:
        row = uow.session.get(tables.SupportRequest, number)
        after = {name: getattr(row, name) for name in ("state", "owner", "severity", "queue")}
    found = lines(desk, request_id=number)[earlier:]
    assert found
    assert {(line.actor, line.source) for line in found} == {(MIKA.user, "button")}
    assert found[0].account_id is not None
    for name, was in before.items():
        moved = [line for line in found if name in line.before or name in line.after]
        if was == after[name]:
            assert not moved
        else:
            (line,) = moved
            assert (line.before.get(name, ""), line.after.get(name, "")) == (was, after[name])


def test_what_fails_leaves_no_line(desk: House) -> None:
    number = opened(desk)
    earlier = len(lines(desk))

    def claim_and_fail() -> None:
        with work(desk.database, desk.clock(), AS_MIKA) as uow:
            act(uow, desk, number, "claim")
            raise Undone

    with pytest.raises(Undone):
        claim_and_fail()
    assert len(lines(desk)) == earlier


def test_a_change_nobody_announced_is_noticed_all_the_same(desk: House) -> None:
    number = opened(desk)
    with work(desk.database, desk.clock(), Doer("bot", "clock", "new chore")) as uow:
        row = uow.requests.row(number)
        assert row is not None
        row.severity = "S1"
        uow.session.flush()
        row.severity, row.owner = "S4", "U9"
    (line,) = lines(desk, request_id=number)[1:]
    assert (line.deed, line.before, line.after) == (
        "new chore", {"severity": "S2"}, {"severity": "S4", "owner": "U9"},
    )  # fmt: skip


def test_nobodys_words_are_in_it(desk: House) -> None:
    number = opened(desk, "claimed", MIKA.user)
    with work(desk.database, desk.clock(), AS_MIKA) as uow:
        actions = StaffActions(uow, desk, Posting(uow, desk, "x"), number, MIKA, Role.ADMIN)
        actions.tag(add=["kestrel"])
        actions.set_severity("S1", "kestrel is down")
        actions.assign(ARUN.user, "kestrel")
        actions.close("kestrel is up")
    found = lines(desk, request_id=number)
    assert [line.deed for line in found][-4:] == ["tag", "severity", "assign", "close"]
    assert "kestrel" not in str([line.model_dump() for line in found])
    assert found[-4].after == {"tags": 1}


# --- accounts, channels, settings ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "subject", "before", "after"),
    [
        ("mode C1 mention", "channel C1", {"mode": "listen"}, {"mode": "mention"}),
        ("mode C1 listen 0.7", "channel C1", {}, {"least_score": 0.7}),
        ("unlink C1", "channel C1", {"account_id": 0, "mode": "listen"}, {}),
        ('link C9 "Ours"', "channel C9", {}, {"account_id": 0, "mode": "listen"}),
        ("queue sales C8", "queue sales", {}, {"channel": "C8"}),
        ("on-call <@U7>", "on-call for all queues", {}, {"user": "U7"}),
        ('link C1 "Ours" plan=premium', "", {"plan": "standard"}, {"plan": "premium"}),
    ],
)
def test_settings_given_by_command(
    desk: House, text: str, subject: str, before: dict[str, Any], after: dict[str, Any]
) -> None:
    given = CommandGiven(user=MIKA.user, team=US.team, command="/support-admin", text=text,
                         channel=STAFF, response_url="https://hooks.invalid/1")  # fmt: skip
    earlier = len(lines(desk))
    with work(desk.database, desk.clock()) as uow:
        linked = uow.accounts.of_channel("C1")
        assert linked is not None
        uow.trail.doer = doer_of(uow, desk, given)
        Commands(uow, desk, Posting(uow, desk, "c")).run(given)
    for side in (before, after):
        if "account_id" in side:
            side["account_id"] = linked.id
    (line,) = lines(desk)[earlier:]
    assert (line.actor, line.source) == (MIKA.user, "command")
    assert line.deed == f"/support-admin {text.split()[0]}"
    assert (line.subject, line.before, line.after) == (subject, before, after)


def test_setting_and_unsetting_who_is_on_call(desk: House) -> None:
    for user in ("U7", "U8", ""):
        with work(desk.database, desk.clock(), AS_MIKA) as uow:
            uow.accounts.set_on_call("sales", user)
    assert [(line.before, line.after) for line in lines(desk) if "sales" in line.subject] == [
        ({}, {"user": "U7"}), ({"user": "U7"}, {"user": "U8"}), ({"user": "U8"}, {}),
    ]  # fmt: skip


def test_an_account_is_changed_at_the_shell(desk: House) -> None:
    with work(desk.database, desk.clock(), Doer("shell:mika", "shell", "accounts add")) as uow:
        account = change_account(uow, desk.content.plans, AccountChange("Fresh Foods", "C77"))
        number = account.id
    found = lines(desk, account_id=number)
    assert [(line.deed, line.actor, line.subject) for line in found] == [
        ("accounts add", "shell:mika", ""), ("accounts add", "shell:mika", "channel C77"),
    ]  # fmt: skip
    assert "Fresh" not in str([line.model_dump() for line in found])


def test_slack_renames_a_channel(desk: House) -> None:
    moved = ChannelIdChanged(user="", old="C1", new="C11")
    with work(desk.database, desk.clock()) as uow:
        uow.trail.doer = doer_of(uow, desk, moved)
        channel_moved(uow, desk, Posting(uow, desk, "test"), moved)
    line = lines(desk)[-1]
    assert (line.actor, line.source, line.deed) == ("bot", "slack", "channel_moved")
    assert (line.subject, line.after) == ("channel C1", {"channel": "C11"})


# --- whose act it is ----------------------------------------------------------------------------


def test_customers_are_nobody_in_particular(desk: House) -> None:
    form = FormSubmitted(user="U2LEO", team="T2", form="raise", view_id="V1",
                         context={"channel": "C1"})  # fmt: skip
    staff = FormSubmitted(user=MIKA.user, team=US.team, form="close", view_id="V2",
                          context={"channel": STAFF})  # fmt: skip
    with work(desk.database, desk.clock()) as uow:
        assert doer_of(uow, desk, form) == Doer("customer", "form", "raise")
        assert doer_of(uow, desk, staff) == Doer(MIKA.user, "form", "close")


def test_lines_are_found_by_request_account_actor_and_time(desk: House, clock: Clock) -> None:
    first = opened(desk)
    clock.forward(1)
    second = opened(desk, "claimed")
    clock.forward(3600)
    with work(desk.database, clock(), AS_MIKA) as uow:
        act(uow, desk, first, "claim")
    assert {line.request_id for line in lines(desk)} >= {first, second}
    assert [line.deed for line in lines(desk, request_id=second)] == ["changed"]
    assert [line.deed for line in lines(desk, actor=MIKA.user)] == ["claim"]
    assert [line.deed for line in lines(desk, since=clock() - timedelta(minutes=1))] == ["claim"]
    assert lines(desk, account_id=999) == []
    assert len(lines(desk, limit=2)) == 2


def test_every_watched_column_exists_and_can_be_named(desk: House) -> None:
    for table, columns in WATCHED.items():
        assert set(columns) <= set(sa.inspect(table).columns.keys())
