"""What Slack could not deliver is read from the history, once, and no more often than allowed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from bot import fault_points
from bot.desk.arrivals import MessageEdited, MessagePosted, OwnMessageSeen
from bot.desk.conversation import Conversation
from bot.desk.errors import GiveUp, TryLater
from bot.fault_points import Crash
from bot.service.catch_up import EVERY, OVERLAP, PER_MINUTE, THREADS_EVERY, CatchUp
from bot.service.house import House
from bot.service.intake import Intake
from bot.storage.tables import Inbox, Outbox, Place, RequestMessage, SupportRequest
from bot.storage.unit_of_work import work
from tests.support.house import STAFF, Clock, ScriptedSlack


@pytest.fixture
def catch_up(house: House, slack: ScriptedSlack) -> CatchUp:
    return CatchUp(house, slack, Intake(house))


def run(catch_up: CatchUp) -> float:
    """Steps until it has nothing to do for now; returns how long it wants to wait."""
    for _ in range(200):
        wait = catch_up.step()
        if wait:
            return wait
    raise AssertionError("it never rests")


def at(clock: Clock, seconds: float = 0) -> str:
    return f"{clock.seconds() + seconds:.6f}"


def message(ts: str, text: str = "hello", channel: str = "C1", **more: str) -> MessagePosted:
    return MessagePosted(user="U1", team="T1", channel=channel, ts=ts, text=text, **more)


def came_in(house: House) -> list[str]:
    with house.database.reading() as session:
        return [row.payload["text"] for row in session.exec(select(Inbox).order_by(Inbox.id))]


def places(slack: ScriptedSlack) -> list[tuple[str, str]]:
    return [(channel, thread) for channel, thread, _ in slack.read]


def test_at_the_start_every_channel_of_ours_is_read(
    house: House, slack: ScriptedSlack, catch_up: CatchUp
) -> None:
    run(catch_up)
    assert sorted(places(slack)) == [(STAFF, ""), ("C1", ""), ("C2", "")]


def test_what_was_missed_comes_in_once_in_the_order_it_was_written(
    house: House, slack: ScriptedSlack, catch_up: CatchUp, clock: Clock
) -> None:
    Intake(house).save(message(at(clock, 1), "delivered"), "Ev1")
    newest_first = [message(at(clock, 3), "third"), message(at(clock, 2), "second")]
    slack.history["C1", ""] = [newest_first, [message(at(clock, 1), "delivered")]]
    run(catch_up)
    assert came_in(house) == ["delivered", "second", "third"]
    assert not Intake(house).save(message(at(clock, 3), "third"), "late delivery")
    clock.forward(600)
    run(catch_up)
    assert len(came_in(house)) == 3


def test_nothing_from_before_the_channel_was_ours_is_asked_for(
    house: House, slack: ScriptedSlack, catch_up: CatchUp, clock: Clock
) -> None:
    linked = clock.now
    clock.forward(10)
    run(catch_up)
    assert {since for channel, _, since in slack.read if channel == "C1"} == {linked}


def test_after_that_it_goes_on_a_little_before_where_it_stopped(
    house: House, slack: ScriptedSlack, catch_up: CatchUp, clock: Clock
) -> None:
    clock.forward(3600)
    run(catch_up)
    first = clock.now
    clock.forward(EVERY.total_seconds() + 1)
    slack.read.clear()
    run(catch_up)
    assert {since for channel, _, since in slack.read if channel == "C1"} == {first - OVERLAP}


def test_between_the_rounds_it_asks_nothing_unless_something_was_missed(
    house: House, slack: ScriptedSlack, catch_up: CatchUp, clock: Clock
) -> None:
    run(catch_up)
    slack.read.clear()
    clock.forward(60)
    run(catch_up)
    assert slack.read == []
    house.missed.set()
    run(catch_up)
    assert len(slack.read) == 3


def test_both_threads_of_an_open_request_are_read(
    house: House, slack: ScriptedSlack, catch_up: CatchUp, clock: Clock
) -> None:
    with work(house.database, clock()) as uow:
        account = uow.accounts.of_channel("C1")
        assert account is not None
        request = uow.requests.add(
            SupportRequest(
                account_id=account.id, origin="o", requester="U1", requester_name="Leo",
                channel="C1", thread_ts="7.0", intent="get_cluster_support", queue="support",
                severity="S3", state="new", summary="slow", fields={}, language="en",
                staff_channel=STAFF, opened_at=clock(), updated_at=clock(),
            )
        )  # fmt: skip
        uow.session.add(
            Outbox(
                key=f"card:{request.id}", lane="x", method="chat.postMessage", channel=STAFF,
                payload={}, state="sent", ts="9.0", available_at=clock(), created_at=clock(),
            )
        )  # fmt: skip
    slack.history["C1", "7.0"] = [[message(at(clock, 5), "in the thread", thread_ts="7.0")]]
    run(catch_up)
    assert {("C1", "7.0"), (STAFF, "9.0")} < set(places(slack))
    assert came_in(house) == ["in the thread"]


def test_our_own_messages_settle_unknown_outcomes(
    house: House, slack: ScriptedSlack, catch_up: CatchUp, clock: Clock
) -> None:
    with work(house.database, clock()) as uow:
        uow.session.add(
            Outbox(
                key="m", lane="x", method="chat.postMessage", channel="C1", payload={},
                state="unknown", available_at=clock(), created_at=clock(),
            )
        )  # fmt: skip
    ours = OwnMessageSeen(user="", channel="C1", ts=at(clock, 1), key="m")
    slack.history["C1", ""] = [[ours]]
    run(catch_up)
    with house.database.reading() as session:
        assert session.exec(select(Outbox.state)).one() == "sent"


def test_slacks_wish_is_respected_and_the_page_asked_for_again(
    house: House, slack: ScriptedSlack, catch_up: CatchUp, clock: Clock
) -> None:
    slack.history["C1", ""] = [
        [message(at(clock, 2), "two")],
        TryLater("conversations.history: ratelimited", 60.0),
    ]
    assert run(catch_up) == 60.0
    assert came_in(house) == []
    clock.forward(60)
    run(catch_up)
    assert came_in(house) == ["two"]


def test_there_are_no_more_reads_a_minute_than_the_pace(
    house: House, slack: ScriptedSlack, catch_up: CatchUp, clock: Clock
) -> None:
    with work(house.database, clock()) as uow:
        account = uow.accounts.of_channel("C1")
        assert account is not None
        for number in range(PER_MINUTE):
            uow.accounts.link(f"CX{number}", account.id)
    wait = run(catch_up)
    assert len(slack.read) == PER_MINUTE
    assert wait == 60.0
    clock.forward(wait)
    run(catch_up)
    assert len(slack.read) == PER_MINUTE + 3


def test_a_channel_that_cannot_be_read_holds_up_nobody(
    house: House, slack: ScriptedSlack, catch_up: CatchUp, clock: Clock
) -> None:
    slack.history["C1", ""] = [GiveUp("conversations.history: not_in_channel")]
    slack.history["C2", ""] = [[message(at(clock, 1), "there", channel="C2")]]
    run(catch_up)
    assert came_in(house) == ["there"]


def test_slack_away_is_left_alone_for_a_while(
    house: House, slack: ScriptedSlack, catch_up: CatchUp, clock: Clock
) -> None:
    slack.history["C1", ""] = [TryLater("conversations.history: cannot be reached")]
    assert run(catch_up) >= 10
    with house.database.reading() as session:
        due = session.exec(select(Place.due_at).where(Place.channel == "C1")).one()
    assert due < clock.now + EVERY


@pytest.mark.parametrize("point", ["catch_up.read", "catch_up.marked", "intake.saved"])
def test_broken_off_anywhere_it_is_done_again_by_the_next_process(
    house: House, slack: ScriptedSlack, catch_up: CatchUp, clock: Clock, point: str
) -> None:
    slack.history["C1", ""] = [[message(at(clock, 1), "one"), message(at(clock, 2), "two")]]
    fault_points.arm(point, fault_points.crash)
    with pytest.raises(Crash):
        run(catch_up)
    fault_points.disarm()
    run(CatchUp(house, slack, Intake(house)))
    assert came_in(house) == ["one", "two"]


def test_of_two_replicas_one_reads_a_place(
    house: House, slack: ScriptedSlack, catch_up: CatchUp, clock: Clock
) -> None:
    other = CatchUp(house, slack, Intake(house))
    run(catch_up)
    run(other)
    assert len(slack.read) == 3


# --- what was changed meanwhile -------------------------------------------------------------------


@pytest.fixture
def thread(house: House, clock: Clock) -> list[str]:
    """A request's thread in C1: its root and two replies that came in; their ts, an hour old."""
    written = [at(clock, -3600), at(clock, -3500), at(clock, -3400)]
    root = written[0]
    for ts in written:
        below = "" if ts == root else root
        assert Intake(house).save(message(ts, f"words {ts}", thread_ts=below), f"Ev{ts}")
    with work(house.database, clock()) as uow:
        account = uow.accounts.of_channel("C1")
        assert account is not None
        request = uow.requests.add(
            SupportRequest(
                account_id=account.id, origin="o", requester="U1", requester_name="Leo",
                channel="C1", thread_ts=root, intent="get_cluster_support", queue="support",
                severity="S3", state="new", summary="slow", fields={}, language="en",
                staff_channel=STAFF, opened_at=clock(), updated_at=clock(),
            )
        )  # fmt: skip
        beside = at(clock, -3300)
        for ts in (*written, beside):
            uow.requests.add_message(
                RequestMessage(
                    request_id=request.id, account_id=account.id, channel="C1", ts=ts, author="U1",
                    author_name="Leo", side="customer", text=f"words {ts}", at=clock(),
                )
            )  # fmt: skip
    assert Intake(house).save(message(beside, f"words {beside}"), "Ev beside the thread")
    return written


