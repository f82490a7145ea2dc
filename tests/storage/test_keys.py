"""Every promise of uniqueness is a key of the database: two writers cannot both break it."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError

from bot.storage.database import Database
from bot.storage.tables import Account, Channel
from bot.storage.tables import Conversation as Thread
from bot.storage.unit_of_work import work
from tests.storage.rows import NOON, account, incoming, outgoing, put, request, said


def test_an_event_is_stored_once(database: Database) -> None:
    put(database, incoming("Ev1"))
    with pytest.raises(IntegrityError):
        put(database, incoming("Ev1", message_key="C9:other"))


def test_a_message_is_stored_once_under_two_event_ids(database: Database) -> None:
    put(database, incoming("Ev1", message_key="C1:1.0"))
    with pytest.raises(IntegrityError):
        put(database, incoming("Ev2", message_key="C1:1.0"))


def test_events_that_are_no_messages_do_not_stand_in_each_others_way(database: Database) -> None:
    put(database, incoming("Ev1", message_key=None), incoming("Ev2", message_key=None))


def test_the_same_thing_is_owed_to_slack_once(database: Database) -> None:
    put(database, outgoing("opened:1"))
    with pytest.raises(IntegrityError):
        put(database, outgoing("opened:1", lane="C2:9.9"))


def test_a_message_opens_a_request_once(database: Database) -> None:
    customer = account(database)
    put(database, request(customer, "C1:1.0:0"))
    with pytest.raises(IntegrityError):
        put(database, request(customer, "C1:1.0:0"))


def test_a_message_is_part_of_a_request_once(database: Database) -> None:
    customer = account(database)
    with work(database, NOON) as uow:
        number = uow.requests.add(request(customer)).id
    put(database, said(number, customer, "2.0"))
    with pytest.raises(IntegrityError):
        put(database, said(number, customer, "2.0"))


def test_a_message_cannot_be_filed_under_another_accounts_request(database: Database) -> None:
    ours, theirs = account(database, "Ours"), account(database, "Theirs")
    with work(database, NOON) as uow:
        number = uow.requests.add(request(theirs)).id
    with pytest.raises(IntegrityError):
        put(database, said(number, ours))


def test_a_channel_belongs_to_one_account(database: Database) -> None:
    ours, theirs = account(database, "Ours", "C1"), account(database, "Theirs")
    with pytest.raises(IntegrityError):
        put(database, Channel(channel="C1", account_id=theirs, linked_at=NOON))
    with work(database, NOON) as uow:
        linked = uow.accounts.of_channel("C1")
        assert linked is not None
        assert linked.id == ours


def test_account_names_are_unique(database: Database) -> None:
    account(database, "Borealis Pay")
    twin = Account(
        name="Borealis Pay", plan="basic", time_zone="UTC", language="en", created_at=NOON
    )
    with pytest.raises(IntegrityError):
        put(database, twin)


def test_a_thread_has_one_memory(database: Database) -> None:
    def thread() -> Thread:
        return Thread(channel="C1", thread_ts="1.0", state={}, updated_at=NOON)

    put(database, thread())
    with pytest.raises(IntegrityError):
        put(database, thread())
