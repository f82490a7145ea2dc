"""What is owed to Slack arrives in order and once, or staff hear why it does not."""

from __future__ import annotations

import pytest
from sqlmodel import select

from bot.content.templates import Rendered
from bot.desk.errors import GiveUp, OutcomeUnknown, TryLater
from bot.desk.retries import MOST_ATTEMPTS
from bot.service.delivery import LEASE, Delivery
from bot.service.house import House
from bot.service.pacing import BURST, Pacing
from bot.service.posting import Posting, key_ref
from bot.storage.lanes import outbox_lanes
from bot.storage.tables import Outbox
from bot.storage.unit_of_work import look, work
from tests.support.house import LOST_ANSWER, STAFF, Clock, ScriptedSlack


@pytest.fixture
def delivery(house: House, slack: ScriptedSlack, clock: Clock) -> Delivery:
    return Delivery(house, slack, outbox_lanes(house.database), Pacing(clock.seconds))


def owe(house: House, text: str, channel: str = "C1", **more: object) -> None:
    """Owe one message; its key is its text."""
    with work(house.database, house.clock()) as uow:
        rendered = Rendered(text, [])
        account = uow.accounts.of_channel(channel)
        more = {"key": text, "account_id": account.id if account else None, **more}
        Posting(uow, house, "test").message(channel, rendered, **more)


def send_all(delivery: Delivery, at_most: int = 50) -> None:
    """Everything whose turn it is now."""
    for _ in range(at_most):
        if not delivery.send_next():
            return


def entry(house: House, key: str) -> Outbox:
    with look(house.database, house.clock()) as uow:
        found = uow.outgoing.by_key(key)
    assert found is not None
    return found


def notices(slack: ScriptedSlack) -> list[str]:
    """What was said in the staff channel."""
    return [message["text"] for message in slack.posted if message["channel"] == STAFF]


# --- the good day -------------------------------------------------------------------------------


def test_a_thread_gets_its_messages_in_the_order_they_were_owed(
    house: House, slack: ScriptedSlack, delivery: Delivery
) -> None:
    for text in ("one", "two", "three"):
        owe(house, text, thread="1.0")
    send_all(delivery)
    assert slack.texts() == ["one", "two", "three"]
    assert {message["thread_ts"] for message in slack.posted} == {"1.0"}


def test_a_sent_message_is_remembered_with_its_time_and_not_sent_again(
    house: House, slack: ScriptedSlack, delivery: Delivery
) -> None:
    owe(house, "hello")
    send_all(delivery)
    send_all(delivery)
    assert len(slack.posted) == 1
    assert (entry(house, "hello").state, entry(house, "hello").ts) == ("sent", "1000.0")


def test_the_metadata_carries_the_key_and_nothing_else(
    house: House, slack: ScriptedSlack, delivery: Delivery
) -> None:
    owe(house, "secret words", key="opened:1")
    send_all(delivery)
    assert slack.posted[0]["metadata"]["event_payload"] == {"key": "opened:1"}


def test_a_reply_finds_the_thread_of_a_message_that_was_owed_with_it(
    house: House, slack: ScriptedSlack, delivery: Delivery
) -> None:
    owe(house, "card")
    owe(house, "transcript", thread=key_ref("card"))
    with work(house.database, house.clock()) as uow:
        Posting(uow, house, "later").change(
            "C1", key_ref("card"), Rendered("card 2", []), account_id=1
        )
    send_all(delivery)
    root = slack.posted[0]["ts"]
    assert slack.posted[1]["thread_ts"] == root
    assert slack.calls[-1] == (
        "chat.update",
        {"text": "card 2", "blocks": [], "channel": "C1", "ts": root},
    )


def test_a_pin_and_a_reaction_name_the_message_they_are_about(
    house: House, slack: ScriptedSlack, delivery: Delivery
) -> None:
    owe(house, "board")
    with work(house.database, house.clock()) as uow:
        posting = Posting(uow, house, "marks")
        posting.pin("C1", key_ref("board"))
        posting.react("C1", "5.0", "eyes")
    send_all(delivery)
    assert ("pins.add", {"channel": "C1", "timestamp": "1000.0"}) in slack.calls
    assert (
        "reactions.add",
        {"name": "eyes", "channel": "C1", "timestamp": "5.0"},
    ) in slack.calls


# --- lost answers -------------------------------------------------------------------------------


def test_a_message_whose_answer_was_lost_is_found_and_not_posted_twice(
    house: House, slack: ScriptedSlack, delivery: Delivery, clock: Clock
) -> None:
    slack.next_outcomes = [LOST_ANSWER]
    owe(house, "once", thread="1.0")
    send_all(delivery)
    assert entry(house, "once").state == "unknown"
    clock.forward(60)
    send_all(delivery)
    assert slack.texts() == ["once"]
    assert (entry(house, "once").state, entry(house, "once").ts) == ("sent", "1000.0")