def changes(house: House) -> list[tuple[str, str]]:
    """Kind and ts of what is no new message."""
    with house.database.reading() as session:
        rows = session.exec(select(Inbox).order_by(Inbox.id))
        return [(r.kind, r.payload["ts"]) for r in rows if r.kind != "MessagePosted"]


def edited(ts: str, text: str, root: str = "") -> MessageEdited:
    return MessageEdited(
        user="U1", team="T1", channel="C1", ts=ts, text=text, thread_ts=root, stamp="9.0"
    )


def test_an_old_message_of_a_request_that_was_edited_meanwhile_is_noticed_once(
    house: House, slack: ScriptedSlack, catch_up: CatchUp, clock: Clock, thread: list[str]
) -> None:
    root, first, second = thread
    slack.history["C1", root] = [[
        message(root, f"words {root}"),
        message(first, "other words", thread_ts=root), edited(first, "other words", root),
        message(second, f"words {second}", thread_ts=root), edited(second, f"words {second}", root),
    ]]  # fmt: skip
    run(catch_up)
    house.missed.set()
    run(catch_up)
    assert changes(house) == [("MessageEdited", first)]
    assert len(came_in(house)) == 5, "nothing of it is new"


def test_an_old_message_that_was_deleted_meanwhile_is_noticed_once(
    house: House, slack: ScriptedSlack, catch_up: CatchUp, clock: Clock, thread: list[str]
) -> None:
    root, first, second = thread
    shown = [message(root, f"words {root}"), message(second, f"words {second}", thread_ts=root)]
    slack.history["C1", root] = [shown]
    slack.deleted.add(("C1", first))
    run(catch_up)
    house.missed.set()
    run(catch_up)
    assert changes(house) == [("MessageDeleted", first)]


