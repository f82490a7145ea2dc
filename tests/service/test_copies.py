"""Copies follow their originals, whatever the sender is doing at that moment."""

from __future__ import annotations

from dataclasses import replace
from unittest.mock import patch

import pytest

from bot.desk.arrivals import Arrival, MessageDeleted, MessageEdited, MessagePosted
from bot.desk.requests import Request
from bot.service.attachments import Attachments
from bot.service.changes import Changes
from bot.service.delivery import LEASE, Delivery
from bot.service.directory import Directory
from bot.service.handling import Handling
from bot.service.house import House
from bot.service.intake import Intake
from bot.service.messages import Messages
from bot.service.mirroring import Mirroring
from bot.service.pacing import Pacing
from bot.service.posting import Posting
from bot.service.seeding import Seeding
from bot.service.speech import Said
from bot.storage.lanes import inbox_lanes, outbox_lanes
from bot.storage.requests import as_request
from bot.storage.tables import SupportRequest
from bot.storage.unit_of_work import look, work
from tests.support.house import LOST_ANSWER, STAFF, Clock, ScriptedSlack


@pytest.fixture
def delivery(house: House, slack: ScriptedSlack, clock: Clock) -> Delivery:
    return Delivery(house, slack, outbox_lanes(house.database), Pacing(clock.seconds))


@pytest.fixture
def request_in_c1(house: House) -> Request:
    with work(house.database, house.clock()) as uow:
        account = uow.accounts.of_channel("C1")
        assert account is not None
        row = SupportRequest(
            account_id=account.id, origin="C1:1.0:0", requester="U2LEO", requester_name="Leo",
            channel="C1", thread_ts="1.0", intent="get_cluster_support", queue="support",
            severity="S3", state="new", summary="slow", fields={}, language="en",
            staff_channel=STAFF, opened_at=house.clock(), updated_at=house.clock(),
        )  # fmt: skip
        uow.requests.add(row)
        Posting(uow, house, "test").message(STAFF, house.content.templates.message(
            "say", "en", sentence="smalltalk.hello", words={}), key=f"card:{row.id}",
            request_id=row.id)  # fmt: skip
        return as_request(row)


def customer_says(house: House, request: Request, text: str, ts: str = "2.0") -> None:
    with work(house.database, house.clock()) as uow:
        mirror = Mirroring(uow, house, Posting(uow, house, f"says{ts}"))
        mirror.customer_said(request, Said(ts, "U2LEO", "Leo", text), "C1")


def staff_say(house: House, request: Request, text: str, ts: str = "9.0") -> None:
    with work(house.database, house.clock()) as uow:
        mirror = Mirroring(uow, house, Posting(uow, house, f"staff{ts}"))
        said = Said(ts, "U0MIKA", "Mika", text)
        mirror.staff_said(request, said, internal=False, channel=STAFF)


def edit(house: House, text: str, channel: str = "C1", ts: str = "2.0", stamp: str = "3.0") -> None:
    with work(house.database, house.clock()) as uow:
        changes = Changes(uow, house, Posting(uow, house, f"edit{stamp}"))
        changes.edited(MessageEdited(user="U", channel=channel, ts=ts, text=text, stamp=stamp))


def delete(house: House, channel: str = "C1", ts: str = "2.0") -> None:
    with work(house.database, house.clock()) as uow:
        changes = Changes(uow, house, Posting(uow, house, f"delete{ts}"))
        changes.deleted(MessageDeleted(user="U", channel=channel, ts=ts))


def send_all(delivery: Delivery) -> None:
    for _ in range(50):
        if not delivery.send_next():
            return


def said(slack: ScriptedSlack) -> list[tuple[str, str]]:
    """Method and words of every call that carries any."""
    return [(method, call["text"]) for method, call in slack.calls if "text" in call]


def stored(house: House) -> str:
    """Everything in the database that may carry people's words."""
    with house.database.reading() as session:
        connection = session.connection()
        tables = ("inbox", "outbox", "request", "request_message", "request_event", "conversation")
        return repr([connection.exec_driver_sql(f"SELECT * FROM {t}").all() for t in tables])


# --- while the copy waits, is being sent, was sent -----------------------------------------------


def test_a_copy_that_waits_is_sent_with_the_new_words_only(
    house: House, slack: ScriptedSlack, delivery: Delivery, request_in_c1: Request
) -> None:
    customer_says(house, request_in_c1, "old words")
    edit(house, "new words")
    send_all(delivery)
    texts = [text for _, text in said(slack)]
    assert "Leo: new words" in texts
    assert not [text for text in texts if "old" in text or "edited" in text]


def test_an_edit_while_the_copy_is_being_sent_comes_after_it(
    house: House, slack: ScriptedSlack, delivery: Delivery, request_in_c1: Request
) -> None:
    customer_says(house, request_in_c1, "old words")

    def in_between() -> None:
        if slack.calls[-1][1].get("text") == "Leo: old words":
            slack.during_call = lambda: None
            edit(house, "new words")

    slack.during_call = in_between
    send_all(delivery)
    about = [(m, t) for m, t in said(slack) if "words" in t]
    assert about == [
        ("chat.postMessage", "Leo: old words"),
        ("chat.update", "Leo: new words"),
    ]


