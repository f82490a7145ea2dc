"""Restarts, lost answers and repeated deliveries: everything is done once, nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlmodel import select

from bot.sandbox.faults import CallAnswer, When
from bot.service import catch_up
from bot.storage.tables import Outbox
from tests.support.cast import cast
from tests.support.desk import Desk

INVOICE = "@supportbot our October invoice charges the same cluster twice, please correct it"
PERSON = "@supportbot I want to talk to a person"


@pytest.fixture(params=["socket", "http"], scope="module")
def desk(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    pytestconfig: pytest.Config,
) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp(request.param)
    options = {"transport": request.param, "accounts": (), "ack_seconds": 1.0}
    with Desk.in_folder(folder, pytestconfig, **options) as running:
        yield running


@pytest.fixture
def leo(desk: Desk) -> Iterator[Leo]:
    ids = cast(desk, ["leo"])
    yield Leo(desk, ids["leo"], ids["ext-borealis"])
    desk.sandbox.faults.clear()


class Leo:
    """A customer in a channel of his own."""

    def __init__(self, desk: Desk, user: str, channel: str) -> None:
        self._desk, self.user, self.channel = desk, user, channel

    def says(self, text: str, thread: str | None = None) -> str:
        return self._desk.say(self.user, self.channel, text, thread)

    def answers(self, thread: str) -> list[str]:
        """What the bot wrote in a thread, once everything has settled."""
        self._desk.settle(30)
        seen = self._desk.sandbox.sees(self.user, self.channel, thread)
        return [one.text for one in seen if one.is_from_app]

    def opened(self, thread: str) -> str:
        """The number of the one request opened in a thread, which was confirmed once."""
        (confirmed,) = [text for text in self.answers(thread) if "is open" in text]
        return next(word for word in confirmed.replace("*", " ").split() if "SUP-" in word)


def cards(desk: Desk, number: str) -> list[str]:
    """Texts of a request's cards in the staff channel."""
    seen = desk.sandbox.sees("mika", "support-desk")
    return [one.text for one in seen if number in one.text and "Resolve" in one.buttons]


def test_requests_and_open_questions_survive_a_restart(desk: Desk, leo: Leo) -> None:
    root = leo.says(INVOICE)
    number = leo.opened(root)
    asked = leo.says("@supportbot help with our cluster please")
    assert "Which cluster" in leo.answers(asked)[-1]
    desk.bot.stop()
    desk.start_bot()
    leo.says("ledger-eu", asked)
    assert "How severe is it?" in leo.answers(asked)[-1]
    leo.says("cancel", asked)
    leo.says("The invoice number is 2026-10-77", root)
    card = desk.card(number)
    desk.wait("mika", "support-desk", "2026-10-77", thread=card.ts)
    assert number in leo.answers(leo.says(f"@supportbot how is {number}?"))[-1]
    assert len(cards(desk, number)) == 1


def test_a_message_written_while_the_bot_is_away_is_handled_once_when_it_is_back(
    desk: Desk, leo: Leo
) -> None:
    desk.bot.stop()
    root = leo.says(INVOICE)
    assert desk.sandbox.deliveries.wait_until_quiet(10)
    desk.start_bot()
    # Slack has given up on it: the bot reads it in the channel's history.
    desk.wait(leo.user, leo.channel, "is open", thread=root)
    number = leo.opened(root)
    desk.sandbox.deliveries.redeliver_last()  # it had not, after all
    assert len(leo.answers(root)) == 1
    assert len(cards(desk, number)) == 1


def test_both_threads_of_a_request_are_caught_up_on(desk: Desk, leo: Leo) -> None:
    root = leo.says(PERSON)
    card = desk.card(leo.opened(root))
    desk.bot.stop()
    leo.says("Here is the log of last night.", root)
    desk.say("mika", "support-desk", "We read the log.", card.ts)
    assert desk.sandbox.deliveries.wait_until_quiet(10)
    desk.start_bot()
    desk.wait(leo.user, leo.channel, "We read the log.", thread=root)
    desk.wait("mika", "support-desk", "the log of last night", thread=card.ts)
    assert sum("We read the log." in text for text in leo.answers(root)) == 1


def test_what_was_edited_or_deleted_while_the_bot_is_away_is_caught_up_on(
    desk: Desk, leo: Leo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catch_up, "OVERLAP", timedelta(0))  # else the last two minutes can wait
    root = leo.says(PERSON)
    card = desk.card(leo.opened(root))
    edited = leo.says("The cluster is ledger-us.", root)
    deleted = leo.says("Our password is on the second page.", root)
    desk.wait("mika", "support-desk", "the second page", thread=card.ts)
    desk.bot.stop()
    desk.sandbox.edit(leo.user, leo.channel, edited, "The cluster is ledger-eu.")
    desk.sandbox.delete(leo.user, leo.channel, deleted)
    assert desk.sandbox.deliveries.wait_until_quiet(10)
    desk.start_bot()
    desk.wait("mika", "support-desk", "ledger-eu", thread=card.ts)
    desk.wait("mika", "support-desk", "deleted", thread=card.ts)
    shown = " ".join(one.text for one in desk.sandbox.sees("mika", "support-desk", card.ts))
    assert "ledger-us" not in shown
    assert "the second page" not in shown


