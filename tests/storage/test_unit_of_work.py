from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel, select

from bot.desk.conversation import Conversation, Draft
from bot.storage.database import Database
from bot.storage.tables import Audit, GivenAnswer, Inbox, Outbox, SupportRequest
from bot.storage.unit_of_work import look, work
from tests.storage.rows import NOON, account, incoming, outgoing, put, request, said

WAITING = Conversation(drafts=(Draft("request_poc", "a PoC please", "C1:1.0:0"),))


class Sabotage(Exception):
    pass


def test_a_transaction_that_fails_leaves_nothing(database: Database) -> None:
    customer = account(database)
    with database.transaction() as session:
        session.execute(sa.delete(Audit))

    def fail_at_the_end() -> None:
        with work(database, NOON) as uow:
            found = uow.requests.add(request(customer))
            uow.requests.add_message(said(found.id, customer))
            uow.requests.record(found.id, "opened", "U1", "Leo")
            uow.outgoing.put(outgoing("opened:1"))
            uow.conversations.save("C1", "1.0", "U1", WAITING)
            raise Sabotage

    with pytest.raises(Sabotage):
        fail_at_the_end()
    with database.reading() as session:
        for table in SQLModel.metadata.sorted_tables:
            if table.name not in ("account", "alembic_version"):
                assert session.execute(table.select()).all() == [], table.name


def test_looking_changes_nothing(database: Database) -> None:
    with look(database, NOON) as uow:
        uow.accounts.add("Ghost", "basic", "UTC", "en")
    with look(database, NOON) as uow:
        assert uow.accounts.by_name("Ghost") is None


# --- tenancy ------------------------------------------------------------------------------------


def test_an_account_sees_its_own_requests_and_no_others(database: Database) -> None:
    ours, theirs = account(database, "Ours", "C1"), account(database, "Theirs", "C2")
    with work(database, NOON) as uow:
        mine = uow.requests.add(request(ours, "C1:1:0"))
        foreign = uow.requests.add(request(theirs, "C2:1:0", channel="C2"))
    with look(database, NOON) as uow:
        assert uow.requests.of_account(ours, mine.id) == mine
        assert uow.requests.of_account(ours, foreign.id) is None
        assert uow.requests.listed(ours) == [mine]
        assert uow.requests.in_thread("C1", "1.0") == [mine]
        assert [found.id for found in uow.requests.listed()] == [foreign.id, mine.id]


def test_the_channel_alone_tells_the_account(database: Database) -> None:
    ours = account(database, "Ours", "C1")
    with look(database, NOON) as uow:
        linked = uow.accounts.of_channel("C1")
        assert linked is not None
        assert (linked.id, linked.name, linked.mode) == (ours, "Ours", "listen")
        assert uow.accounts.of_channel("C2") is None
        assert uow.accounts.of_channel("") is None


def test_a_person_of_two_accounts_has_both_and_the_latest_first(database: Database) -> None:
    account(database, "Ours", "C1", "C2")
    account(database, "Theirs", "C3")
    for minute, channel in enumerate(("C1", "C2", "C3")):
        with work(database, NOON + timedelta(minutes=minute)) as uow:
            uow.accounts.saw("U1", channel)
    with look(database, NOON) as uow:
        assert [linked.name for linked in uow.accounts.of_person("U1")] == ["Theirs", "Ours"]
        assert uow.accounts.of_person("U2") == []


def test_internal_notes_are_read_only_when_asked_for(database: Database) -> None:
    customer = account(database)
    with work(database, NOON) as uow:
        number = uow.requests.add(request(customer)).id
        uow.requests.add_message(said(number, customer, "2.0", text="open"))
        uow.requests.add_message(said(number, customer, "3.0", text="note", internal=True))
    with look(database, NOON) as uow:
        outside = uow.requests.messages(number, internal=False)
        inside = uow.requests.messages(number, internal=True)
    assert [message.text for message in outside] == ["open"]
    assert [message.text for message in inside] == ["open", "note"]


# --- requests -----------------------------------------------------------------------------------


def test_the_same_message_is_added_to_a_request_once(database: Database) -> None:
    customer = account(database)
    with work(database, NOON) as uow:
        number = uow.requests.add(request(customer)).id
        assert uow.requests.add_message(said(number, customer))
        uow.session.flush()
        assert not uow.requests.add_message(said(number, customer, text="again"))


def test_the_history_keeps_its_order(database: Database) -> None:
    customer = account(database)
    with work(database, NOON) as uow:
        number = uow.requests.add(request(customer)).id
        for kind in ("opened", "claim", "resolve"):
            uow.requests.record(number, kind, "U9", "Mika", {"kind": kind})
    with look(database, NOON) as uow:
        assert [(event.kind, event.detail) for event in uow.requests.history(number)] == [
            ("opened", {"kind": "opened"}),
            ("claim", {"kind": "claim"}),
            ("resolve", {"kind": "resolve"}),
        ]


def test_closed_requests_are_left_out_when_only_open_ones_are_asked_for(
    database: Database,
) -> None:
    customer = account(database)
    with work(database, NOON) as uow:
        for state in ("new", "claimed", "waiting", "resolved", "closed"):
            uow.requests.add(request(customer, state, state=state))
    with look(database, NOON) as uow:
        states = [found.state for found in uow.requests.listed(customer, open_only=True)]
    assert states == ["waiting", "claimed", "new"]


