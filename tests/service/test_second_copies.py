"""A message is in its thread once: echoes settle what is unknown, second copies are deleted."""

from __future__ import annotations

import pytest
from sqlmodel import select

from bot.content.templates import Rendered
from bot.desk.arrivals import MessagePosted, OwnMessageSeen
from bot.service import in_flight
from bot.service.attachments import Attachments
from bot.service.delivery import LEASE, Delivery
from bot.service.directory import Directory
from bot.service.handling import Handling
from bot.service.house import House
from bot.service.intake import Intake
from bot.service.pacing import Pacing
from bot.service.ports import Profile
from bot.service.posting import Posting, key_ref
from bot.service.seeding import Seeding
from bot.storage.lanes import inbox_lanes, outbox_lanes
from bot.storage.tables import Outbox, SupportRequest
from bot.storage.unit_of_work import look, work
from tests.support.house import LOST_ANSWER, STAFF, US, Clock, ScriptedSlack


@pytest.fixture
def delivery(house: House, slack: ScriptedSlack, clock: Clock) -> Delivery:
    return Delivery(house, slack, outbox_lanes(house.database), Pacing(clock.seconds))


def owe(house: House, key: str, thread: str = "1.0") -> None:
    with work(house.database, house.clock()) as uow:
        posting = Posting(uow, house, "test")
        posting.message("C1", Rendered(key, []), thread=thread, key=key, account_id=1)


def entry(house: House, key: str) -> Outbox:
    with look(house.database, house.clock()) as uow:
        found = uow.outgoing.by_key(key)
    assert found is not None
    return found


def echo(house: House, key: str, ts: str) -> bool:
    return Intake(house).own_message(OwnMessageSeen(user="", channel="C1", ts=ts, key=key))


def deleted(slack: ScriptedSlack) -> list[str]:
    return [arguments["ts"] for method, arguments in slack.calls if method == "chat.delete"]