def test_an_edit_of_a_copy_whose_fate_is_unknown_waits_until_that_is_known(
    house: House, slack: ScriptedSlack, delivery: Delivery, clock: Clock, request_in_c1: Request
) -> None:
    send_all(delivery)
    customer_says(house, request_in_c1, "old words")
    slack.next_outcomes = [LOST_ANSWER]
    send_all(delivery)
    edit(house, "new words")
    send_all(delivery)
    assert [method for method, text in said(slack) if "new words" in text] == []
    clock.forward(LEASE.total_seconds())
    send_all(delivery)
    about = [(m, t) for m, t in said(slack) if "words" in t]
    assert about == [("chat.postMessage", "Leo: old words"), ("chat.update", "Leo: new words")]
    assert sum("old words" in str(message) for message in slack.posted) == 1


def test_a_deleted_message_leaves_no_word_behind(
    house: House, slack: ScriptedSlack, delivery: Delivery, request_in_c1: Request
) -> None:
    customer_says(house, request_in_c1, "my canary")
    send_all(delivery)
    delete(house)
    send_all(delivery)
    assert said(slack)[-1] == ("chat.update", "🗑 Leo deleted this message.")
    assert "canary" not in stored(house)
    with look(house.database, house.clock()) as uow:
        (kept,) = uow.requests.messages(request_in_c1.id, internal=True)
        events = [event.kind for event in uow.requests.history(request_in_c1.id)]
    assert (kept.author, kept.text, kept.deleted_at) == ("U2LEO", "", house.clock())
    assert "message_deleted" in events


def test_words_deleted_while_they_are_being_sent_leave_the_outbox_afterwards(
    house: House, slack: ScriptedSlack, delivery: Delivery, request_in_c1: Request
) -> None:
    customer_says(house, request_in_c1, "my canary")

    def in_between() -> None:
        if "canary" in slack.calls[-1][1].get("text", ""):
            slack.during_call = lambda: None
            delete(house)

    slack.during_call = in_between
    send_all(delivery)
    assert said(slack)[-1] == ("chat.update", "🗑 Leo deleted this message.")
    assert "canary" not in stored(house)
    assert "_forget" not in str(slack.calls)


# --- replies with time for second thoughts -------------------------------------------------------


def test_a_held_reply_keeps_its_place_and_holds_up_nothing_else(
    house_with_undo: House, clock: Clock, slack: ScriptedSlack, request_in_c1: Request
) -> None:
    house = house_with_undo
    delivery = Delivery(house, slack, outbox_lanes(house.database), Pacing(clock.seconds))
    staff_say(house, request_in_c1, "first")
    clock.forward(4)
    staff_say(house, request_in_c1, "second", ts="10.0")
    customer_says(house, request_in_c1, "in between", ts="11.0")
    send_all(delivery)
    assert "Leo: in between" in slack.texts()
    assert not [message for message in slack.posted if message["channel"] == "C1"]
    clock.forward(7)
    send_all(delivery)
    clock.forward(4)
    send_all(delivery)
    to_customer = [message["text"] for message in slack.posted if message["channel"] == "C1"]
    assert to_customer == ["Mika: first", "Mika: second"]


def test_a_first_reply_that_was_taken_back_answered_nothing(
    house_with_undo: House, request_in_c1: Request
) -> None:
    house = house_with_undo
    staff_say(house, request_in_c1, "oops")
    with work(house.database, house.clock()) as uow:
        request = uow.requests.get(request_in_c1.id)
        assert request is not None
        assert (request.state, request.responded_at) == ("waiting", house.clock())
        (message,) = uow.requests.messages(request.id, internal=True)
        mirror = Mirroring(uow, house, Posting(uow, house, "undo"))
        assert mirror.take_back(request, message)
        assert not mirror.take_back(request, message)
    with look(house.database, house.clock()) as uow:
        request = uow.requests.get(request_in_c1.id)
    assert request is not None
    assert (request.state, request.responded_at, request.owner) == ("claimed", None, "U0MIKA")


@pytest.fixture
def house_with_undo(house: House) -> House:
    from datetime import timedelta

    return replace(house, undo=timedelta(seconds=10))


def test_what_staff_were_told_about_an_edit_follows_the_message(
    house: House, slack: ScriptedSlack, delivery: Delivery, request_in_c1: Request
) -> None:
    customer_says(house, request_in_c1, "first words")
    staff_say(house, request_in_c1, "we see")
    send_all(delivery)
    edit(house, "my canary")
    send_all(delivery)
    assert sum("canary" in message["text"] for message in slack.posted) == 1, "staff are told"
    delete(house)
    send_all(delivery)
    assert "canary" not in stored(house)
    notice = next(m["ts"] for m in slack.posted if "canary" in m["text"])
    assert [call["ts"] for method, call in slack.calls if method == "chat.update"][-1] == notice


# --- changed before it was handled ---------------------------------------------------------------