def test_a_thread_is_found_by_the_entry_that_is_still_to_become_its_root(
    database: Database,
) -> None:
    """A request from a form starts its thread with a message that is posted later."""
    customer = account(database)
    with work(database, NOON) as uow:
        found = uow.requests.add(request(customer, thread_ts="key:opened:1"))
        assert uow.requests.in_thread("C1", "7.0") == []
    put(database, outgoing("opened:1", ts="7.0", state="sent", request_id=found.id))
    with look(database, NOON) as uow:
        assert uow.requests.in_thread("C1", "7.0") == [found]


def test_a_cards_thread_leads_to_its_request_and_other_posts_do_not(database: Database) -> None:
    customer = account(database)
    with work(database, NOON) as uow:
        found = uow.requests.add(request(customer))
    put(
        database,
        outgoing("card:1", channel="CSTAFF", ts="5.0", request_id=found.id),
        outgoing("in7:1", channel="CSTAFF", ts="6.0", request_id=found.id),
    )
    with look(database, NOON) as uow:
        assert uow.requests.of_card("CSTAFF", "5.0") == found
        assert uow.requests.of_card("CSTAFF", "6.0") is None
        assert uow.requests.of_card("C1", "5.0") is None


# --- conversations and what is owed -------------------------------------------------------------


def test_a_conversation_is_remembered_per_thread(database: Database) -> None:
    with work(database, NOON) as uow:
        uow.conversations.save("C1", "1.0", "U1", WAITING)
    with work(database, NOON) as uow:
        assert uow.conversations.load("C1", "1.0") == WAITING
        assert uow.conversations.load("C1", "2.0") is None
        uow.conversations.save("C1", "1.0", "", Conversation())
    with look(database, NOON) as uow:
        assert uow.conversations.load("C1", "1.0") == Conversation()
        assert uow.conversations.last_speaker("C1", "1.0") == "U1"
        assert uow.conversations.last_speaker("C1", "2.0") == ""


def test_an_answer_beside_the_thread_finds_the_question_that_waits_for_this_person(
    database: Database,
) -> None:
    with work(database, NOON) as uow:
        uow.conversations.save("C1", "1.0", "U1", WAITING)
        uow.conversations.save("C1", "2.0", "U1", Conversation())
        uow.conversations.save("C1", "3.0", "U2", WAITING)
    two_minutes = timedelta(minutes=2)
    with look(database, NOON + timedelta(minutes=1)) as uow:
        assert uow.conversations.expecting("C1", "U1", two_minutes) == "1.0"
        assert uow.conversations.expecting("C1", "U3", two_minutes) is None
        assert uow.conversations.expecting("C2", "U1", two_minutes) is None
    with look(database, NOON + timedelta(minutes=3)) as uow:
        assert uow.conversations.expecting("C1", "U1", two_minutes) is None


def test_the_same_entry_is_put_once_and_the_first_one_stays(database: Database) -> None:
    with work(database, NOON) as uow:
        assert uow.outgoing.put(outgoing("opened:1"))
        assert not uow.outgoing.put(outgoing("opened:1", payload={"text": "again"}))
    with database.reading() as session:
        assert session.exec(select(Outbox.payload)).one() == {"text": "hello"}


# --- a channel gets another id ------------------------------------------------------------------


def test_everything_follows_a_channel_that_gets_another_id(database: Database) -> None:
    customer = account(database, "Ours", "G1")
    with work(database, NOON) as uow:
        uow.accounts.set_queue_channel("sales", "G1")
        uow.accounts.saw("U1", "G1")
        uow.conversations.save("G1", "1.0", "U1", WAITING)
        found = uow.requests.add(request(customer, channel="G1", staff_channel="G1"))
        uow.requests.add_message(said(found.id, customer, channel="G1"))
        uow.outgoing.put(outgoing("opened:1", channel="G1"))
        answered = uow.add_answer(_answer("G1"))
    put(database, incoming("waiting", "G1"), incoming("other", "C7"))
    with work(database, NOON) as uow:
        uow.moves.follow("G1", "C1")
    with look(database, NOON) as uow:
        linked = uow.accounts.of_channel("C1")
        assert linked is not None
        assert linked.id == customer
        assert uow.accounts.of_channel("G1") is None
        assert uow.accounts.queue_channel("sales") == "C1"
        assert [one.channel for one in uow.accounts.of_person("U1")] == ["C1"]
        assert uow.conversations.load("C1", "1.0") == WAITING
        assert [(one.channel, one.staff_channel) for one in uow.requests.listed()] == [("C1", "C1")]
        assert uow.requests.in_thread("C1", "1.0") != []
        assert {one.channel for one in uow.requests.messages(found.id, internal=True)} == {"C1"}
        entry = uow.outgoing.by_key("opened:1")
        assert entry is not None
        assert entry.channel == "C1"
        given = uow.answer(answered)
        assert given is not None
        assert given.channel == "C1"
        came_in = uow.session.exec(select(Inbox).order_by(Inbox.event_key)).all()
        assert [(row.event_key, row.lane, row.payload["channel"]) for row in came_in] == [
            ("other", "C7", "C7"),
            ("waiting", "C1", "C1"),
        ]


def test_a_request_of_an_account_that_does_not_exist_is_refused(database: Database) -> None:
    with pytest.raises(IntegrityError):
        put(database, request(4711))
    with database.reading() as session:
        assert session.exec(select(SupportRequest)).all() == []


def _answer(channel: str) -> GivenAnswer:
    return GivenAnswer(
        channel=channel, thread_ts="1.0", band="answer", question="?", language="en", at=NOON
    )