def test_a_root_of_which_a_tombstone_is_left_was_deleted(
    house: House, slack: ScriptedSlack, catch_up: CatchUp, thread: list[str]
) -> None:
    root, *replies = thread
    slack.history["C1", root] = [[message(ts, f"words {ts}", thread_ts=root) for ts in replies]]
    slack.deleted.add(("C1", root))
    run(catch_up)
    assert changes(house) == [("MessageDeleted", root)]


def test_what_a_reading_leaves_out_is_asked_for_before_it_counts_as_deleted(
    house: House, slack: ScriptedSlack, catch_up: CatchUp, thread: list[str]
) -> None:
    slack.history["C1", thread[0]] = [[]]
    run(catch_up)
    assert changes(house) == []
    assert slack.asked_for == [("C1", ts) for ts in reversed(thread)], "not what stands elsewhere"


def test_a_message_of_the_last_minute_is_not_missing_yet(
    house: House, slack: ScriptedSlack, catch_up: CatchUp, clock: Clock, thread: list[str]
) -> None:
    clock.forward(-3400 + 60)
    slack.history["C1", thread[0]] = [[message(thread[0], f"words {thread[0]}")]]
    slack.deleted.add(("C1", thread[2]))
    catch_up._began = clock.now
    run(CatchUp(house, slack, Intake(house)))
    assert changes(house) == []


def test_without_a_gap_threads_are_not_read_as_a_whole(
    house: House, slack: ScriptedSlack, catch_up: CatchUp, clock: Clock, thread: list[str]
) -> None:
    opened = clock.now
    run(catch_up)
    whole = [since for _, root, since in slack.read if root == thread[0]]
    slack.read.clear()
    clock.forward(THREADS_EVERY.total_seconds() + 1)
    run(catch_up)
    news = [since for _, root, since in slack.read if root == thread[0]]
    assert (whole, news) == ([opened - timedelta(hours=1)], [opened])


def test_an_edit_of_a_message_that_we_do_not_have_is_nothing_to_us(
    house: House, slack: ScriptedSlack, catch_up: CatchUp, clock: Clock, thread: list[str]
) -> None:
    old = at(clock, -3550)
    slack.history["C1", thread[0]] = [[message(old, "new", thread_ts=thread[0]),
                                       edited(old, "new", thread[0])]]  # fmt: skip
    run(catch_up)
    assert changes(house) == []
    assert len(came_in(house)) == 4


def test_a_dm_in_which_the_bot_was_spoken_to_is_read(
    house: House, slack: ScriptedSlack, catch_up: CatchUp, clock: Clock
) -> None:
    with work(house.database, clock()) as uow:
        uow.conversations.save("D1", "5.0", "U1", Conversation())
    clock.forward(3600)
    slack.history["D1", ""] = [[message(at(clock, -60), "are you there?", "D1", direct="yes")]]
    run(catch_up)
    assert came_in(house) == ["are you there?"]