def test_what_was_saved_but_not_handled_before_a_stop_is_handled_after_it(
    desk: Desk, leo: Leo
) -> None:
    desk.bot.worker.stop()
    root = leo.says(INVOICE)
    assert desk.sandbox.deliveries.wait_until_quiet(5)
    desk.bot.stop()
    assert not any(s.is_from_app for s in desk.sandbox.sees(leo.user, leo.channel, root))
    desk.start_bot()
    assert len(cards(desk, leo.opened(root))) == 1


def test_a_lost_acknowledgement_brings_the_message_again_and_it_is_handled_once(
    desk: Desk, leo: Leo
) -> None:
    desk.sandbox.faults.deliver("lose_ack", "message", times=2)
    desk.sandbox.faults.deliver("lose_ack", "app_mention", times=2)
    root = leo.says(INVOICE)
    number = leo.opened(root)
    assert len(leo.answers(root)) == 1
    assert len(cards(desk, number)) == 1


def test_a_delivery_that_never_arrived_is_made_up_for(desk: Desk, leo: Leo) -> None:
    desk.sandbox.faults.deliver("lose_payload", "message", times=1)
    desk.sandbox.faults.deliver("lose_payload", "app_mention", times=1)
    root = leo.says(INVOICE)
    assert len(cards(desk, leo.opened(root))) == 1


def test_the_same_message_under_two_event_ids_gets_one_answer(desk: Desk, leo: Leo) -> None:
    desk.sandbox.faults.deliver("double", "message")
    desk.sandbox.faults.deliver("double", "app_mention")
    root = leo.says(PERSON)
    assert len(cards(desk, leo.opened(root))) == 1
    assert len(leo.answers(root)) == 1


def test_a_doubled_staff_reply_reaches_the_customer_once(desk: Desk, leo: Leo) -> None:
    root = leo.says(PERSON)
    card = desk.card(leo.opened(root))
    desk.sandbox.faults.deliver("double", "message")
    desk.say("mika", "support-desk", "We call you at noon.", card.ts)
    assert sum("We call you at noon." in text for text in leo.answers(root)) == 1


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("answer", ["ratelimited", "http_500", "fatal_error", "reset"])
@pytest.mark.parametrize("desk", ["socket"], indirect=True)
def test_a_post_with_a_bad_answer_is_in_the_thread_exactly_once(
    desk: Desk, leo: Leo, answer: CallAnswer, when: When
) -> None:
    desk.sandbox.faults.call("chat.postMessage", answer, when=when, times=1, retry_after=1)
    root = leo.says("@supportbot what support plan do we have?")
    answers = leo.answers(root)
    assert f"chat.postMessage {answer} {when}" in desk.sandbox.faults.struck
    assert len(answers) == 1
    assert "*Standard* support plan" in answers[0]


@pytest.mark.parametrize("desk", ["socket"], indirect=True)
def test_a_whole_request_survives_an_evening_of_bad_answers(desk: Desk, leo: Leo) -> None:
    faults = desk.sandbox.faults
    faults.call("chat.postMessage", "http_500", when="after", times=2)
    faults.call("chat.postMessage", "ratelimited", times=1, retry_after=1)
    faults.call("chat.update", "http_500", when="after", times=1)
    root = leo.says(PERSON)
    number = leo.opened(root)
    card = desk.card(number)
    desk.say("arun", "support-desk", "Good evening, I am here.", card.ts)
    assert sum("I am here." in text for text in leo.answers(root)) == 1
    assert len(cards(desk, number)) == 1
    assert "waiting for the customer" in cards(desk, number)[0]
    transcripts = [
        seen
        for seen in desk.sandbox.sees("mika", "support-desk", card.ts)
        if "What " in seen.text and number in seen.text
    ]
    assert len(transcripts) == 1


@pytest.mark.parametrize("desk", ["socket"], indirect=True)
def test_staff_answer_a_card_whose_posting_was_interrupted_and_the_customer_gets_it(
    desk: Desk, leo: Leo
) -> None:
    """The sender died between Slack's answer and its commit: nobody knows the card's ts yet."""
    root = leo.says(PERSON)
    number = leo.opened(root)
    card = desk.card(number)
    with desk.bot.database.transaction() as session:
        row = session.exec(
            select(Outbox).where(Outbox.key == f"card:{int(number.split('-')[1]) - 1000}")
        ).one()
        row.ts, row.state = "", "sending"
        row.lease_until = desk.bot.house.clock() + timedelta(seconds=1)
    desk.say("mika", "support-desk", "We are on it.", card.ts)
    assert sum("We are on it." in text for text in leo.answers(root)) == 1
    assert len(cards(desk, number)) == 1