def test_a_message_that_did_not_arrive_is_posted_after_looking(
    house: House, slack: ScriptedSlack, delivery: Delivery, clock: Clock
) -> None:
    slack.next_outcomes = [OutcomeUnknown("chat.postMessage: 500")]
    owe(house, "again")
    send_all(delivery)
    assert slack.posted == []
    clock.forward(60)
    send_all(delivery)
    assert slack.looked_for == ["again"]
    assert slack.texts() == ["again"]


def test_it_is_not_looked_for_before_slack_has_settled(
    house: House, slack: ScriptedSlack, delivery: Delivery, clock: Clock
) -> None:
    slack.next_outcomes = [LOST_ANSWER]
    owe(house, "once")
    send_all(delivery)
    clock.forward(1)
    send_all(delivery)
    assert slack.looked_for == []


def test_the_rest_of_the_thread_waits_until_the_outcome_is_known(
    house: House, slack: ScriptedSlack, delivery: Delivery, clock: Clock
) -> None:
    slack.next_outcomes = [OutcomeUnknown("chat.postMessage: timed out")]
    owe(house, "first", thread="1.0")
    owe(house, "second", thread="1.0")
    send_all(delivery)
    assert slack.texts() == []
    clock.forward(60)
    send_all(delivery)
    assert slack.texts() == ["first", "second"]


def test_a_sender_that_died_in_the_middle_leaves_a_message_to_be_looked_for(
    house: House, slack: ScriptedSlack, delivery: Delivery, clock: Clock
) -> None:
    owe(house, "half sent", thread="1.0")
    died = outbox_lanes(house.database).claim(clock(), LEASE)
    assert died is not None
    slack.posted.append(
        {
            "channel": "C1",
            "thread_ts": "1.0",
            "ts": "77.0",
            "text": "half sent",
            "metadata": {"event_payload": {"key": "half sent"}},
        }
    )
    clock.forward(LEASE.total_seconds() + 1)
    send_all(delivery)
    assert slack.calls == []
    assert entry(house, "half sent").ts == "77.0"


def test_a_sender_that_was_too_slow_does_not_overwrite_the_next_ones_outcome(
    house: House, slack: ScriptedSlack, delivery: Delivery, clock: Clock
) -> None:
    owe(house, "slow")

    def overtaken() -> None:
        slack.during_call = lambda: None
        clock.forward(LEASE.total_seconds() + 1)
        delivery.send_next()

    slack.during_call = overtaken
    send_all(delivery)
    assert entry(house, "slow").state == "sent"
    assert entry(house, "slow").ts == "1000.0"


def test_a_change_is_simply_repeated(
    house: House, slack: ScriptedSlack, delivery: Delivery, clock: Clock
) -> None:
    slack.next_outcomes = [OutcomeUnknown("chat.update: timed out")]
    with work(house.database, house.clock()) as uow:
        Posting(uow, house, "x").change("C1", "5.0", Rendered("new", []), account_id=1)
    send_all(delivery)
    clock.forward(60)
    send_all(delivery)
    assert [method for method, _ in slack.calls] == ["chat.update", "chat.update"]
    assert slack.looked_for == []


# --- too fast -----------------------------------------------------------------------------------


def test_a_429_holds_the_method_for_everybody_and_nothing_else(
    house: House, slack: ScriptedSlack, delivery: Delivery, clock: Clock
) -> None:
    slack.next_outcomes = [OutcomeUnknown("chat.postMessage: ratelimited", 30.0)]
    owe(house, "held", "C1")
    send_all(delivery)
    owe(house, "held too", "C2")
    with work(house.database, house.clock()) as uow:
        Posting(uow, house, "x").change("C2", "5.0", Rendered("goes on", []), account_id=2)
    clock.forward(20)
    send_all(delivery)
    assert [method for method, _ in slack.calls] == ["chat.postMessage", "chat.update"]
    clock.forward(11)
    send_all(delivery)
    clock.forward(11)
    send_all(delivery)
    assert sorted(slack.texts()) == ["held", "held too"]


def test_waiting_for_a_turn_does_not_use_up_the_attempts(
    house: House, slack: ScriptedSlack, delivery: Delivery, clock: Clock
) -> None:
    many = int(BURST) + 5
    for number in range(many):
        owe(house, f"m{number}", thread=f"{number}.0")
    send_all(delivery, at_most=2 * many)
    assert len(slack.posted) == BURST
    for _ in range(10):
        clock.forward(1)
        send_all(delivery)
    assert len(slack.posted) == many
    with house.database.reading() as session:
        assert set(session.exec(select(Outbox.attempts)).all()) == {1}


# --- refusals -----------------------------------------------------------------------------------


def test_slack_away_is_waited_for_however_long_it_takes(
    house: House, slack: ScriptedSlack, delivery: Delivery, clock: Clock
) -> None:
    slack.next_outcomes = [TryLater("chat.postMessage: cannot be reached")] * 12
    owe(house, "patient")
    for _ in range(13):
        send_all(delivery)
        clock.forward(700)
    assert slack.texts() == ["patient"]


def test_a_refused_message_is_given_up_and_staff_are_told(
    house: House, slack: ScriptedSlack, delivery: Delivery
) -> None:
    slack.next_outcomes = [GiveUp("chat.postMessage: msg_too_long")]
    owe(house, "refused", thread="1.0")
    owe(house, "next", thread="1.0")
    send_all(delivery)
    assert entry(house, "refused").state == "dead"
    assert "next" in slack.texts()
    (notice,) = notices(slack)
    assert "<#C1>" in notice
    assert "msg_too_long" in notice


