"""A channel gets another id: lanes, keys and marks follow it, on every engine."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import select

from bot.desk.conversation import Conversation
from bot.storage.database import Database
from bot.storage.lanes import outbox_lanes
from bot.storage.places import Wanted
from bot.storage.tables import Inbox, Outbox, Place
from bot.storage.unit_of_work import look, work
from tests.storage.rows import LEASE, NOON, account, incoming, outgoing, put, request, said


def move(database: Database, old: str = "G1", new: str = "C1") -> None:
    with work(database, NOON) as uow:
        uow.moves.follow(old, new)


def present(database: Database, channel: str) -> str:
    with look(database, NOON) as uow:
        return uow.moves.present(channel)


def test_an_old_id_leads_to_the_present_one_however_often_it_changed(database: Database) -> None:
    move(database, "G1", "C1")
    move(database, "C1", "C2")
    assert (present(database, "G1"), present(database, "C1")) == ("C2", "C2")
    move(database, "C2", "C1")
    assert (present(database, "G1"), present(database, "C1")) == ("C1", "C1")
    assert present(database, "C9") == "C9"
    with look(database, NOON) as uow:
        assert uow.moves.changed(["G1", "C1", "D1", "U1"]) == {"G1": "C1"}


def test_what_waited_in_a_lane_stays_before_what_is_owed_afterwards(database: Database) -> None:
    put(
        database,
        outgoing("first", "G1:1.0", channel="G1"),
        outgoing("root", "G1:key:root", channel="G1", state="sent", ts="5.0"),
        outgoing("other", "C7:1.0", channel="C7"),
    )
    move(database)
    with look(database, NOON) as uow:
        lanes = dict(uow.session.exec(select(Outbox.key, Outbox.lane)).all())
        assert lanes == {"first": "C1:1.0", "root": "C1:key:root", "other": "C7:1.0"}
        assert uow.outgoing.lane_of("C1", "1.0") == "C1:1.0"
        assert uow.outgoing.lane_of("C1", "5.0") == "C1:key:root"


def test_whoever_sends_an_entry_keeps_it_and_whoever_looked_at_it_looks_again(
    database: Database,
) -> None:
    put(database, outgoing("sending", "G1:1.0", channel="G1"))
    lanes = outbox_lanes(database)
    held = lanes.claim(NOON, LEASE)
    assert held is not None
    put(database, outgoing("waiting", "G1:2.0", channel="G1"))
    with look(database, NOON) as uow:
        seen = uow.outgoing.by_key("waiting")
        assert seen is not None
        uow.session.expunge(seen)
    move(database)
    assert not lanes._take(seen, NOON, LEASE)
    with work(database, NOON) as uow:
        lanes.finish(uow.session, held, state="sent", ts="9.0")
    with look(database, NOON) as uow:
        sent = uow.outgoing.posted_at("C1", "9.0")
        assert sent is not None
        assert sent.key == "sending"


def test_a_message_that_is_read_again_under_the_new_id_is_known(database: Database) -> None:
    put(
        database,
        incoming("1.0", "G1"),
        incoming("e", "G1", message_key="edit:G1:1.0:3"),
        incoming("d", "G1", message_key="delete:G1:1.0"),
        # The same message came once more under the new id before the change was known.
        incoming("2.0", "G1"),
        incoming("twin", "C1", message_key="C1:2.0"),
    )
    move(database)
    with look(database, NOON) as uow:
        rows = uow.session.exec(select(Inbox.message_key, Inbox.lane).order_by(Inbox.id)).all()
        assert [tuple(row) for row in rows] == [
            ("C1:1.0", "C1"),
            ("edit:C1:1.0:3", "C1"),
            ("delete:C1:1.0", "C1"),
            ("G1:2.0", "C1"),
            ("C1:2.0", "C1"),
        ]


def test_what_the_new_id_has_already_is_no_obstacle(database: Database) -> None:
    customer = account(database, "Ours", "G1", "C1")
    newer = Conversation(language="ja")
    with work(database, NOON) as uow:
        for channel, conversation in (("G1", Conversation()), ("C1", newer)):
            uow.accounts.saw("U1", channel)
            uow.conversations.save(channel, "1.0", "U1", conversation)
        wanted: Wanted = {("G1", ""): NOON - timedelta(days=1), ("C1", ""): NOON}
        uow.places.follow(wanted, NOON)
        found = uow.requests.add(request(customer, channel="G1"))
        uow.requests.add_message(said(found.id, customer, channel="G1"))
        uow.requests.add_message(said(found.id, customer, channel="C1"))
    move(database)
    move(database)
    with look(database, NOON) as uow:
        assert [row.channel for row in uow.accounts.channels(customer)] == ["C1"]
        assert uow.conversations.load("C1", "1.0") == newer
        assert [place.channel for place in uow.session.exec(select(Place))] == ["C1"]
        assert len(uow.requests.messages(found.id, internal=True)) == 2


def test_only_messages_of_the_last_minutes_are_heard_again(database: Database) -> None:
    done = {"state": "done", "done_at": NOON}
    put(
        database,
        incoming("1.0", "C1", received_at=NOON - timedelta(hours=1), **done),
        incoming("2.0", "C1", **done),
        incoming("3.0", "C2", **done),
    )
    with work(database, NOON) as uow:
        uow.moves.hear_again("C1")
    with look(database, NOON) as uow:
        states = dict(uow.session.exec(select(Inbox.event_key, Inbox.state)).all())
        assert states == {"1.0": "done", "2.0": "new", "3.0": "done"}
