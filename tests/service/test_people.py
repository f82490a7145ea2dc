"""Somebody's account is deactivated: what they had in hand is told and free again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlmodel import select

from bot.desk.arrivals import PersonLeft
from bot.service.directory import Directory
from bot.service.house import House
from bot.service.people import person_left
from bot.service.ports import Profile
from bot.service.posting import Posting
from bot.service.rings import RINGS
from bot.service.ticketing import Ticketing
from bot.service.timekeeping import Timekeeper
from bot.storage.tables import Outbox
from bot.storage.unit_of_work import look, work
from tests.service.test_staff_actions import ARUN, MIKA, act, events, opened, row, told
from tests.service.test_staff_actions import desk as desk
from tests.support.house import STAFF, US, ScriptedSlack


def leave(house: House, user: str, event: str = "left") -> str:
    with work(house.database, house.clock()) as uow:
        return person_left(uow, house, Posting(uow, house, event), PersonLeft(user=user))


def test_what_they_had_is_free_and_what_they_closed_stays_as_it_is(desk: House) -> None:
    mine, other = opened(desk), opened(replace(desk, clock=lambda: desk.clock() + timedelta(1)))
    act(desk, mine, "claim")
    act(desk, other, "claim")
    act(desk, other, "resolve")
    leave(desk, MIKA.user)
    assert (row(desk, mine).state, row(desk, mine).owner) == ("new", "")
    assert (row(desk, other).state, row(desk, other).owner) == ("resolved", MIKA.user)
    assert events(desk, mine)[-1] == "owner_left"
    act(desk, mine, "claim", ARUN)
    assert row(desk, mine).owner == ARUN.user


def test_staff_are_told_once_and_the_one_on_call_is_called(desk: House) -> None:
    request = opened(desk)
    act(desk, request, "claim")
    with work(desk.database, desk.clock()) as uow:
        uow.accounts.set_on_call("support", ARUN.user)
        uow.accounts.set_on_call("sales", MIKA.user)
    leave(desk, MIKA.user)
    leave(desk, MIKA.user, "again")
    said = [text for text in told(desk, STAFF) if "Mika Tan" in text and "deactivated" in text]
    assert len(said) == 2
    with look(desk.database, desk.clock()) as uow:
        assert (uow.accounts.on_call("support"), uow.accounts.on_call("sales")) == (ARUN.user, "")
        rows = uow.session.exec(select(Outbox).where(Outbox.channel == STAFF)).all()
        offer = next(one for one in rows if "had SUP-" in one.payload["text"])
        assert offer.payload["reply_broadcast"]
        assert f"<@{ARUN.user}>" in str(offer.payload["blocks"])
    assert not any("Mika Tan" in text and "deactivated" in text for text in told(desk, "C1"))


def test_a_promise_without_its_owner_calls_the_one_on_call(desk: House) -> None:
    request = opened(desk)
    act(desk, request, "claim")
    with work(desk.database, desk.clock()) as uow:
        uow.accounts.set_on_call("", ARUN.user)
    leave(desk, MIKA.user)
    clock = desk.clock
    later = replace(desk, clock=lambda: clock() + timedelta(days=3))
    keeper = Timekeeper(later, RINGS)
    while (reminder := keeper.next()) is not None:
        keeper.ring(reminder)
    assert MIKA.user not in "".join(told(desk, STAFF))
    assert row(desk, request).promise == "missed"


def test_a_requester_who_left_is_asked_for_no_rating_and_gets_no_mail(desk: House) -> None:
    request = opened(desk)
    with work(desk.database, desk.clock()) as uow:
        uow.accounts.remember_person("U2LEO", "T2", "Leo Strand", "en", "leo@borealis.example")
    leave(desk, "U2LEO")
    with work(desk.database, desk.clock()) as uow:
        posting = Posting(uow, desk, "resolve")
        known = uow.requests.get(request)
        assert known is not None
        Ticketing(uow, desk, posting).act(known, "resolve", MIKA)
        person = uow.accounts.person("U2LEO")
        assert person is not None
        assert person.email is None
    clock = desk.clock
    later = replace(desk, clock=lambda: clock() + timedelta(hours=1))
    keeper = Timekeeper(later, RINGS)
    rung = []
    while (reminder := keeper.next()) is not None:
        rung.append(reminder.kind)
        keeper.ring(reminder)
    assert "ask_rating" in rung
    assert not any("How satisfied" in text for text in told(desk, "C1"))


def test_who_acts_again_is_back(desk: House, slack: ScriptedSlack) -> None:
    leave(desk, MIKA.user)
    slack.profiles[MIKA.user] = Profile(MIKA.user, US.team, "Mika Tan", gone=True)
    Directory(desk, slack).meet(MIKA.user)
    with look(desk.database, desk.clock()) as uow:
        person = uow.accounts.person(MIKA.user)
        assert person is not None
        assert person.gone_at is not None
    slack.profiles[MIKA.user] = Profile(MIKA.user, US.team, "Mika Tan")
    Directory(desk, slack).meet(MIKA.user)
    with look(desk.database, desk.clock()) as uow:
        person = uow.accounts.person(MIKA.user)
        assert person is not None
        assert person.gone_at is None
