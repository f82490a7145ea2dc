from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from sqlmodel import select

from bot.storage.database import Database
from bot.storage.tables import Inbox, SupportRequest
from bot.storage.unit_of_work import look, work
from tests.storage.rows import NOON, account, incoming, put, request, said

HOSTILE = "Привет 🎫👩‍👩‍👧 日本語 \\ ' \" `; -- <!channel> &amp; \t%s {x}"


def test_microseconds_and_the_order_within_a_second_survive(database: Database) -> None:
    later = NOON + timedelta(microseconds=1)
    put(database, incoming("a", available_at=NOON), incoming("b", available_at=later))
    with database.reading() as session:
        times = session.exec(select(Inbox.available_at).order_by(Inbox.available_at)).all()
    assert times == [NOON, later]


def test_times_come_back_as_aware_utc_whatever_zone_they_were_given_in(database: Database) -> None:
    tokyo = NOON.astimezone(timezone(timedelta(hours=9)))
    put(database, incoming("a", available_at=tokyo))
    with database.reading() as session:
        (found,) = session.exec(select(Inbox.available_at)).all()
    assert found == NOON
    assert found.utcoffset() == timedelta(0)


def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    naive = datetime(2026, 11, 18, 12)  # noqa: DTZ001 - the mistake that is refused
    with pytest.raises(sa.exc.StatementError, match="a time without a zone"):
        put(database, incoming("a", available_at=naive))


def test_a_very_long_text_survives(database: Database) -> None:
    long = "障害" * 50_000
    customer = account(database)
    with work(database, NOON) as uow:
        number = uow.requests.add(request(customer, summary=long, fields={"description": long})).id
        uow.requests.add_message(said(number, customer, text=long))
    with look(database, NOON) as uow:
        found = uow.requests.get(number)
        assert found is not None
        assert (found.summary, found.fields["description"]) == (long, long)
        assert uow.requests.messages(number, internal=False)[0].text == long


def test_emoji_quotes_and_every_script_survive_in_names_texts_and_payloads(
    database: Database,
) -> None:
    customer = account(database, "Kitsune 🦊 株式会社")
    row = request(customer, requester_name="森 🎮", summary=HOSTILE, fields={"note": HOSTILE})
    put(database, row, incoming("a", payload={"text": HOSTILE}))
    with database.reading() as session:
        stored = session.exec(select(SupportRequest)).one()
        assert (stored.requester_name, stored.summary) == ("森 🎮", HOSTILE)
        assert stored.fields == {"note": HOSTILE}
        assert session.exec(select(Inbox.payload)).one() == {"text": HOSTILE}
    with look(database, NOON) as uow:
        assert uow.accounts.by_name("Kitsune 🦊 株式会社") is not None


def test_ids_that_differ_only_by_case_are_different(database: Database) -> None:
    put(database, incoming("Ev0aB"), incoming("Ev0Ab"))
    with database.reading() as session:
        assert session.exec(select(sa.func.count()).select_from(Inbox)).one() == 2
        assert session.exec(select(Inbox).where(Inbox.event_key == "EV0AB")).first() is None


def test_a_missing_time_stays_missing(database: Database) -> None:
    customer = account(database)
    with work(database, NOON) as uow:
        number = uow.requests.add(request(customer, respond_by=None)).id
    with look(database, NOON) as uow:
        found = uow.requests.get(number)
        assert found is not None
        assert (found.respond_by, found.closed_at) == (None, None)