def handled(house: House, slack: ScriptedSlack, *arrivals: Arrival) -> list[str]:
    """Save all, then handle them in order; returns the texts heard as customers' messages."""
    for arrival in arrivals:
        assert saved(house, arrival)
    return heard_now(house, slack)


def saved(house: House, arrival: Arrival) -> bool:
    return Intake(house).save(arrival, f"Ev{hash(arrival)}")


def heard_now(house: House, slack: ScriptedSlack) -> list[str]:
    """Handle what came in; the texts heard as customers' messages."""
    lanes = inbox_lanes(house.database)
    seeding = Seeding(house, slack)
    handling = Handling(house, Directory(house, slack), Attachments(slack), seeding, lanes)
    heard: list[str] = []

    def posted(_messages: Messages, arrived: MessagePosted, _earlier: object = ()) -> str:
        heard.append(arrived.text)
        return "heard"

    with patch.object(Messages, "posted", posted):
        while (row := lanes.claim(house.clock(), LEASE)) is not None:
            handling.handle(row)
    return heard


POSTED = MessagePosted(user="U2LEO", team="T1", channel="C1", ts="2.0", text="my canary")


def test_a_message_edited_before_it_is_handled_is_heard_as_it_stands(
    house: House, slack: ScriptedSlack
) -> None:
    edits = [
        MessageEdited(user="U2LEO", channel="C1", ts="2.0", text=text, stamp=stamp)
        for text, stamp in (("second words", "3.0"), ("third words", "4.0"))
    ]
    other = MessageEdited(user="U2LEO", channel="C1", ts="1.0", text="another's", stamp="5.0")
    assert handled(house, slack, POSTED, *edits, other) == ["third words"]
    assert "canary" not in stored(house)


def test_a_message_deleted_before_it_is_handled_was_never_said(
    house: House, slack: ScriptedSlack
) -> None:
    gone = MessageDeleted(user="U2LEO", channel="C1", ts="2.0")
    assert handled(house, slack, POSTED, gone) == []
    assert "canary" not in stored(house)


def a_moment_ago(house: House) -> str:
    return f"{house.clock().timestamp() - 60:.6f}"


def test_an_edit_that_comes_before_its_message_is_the_message(
    house: House, slack: ScriptedSlack
) -> None:
    ts = a_moment_ago(house)
    edit = MessageEdited(user="U2LEO", channel="C1", ts=ts, text="second words", stamp="3.0")
    assert handled(house, slack, edit) == ["second words"]
    assert not saved(house, replace(POSTED, ts=ts))


def test_an_edit_of_a_message_from_before_we_were_there_is_not_one(
    house: House, slack: ScriptedSlack
) -> None:
    edit = MessageEdited(user="U2LEO", channel="C1", ts="2.0", text="second words", stamp="3.0")
    assert handled(house, slack, edit) == []


def test_a_message_or_edit_that_comes_behind_its_deletion_does_not_come_in(
    house: House, slack: ScriptedSlack
) -> None:
    assert handled(house, slack, MessageDeleted(user="U2LEO", channel="C1", ts="2.0")) == []
    assert not saved(house, POSTED)
    edit = MessageEdited(user="U2LEO", channel="C1", ts="2.0", text="my canary", stamp="3.0")
    assert not saved(house, edit)
    assert heard_now(house, slack) == []


def test_an_edit_that_comes_behind_a_later_one_changes_nothing(
    house: House, slack: ScriptedSlack
) -> None:
    first, second = (
        MessageEdited(user="U2LEO", channel="C1", ts="2.0", text=text, stamp=stamp)
        for text, stamp in (("my canary", "9.0"), ("second words", "10.0"))
    )
    assert handled(house, slack, POSTED) == ["my canary"]
    handled(house, slack, second)
    handled(house, slack, first)
    assert "second words" in stored(house)
    assert "canary" not in stored(house)


def test_waiting_edits_in_the_wrong_order_do_not_matter_either(
    house: House, slack: ScriptedSlack
) -> None:
    edits = [
        MessageEdited(user="U2LEO", channel="C1", ts="2.0", text=text, stamp=stamp)
        for text, stamp in (("second words", "10.0"), ("my canary", "9.0"))
    ]
    assert handled(house, slack, POSTED, *edits) == ["second words"]
    assert "canary" not in stored(house)


def test_the_same_edit_under_two_event_ids_is_one(house: House) -> None:
    intake = Intake(house)
    change = MessageEdited(user="U2LEO", channel="C1", ts="2.0", text="x", stamp="3.0")
    assert intake.save(change, "Ev1")
    assert not intake.save(change, "Ev2")
    gone = MessageDeleted(user="U2LEO", channel="C1", ts="2.0")
    assert intake.save(gone, "Ev3")
    assert not intake.save(gone, "Ev4")


def test_a_mention_that_only_the_edit_added_is_heard(house: House, slack: ScriptedSlack) -> None:
    asked = MessageEdited(
        user="U2LEO", team="T1", channel="C1", ts="2.0", text=f"{house.mention()} help", stamp="3.0"
    )
    assert handled(house, slack, asked) == [f"{house.mention()} help"]