def test_an_echo_that_comes_before_the_lost_answer_settles_it(
    house: House, slack: ScriptedSlack, delivery: Delivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    owe(house, "m")
    slack.next_outcomes = [LOST_ANSWER]
    slack.during_call = lambda: echo(house, "m", "1000.0") and None
    monkeypatch.setattr(in_flight, "PATIENCE", 0.01)
    delivery.send_next()
    assert (entry(house, "m").state, entry(house, "m").ts) == ("sent", "1000.0")


def test_an_echo_that_reaches_another_replica_settles_it_too(
    house: House, slack: ScriptedSlack, delivery: Delivery
) -> None:
    owe(house, "m")
    died = outbox_lanes(house.database).claim(house.clock(), LEASE)
    assert died is not None
    assert echo(house, "m", "7.0")
    assert (entry(house, "m").state, entry(house, "m").ts) == ("sent", "7.0")
    assert not delivery.send_next()
    assert slack.calls == []


def test_the_senders_own_commit_after_such_an_echo_changes_nothing(
    house: House, slack: ScriptedSlack, delivery: Delivery
) -> None:
    owe(house, "m")

    def elsewhere() -> None:
        house.in_flight.end("m")  # as if the echo reached another process
        echo(house, "m", "1000.0")

    slack.during_call = elsewhere
    delivery.send_next()
    assert (entry(house, "m").state, entry(house, "m").ts) == ("sent", "1000.0")
    assert not delivery.send_next()
    assert deleted(slack) == []


def test_a_sender_that_was_suspended_takes_its_copy_back(
    house: House, slack: ScriptedSlack, delivery: Delivery, clock: Clock
) -> None:
    owe(house, "m")

    def suspended() -> None:
        # Between the call and Slack taking it, another sender overtakes us.
        slack.during_call = lambda: None
        clock.forward(LEASE.total_seconds() + 1)
        slack.next_outcomes = [None, None]
        delivery.send_next()

    slack.during_call = suspended
    delivery.send_next()
    assert len(slack.posted) == 2
    slack.during_call = lambda: None
    while delivery.send_next():
        pass
    kept = entry(house, "m").ts
    assert deleted(slack) == [m["ts"] for m in slack.posted if m["ts"] != kept]


def test_a_sender_that_wakes_up_before_its_call_does_not_make_it(
    house: House, slack: ScriptedSlack, delivery: Delivery, clock: Clock
) -> None:
    owe(house, "m")
    inner = house.in_flight.begin

    def suspended(key: str) -> None:
        house.in_flight.begin = inner  # type: ignore[method-assign]
        clock.forward(LEASE.total_seconds() + 1)
        delivery.send_next()

    house.in_flight.begin = suspended  # type: ignore[method-assign]
    delivery.send_next()
    assert slack.texts() == ["m"]


def test_a_second_copy_that_comes_back_as_an_event_is_deleted(
    house: House, slack: ScriptedSlack, delivery: Delivery
) -> None:
    owe(house, "m")
    delivery.send_next()
    assert echo(house, "m", "2000.0")
    assert not echo(house, "m", "1000.0")
    while delivery.send_next():
        pass
    assert deleted(slack) == ["2000.0"]


@pytest.fixture
def card(house: House, delivery: Delivery) -> str:
    """Outbox key of the card of a request in C1, which was posted."""
    with work(house.database, house.clock()) as uow:
        account = uow.accounts.of_channel("C1")
        assert account is not None
        request = uow.requests.add(
            SupportRequest(
                account_id=account.id, origin="o", requester="U1", requester_name="Leo",
                channel="C1", thread_ts="7.0", intent="get_cluster_support", queue="support",
                severity="S3", state="new", summary="slow", fields={}, language="en",
                staff_channel=STAFF, opened_at=house.clock(), updated_at=house.clock(),
            )
        )  # fmt: skip
        key = Posting(uow, house, "test").message(
            STAFF, Rendered("card", []), key=f"card:{request.id}", request_id=request.id
        )
    delivery.send_next()
    return key


def staff_write(house: House, slack: ScriptedSlack, words: str, *, below: str, ts: str) -> None:
    """Mika writes in a thread of the staff channel, and it is handled."""
    slack.profiles["UMIKA"] = Profile("UMIKA", US.team, "Mika")
    posted = MessagePosted(
        user="UMIKA", team=US.team, channel=STAFF, ts=ts, thread_ts=below, text=words
    )
    assert Intake(house).save(posted, ts)
    handle_all(house, slack)


def handle_all(house: House, slack: ScriptedSlack) -> None:
    lanes = inbox_lanes(house.database)
    handling = Handling(
        house, Directory(house, slack), Attachments(slack), Seeding(house, slack), lanes
    )
    while (row := lanes.claim(house.clock(), LEASE)) is not None:
        handling.handle(row)


def relayed(slack: ScriptedSlack, delivery: Delivery) -> list[str]:
    """What the customer got."""
    while delivery.send_next():
        pass
    return [message["text"] for message in slack.posted if message["channel"] == "C1"]


def second_copy(house: House, key: str) -> None:
    seen = OwnMessageSeen(user="", channel=STAFF, ts="2000.0", key=key)
    assert Intake(house).own_message(seen)


def test_what_staff_write_below_a_second_copy_of_a_card_is_relayed(
    house: House, slack: ScriptedSlack, delivery: Delivery, card: str
) -> None:
    second_copy(house, card)
    staff_write(house, slack, "we look into it", below="2000.0", ts="2001.0")
    assert len(relayed(slack, delivery)) == 1
    assert deleted(slack) == ["2000.0"]
    staff_write(house, slack, "it is fixed", below="2000.0", ts="2002.0")
    assert ["fixed" in text for text in relayed(slack, delivery)] == [False, True]


def test_what_staff_wrote_before_it_was_known_as_a_second_copy_is_relayed_then(
    house: House, slack: ScriptedSlack, delivery: Delivery, card: str
) -> None:
    staff_write(house, slack, "we look into it", below="2000.0", ts="2001.0")
    staff_write(house, slack, "it is fixed", below="2000.0", ts="2002.0")
    staff_write(house, slack, "a talk of our own", below="1900.0", ts="2003.0")
    assert relayed(slack, delivery) == []
    second_copy(house, card)
    handle_all(house, slack)
    assert ["fixed" in text for text in relayed(slack, delivery)] == [False, True]
    second_copy_again = OwnMessageSeen(user="", channel=STAFF, ts="2000.0", key=card)
    Intake(house).own_message(second_copy_again)
    handle_all(house, slack)
    assert len(relayed(slack, delivery)) == 2


def test_somebody_elses_key_is_nothing_to_us(house: House, slack: ScriptedSlack) -> None:
    assert not echo(house, "unheard of", "5.0")


# --- one lane per thread --------------------------------------------------------------------------


def lanes(house: House) -> set[str]:
    with house.database.reading() as session:
        return set(session.exec(select(Outbox.lane)).all())


def test_a_thread_is_one_lane_however_it_is_referred_to(
    house: House, slack: ScriptedSlack, delivery: Delivery
) -> None:
    owe(house, "root", thread="")
    owe(house, "early", thread=key_ref("root"))
    delivery.send_next()
    owe(house, "late", thread=slack.posted[0]["ts"])
    with work(house.database, house.clock()) as uow:
        posting = Posting(uow, house, "more")
        posting.change("C1", key_ref("root"), Rendered("root 2", []), account_id=1)
        posting.change("C1", key_ref("early"), Rendered("early 2", []), account_id=1)
        posting.pin("C1", slack.posted[0]["ts"])
    assert len(lanes(house)) == 1
    while delivery.send_next():
        pass
    assert slack.texts() == ["root", "early", "late"]
    assert [method for method, _ in slack.calls[-3:]] == ["chat.update", "chat.update", "pins.add"]


def test_a_change_of_a_reply_that_is_not_posted_yet_waits_for_it(
    house: House, slack: ScriptedSlack, delivery: Delivery, clock: Clock
) -> None:
    slack.next_outcomes = [LOST_ANSWER]
    owe(house, "reply")
    delivery.send_next()
    with work(house.database, house.clock()) as uow:
        Posting(uow, house, "more").change(
            "C1", key_ref("reply"), Rendered("reply 2", []), account_id=1
        )
    assert not delivery.send_next()
    clock.forward(60)
    while delivery.send_next():
        pass
    assert [method for method, _ in slack.calls] == ["chat.postMessage", "chat.update"]