def test_a_complaint_about_a_complaint_is_not_made(
    house: House, slack: ScriptedSlack, delivery: Delivery
) -> None:
    slack.next_outcomes = [GiveUp("chat.postMessage: is_archived")] * 5
    owe(house, "refused")
    send_all(delivery)
    assert len(slack.calls) == 2
    assert slack.posted == []


def test_a_channel_that_lacks_the_bot_is_tried_again_for_a_while(
    house: House, slack: ScriptedSlack, delivery: Delivery, clock: Clock
) -> None:
    slack.next_outcomes = [GiveUp("chat.postMessage: not_in_channel")] * 3
    owe(house, "invited late")
    for _ in range(4):
        send_all(delivery)
        clock.forward(600)
    assert slack.texts() == ["invited late"]


def test_but_not_for_ever(
    house: House, slack: ScriptedSlack, delivery: Delivery, clock: Clock
) -> None:
    slack.next_outcomes = [GiveUp("chat.postMessage: not_in_channel")] * MOST_ATTEMPTS
    owe(house, "never invited")
    for _ in range(MOST_ATTEMPTS + 1):
        send_all(delivery)
        clock.forward(600)
    assert entry(house, "never invited").state == "dead"
    assert len(notices(slack)) == 1


@pytest.mark.parametrize("answer", ["already_reacted", "already_pinned", "no_reaction"])
def test_what_is_so_already_counts_as_done(
    house: House, slack: ScriptedSlack, delivery: Delivery, answer: str
) -> None:
    slack.next_outcomes = [GiveUp(f"reactions.add: {answer}")]
    with work(house.database, house.clock()) as uow:
        Posting(uow, house, "x").react("C1", "5.0", "eyes")
    send_all(delivery)
    assert entry(house, "react:C1:5.0:eyes").state == "sent"


def test_a_reply_to_a_message_that_was_given_up_is_given_up_too(
    house: House, slack: ScriptedSlack, delivery: Delivery
) -> None:
    slack.next_outcomes = [GiveUp("chat.postMessage: msg_too_long")]
    owe(house, "card")
    owe(house, "transcript", thread=key_ref("card"))
    send_all(delivery)
    assert entry(house, "transcript").state == "dead"
    assert "never posted" in entry(house, "transcript").error


# --- nobody else's channel ----------------------------------------------------------------------


@pytest.mark.parametrize("channel", ["C2", "C9"], ids=["another account's", "nobody's"])
def test_words_for_one_account_are_never_sent_to_another_channel(
    house: House, slack: ScriptedSlack, delivery: Delivery, channel: str
) -> None:
    with look(house.database, house.clock()) as uow:
        ours = uow.accounts.of_channel("C1")
    assert ours is not None
    owe(house, "for us", "C1", account_id=ours.id)
    owe(house, "for us, misdirected", channel, account_id=ours.id)
    send_all(delivery)
    assert [m["text"] for m in slack.posted if m["channel"] != STAFF] == ["for us"]
    assert entry(house, "for us, misdirected").state == "dead"
    assert len(notices(slack)) == 1


# --- whispers -----------------------------------------------------------------------------------


def whisper(house: House, channel: str = "C1", **more: object) -> None:
    with work(house.database, house.clock()) as uow:
        posting = Posting(uow, house, "test")
        posting.whisper(channel, "U2LEO", Rendered("psst", []), thread="1.0", **more)


@pytest.mark.parametrize("reason", ["user_not_in_channel", "cannot_reply_to_message"])
def test_a_whisper_that_slack_refuses_is_said_in_the_thread(
    house: House, slack: ScriptedSlack, delivery: Delivery, reason: str
) -> None:
    slack.next_outcomes = [GiveUp(f"chat.postEphemeral: {reason}")]
    with look(house.database, house.clock()) as uow:
        account = uow.accounts.of_channel("C1")
    assert account is not None
    whisper(house, account_id=account.id, or_reply=True)
    send_all(delivery)
    assert [method for method, _ in slack.calls] == ["chat.postEphemeral", "chat.postMessage"]
    (said,) = slack.posted
    assert (said["text"], said["channel"], said["thread_ts"]) == ("psst", "C1", "1.0")
    assert "user" not in said
    assert notices(slack) == []


def test_any_other_whisper_that_is_refused_stays_unsaid(
    house: House, slack: ScriptedSlack, delivery: Delivery
) -> None:
    slack.next_outcomes = [GiveUp("chat.postEphemeral: cannot_reply_to_message")]
    whisper(house)
    send_all(delivery)
    assert slack.posted == []


def test_in_a_direct_conversation_a_whisper_is_a_plain_message(
    house: House, slack: ScriptedSlack, delivery: Delivery
) -> None:
    whisper(house, "D1")
    send_all(delivery)
    assert [(said["channel"], said["text"]) for said in slack.posted] == [("D1", "psst")]
