"""The clock of a first answer on a real database: what moves it, and who hears of it when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from bot.desk.arrivals import ButtonPressed
from bot.desk.decisions import OpenRequest
from bot.desk.errors import NotAllowed
from bot.desk.plans import Staleness
from bot.desk.requests import Request, Severity
from bot.service.accounts import AccountChange, change_account
from bot.service.house import House
from bot.service.posting import Posting
from bot.service.presses import Presses
from bot.service.rings import RINGS
from bot.service.speech import Actor, Said
from bot.service.ticketing import Ticketing
from bot.service.timekeeping import Timekeeper
from bot.storage.tables import Outbox
from bot.storage.unit_of_work import look, work
from tests.support.house import STAFF, Clock

LEO, MIKA = Actor("U2LEO", "Leo Strand"), Actor("U1MIKA", "Mika Tan")
MONDAY = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)  # 10:00 in Stockholm
HOUR = 3600.0


@pytest.fixture
def clock() -> Clock:
    return Clock(MONDAY)


class NoDocuments:
    """There is nothing to suggest to staff."""

    def sources_for(self, *_: object) -> tuple[()]:
        return ()


class Desk:
    """One request of *Ours* (Standard, Stockholm) and what is done to it, a transaction each."""

    def __init__(self, house: House, clock: Clock, severity: Severity = "S2") -> None:
        self.house = replace(house, answers=NoDocuments())  # type: ignore[arg-type]
        self.clock, self._n = clock, 0
        wanted = OpenRequest(
            "get_cluster_support", "support", {"severity": severity}, "prod-1 is slow", "C1:1:0"
        )

        def open_it(tickets: Ticketing) -> None:
            with look(house.database, clock()) as uow:
                account = uow.accounts.of_channel("C1")
            assert account is not None
            tickets.open(wanted, account, LEO, channel="C1", thread="1.0", language="en")

        self.do(open_it)

    @property
    def request(self) -> Request:
        with look(self.house.database, self.clock()) as uow:
            found = uow.requests.get(1)
        assert found is not None
        return found

    def do(self, act: Callable[[Ticketing], object]) -> None:
        self._n += 1
        with work(self.house.database, self.clock()) as uow:
            act(Ticketing(uow, self.house, Posting(uow, self.house, f"test{self._n}")))

    def staff_says(self, text: str, *, internal: bool = False) -> None:
        said = Said(f"9.{self._n}", MIKA.user, MIKA.name, text)
        self.do(
            lambda tickets: tickets.mirror.staff_said(
                self.request, said, internal=internal, channel=STAFF
            )
        )

    def customer_says(self, text: str) -> None:
        said = Said(f"8.{self._n}", LEO.user, LEO.name, text)
        self.do(lambda tickets: tickets.mirror.customer_said(self.request, said, "C1"))

    def wait(self) -> None:
        self.do(lambda tickets: tickets.act(self.request, "wait", MIKA))

    def later(self, hours: float) -> None:
        """Time passes, and what is due is done at its time, not all at once in the end."""
        end = self.clock.now + timedelta(hours=hours)
        keeper = Timekeeper(self.house, RINGS)
        while self.clock.now < end:
            self.clock.now = min(end, self.clock.now + timedelta(minutes=15))
            while (reminder := keeper.next()) is not None:
                keeper.ring(reminder)

    def said_to_staff(self, *marks: str) -> list[str]:
        with look(self.house.database, self.clock()) as uow:
            rows = uow.session.exec(select(Outbox).order_by("id")).all()
        texts = [row.payload.get("text", "") for row in rows if row.channel == STAFF]
        warnings = [text for text in texts if "* (S" in text]
        return [text for text in warnings if text.startswith(marks or ("⏳", "🔴", "🚨"))]

    def said_to_customer(self) -> list[str]:
        with look(self.house.database, self.clock()) as uow:
            rows = uow.session.exec(select(Outbox).order_by("id")).all()
        return [row.payload["text"] for row in rows if row.channel == "C1"]


@pytest.fixture
def desk(house: House, clock: Clock) -> Desk:
    return Desk(house, clock)


def hours_after_opening(moment: datetime | None) -> float:
    assert moment is not None
    return (moment - MONDAY).total_seconds() / HOUR


def test_an_opened_request_has_its_time_and_its_timers(desk: Desk, house: House) -> None:
    assert desk.request.clock == "running"
    assert hours_after_opening(desk.request.respond_by) == 8
    kinds = ("answer_soon", "answer_due", "answer_overdue", "promise_moved", "nudge", "gone_stale")
    with look(house.database, MONDAY) as uow:
        at = [uow.reminders.waits(kind, request_id=1) for kind in kinds]
    assert [hours_after_opening(one) if one else None for one in at] == [6, 8, 25, None, None, None]


def test_staff_are_warned_once_before_and_once_at_the_time_then_who_is_on_call(
    desk: Desk, house: House
) -> None:
    with work(house.database, desk.clock()) as uow:
        uow.accounts.set_on_call("", "U1ARUN")
    desk.later(48)
    warned = desk.said_to_staff()
    assert [text[0] for text in warned] == ["⏳", "🔴", "🚨"]
    assert "<@U1ARUN>" not in warned[0]
    assert desk.request.clock == "overdue"


def test_a_person_on_call_for_a_queue_goes_before_the_one_for_all_and_the_setting(
    house: House, clock: Clock
) -> None:
    from bot.service.overdue import on_call

    told = replace(house, on_call="U1SET")
    with work(house.database, clock()) as uow:
        assert on_call(uow, told, "support") == "U1SET"
        uow.accounts.set_on_call("", "U1ALL")
        uow.accounts.set_on_call("support", "U1OWN")
        assert (on_call(uow, told, "support"), on_call(uow, told, "sales")) == ("U1OWN", "U1ALL")
        uow.accounts.set_on_call("support", "")
        assert on_call(uow, told, "support") == "U1ALL"


@pytest.mark.parametrize(
    ("ends", "hours"), [("reply", 1.0), ("reply", 7.0), ("resolve", 1.0), ("close", 1.0)]
)
def test_nobody_is_warned_about_what_is_answered_or_over(
    desk: Desk, ends: str, hours: float
) -> None:
    desk.later(hours)
    before = desk.said_to_staff()
    match ends:
        case "reply":
            desk.staff_says("We are looking into it.")
        case "resolve":
            desk.do(lambda tickets: tickets.act(desk.request, "resolve", MIKA))
        case _:
            desk.do(lambda tickets: tickets.act(desk.request, "close", LEO))
    desk.later(20)
    assert desk.said_to_staff() == before


@pytest.mark.parametrize(
    ("hours", "promise", "minutes"), [(0.6, "kept", 36), (8, "kept", 480), (8.5, "missed", 480)]
)
def test_the_first_words_that_reach_the_customer_keep_the_promise_or_miss_it(
    desk: Desk, hours: float, promise: str, minutes: int
) -> None:
    desk.later(hours)
    desk.staff_says("We are looking into it.")
    assert desk.request.promise == desk.request.clock == promise
    assert desk.request.answered_after == minutes  # after 18:00 no minute counts any more
    answered = desk.request.responded_at
    desk.later(1)
    desk.staff_says("And now we know more.")
    assert (desk.request.responded_at, desk.request.promise) == (answered, promise)


def test_a_promise_missed_while_nobody_ran_is_missed_all_the_same(desk: Desk) -> None:
    desk.clock.forward(30 * HOUR)
    desk.staff_says("Sorry, we were away.")
    assert desk.request.promise == "missed"


def test_a_note_is_no_answer_and_a_closing_note_is_one(desk: Desk) -> None:
    desk.staff_says("// looks like the proxy", internal=True)
    assert desk.request.responded_at is None
    desk.do(lambda tickets: tickets.act(desk.request, "resolve", MIKA, "The proxy was restarted."))
    assert (desk.request.responded_at, desk.request.promise) == (MONDAY, "kept")


def test_a_wait_moves_the_time_by_its_length_and_silences_the_warnings(desk: Desk) -> None:
    desk.later(2)
    desk.wait()
    assert (desk.request.clock, desk.request.respond_by) == ("paused", None)
    desk.later(24)
    assert desk.said_to_staff("🔴", "🚨") == []
    desk.customer_says("Here is the log")
    assert hours_after_opening(desk.request.respond_by) == 24 + 8
    assert len(desk.request.pauses) == 1
    desk.later(10)
    assert [text[0] for text in desk.said_to_staff("🔴")] == ["🔴"]


def test_a_new_severity_counts_from_the_opening_with_the_same_pauses(desk: Desk) -> None:
    desk.later(1)
    desk.wait()
    desk.later(1)
    desk.customer_says("Here is the log")
    desk.do(lambda tickets: tickets.set_severity(desk.request, "S1", MIKA))
    assert hours_after_opening(desk.request.respond_by) == 1 + 4
    desk.later(3.5)
    assert len(desk.said_to_staff("🔴")) == 1
    desk.do(lambda tickets: tickets.set_severity(desk.request, "S3", MIKA))
    assert desk.request.clock == "running", "by the lower severity there is time left"
    assert desk.request.promise == ""


def test_a_severity_whose_time_is_over_already_is_warned_about_at_once(desk: Desk) -> None:
    desk.later(5)
    desk.do(lambda tickets: tickets.set_severity(desk.request, "S1", MIKA))
    desk.later(0.25)
    assert [text[0] for text in desk.said_to_staff()] == ["🔴"]


def test_claiming_or_tagging_does_not_repeat_a_warning(desk: Desk) -> None:
    desk.later(7)
    assert len(desk.said_to_staff("⏳")) == 1
    desk.do(lambda tickets: tickets.act(desk.request, "claim", MIKA))
    desk.later(0.5)
    assert len(desk.said_to_staff("⏳")) == 1


def test_another_plan_counts_anew_and_the_customer_reads_the_new_time(
    desk: Desk, house: House
) -> None:
    desk.later(1)
    with work(house.database, desk.clock()) as uow:
        change_account(uow, house.content.plans, AccountChange("Ours", plan="enterprise"))
    assert (desk.request.promised_minutes, desk.request.around_the_clock) == (120, True)
    assert hours_after_opening(desk.request.respond_by) == 2
    desk.later(0.25)
    assert any("has changed" in text and "12:00" in text for text in desk.said_to_customer())
    with work(house.database, desk.clock()) as uow:
        change_account(uow, house.content.plans, AccountChange("Ours", plan="basic"))
    desk.later(0.25)
    assert desk.request.clock == "none"
    assert "no promised time any more" in desk.said_to_customer()[-1]
    desk.later(30)
    assert desk.said_to_staff("🔴", "🚨") == []


def test_a_change_that_changes_no_time_is_not_told(desk: Desk, house: House) -> None:
    before = desk.said_to_customer()
    with work(house.database, desk.clock()) as uow:
        change_account(uow, house.content.plans, AccountChange("Ours", language="ja"))
        change_account(uow, house.content.plans, AccountChange("Ours", time_zone="Europe/Berlin"))
    desk.later(0.25)
    assert desk.said_to_customer() == before


def test_after_an_outage_staff_hear_that_it_is_late_and_not_that_it_will_be(desk: Desk) -> None:
    desk.clock.forward(30 * HOUR)
    desk.later(0.25)
    assert [text[0] for text in desk.said_to_staff()] == ["🔴"]


def test_a_request_that_was_closed_unanswered_and_reopened_has_its_clock_back(desk: Desk) -> None:
    desk.later(1)
    desk.do(lambda tickets: tickets.act(desk.request, "close", LEO))
    assert desk.request.clock == "none"
    desk.later(2)
    desk.do(lambda tickets: tickets.act(desk.request, "reopen", LEO))
    assert desk.request.clock == "running"
    assert hours_after_opening(desk.request.respond_by) == 25  # one hour of eight was used before
    desk.later(6)
    assert [text[0] for text in desk.said_to_staff()] == ["⏳"]


@pytest.mark.parametrize("channel", ["C2", "D9"])
def test_why_is_told_to_the_account_alone(desk: Desk, house: House, channel: str) -> None:
    press = ButtonPressed(
        user="U3EVE", action="do.why:SUP-1001", value="SUP-1001", channel=channel, message_ts="1.0"
    )
    with work(house.database, desk.clock()) as uow:
        account = uow.accounts.of_channel("C2")
        assert account is not None
        presses = Presses(uow, house, Posting(uow, house, "why"))
        with pytest.raises(NotAllowed, match="no_such_request"):
            presses.press(press, account, Actor("U3EVE", "Eve"))


# --- waiting for the customer ---------------------------------------------------------------------


def test_a_nudge_comes_once_and_the_request_is_resolved_later(desk: Desk) -> None:
    desk.staff_says("Could you send us the log?")
    desk.later(24 * 3 - 1)
    assert not any("👋" in text for text in desk.said_to_customer())
    desk.later(2)
    desk.do(lambda tickets: tickets.act(desk.request, "claim", MIKA))
    desk.later(24)
    assert sum("👋" in text for text in desk.said_to_customer()) == 1
    desk.later(24 * 7)
    assert desk.request.state == "resolved"
    assert sum("we have not heard from you" in text for text in desk.said_to_customer()) == 1


def test_the_customers_reply_and_staffs_next_words_begin_the_wait_anew(desk: Desk) -> None:
    desk.staff_says("Could you send us the log?")
    desk.later(24 * 2)
    desk.customer_says("On its way")
    desk.later(24 * 10)
    assert not any("👋" in text for text in desk.said_to_customer())
    desk.staff_says("Did you send it?")
    desk.later(24)
    desk.staff_says("It is a file of some megabytes.")
    desk.later(24 * 2)
    assert not any("👋" in text for text in desk.said_to_customer())


@pytest.mark.parametrize(
    ("staleness", "nudges", "state"),
    [(Staleness(1, 2), 1, "resolved"), (Staleness(None, 2), 0, "resolved"),
     (Staleness(1, None), 1, "waiting"), (Staleness(None, None), 0, "waiting")],
)  # fmt: skip
def test_how_long_we_wait_is_configured(
    house: House, clock: Clock, staleness: Staleness, nudges: int, state: str
) -> None:
    plans = replace(house.content.plans, staleness=staleness)
    desk = Desk(replace(house, content=replace(house.content, plans=plans)), clock)
    desk.staff_says("Could you send us the log?")
    desk.later(24 * 3)
    assert sum("👋" in text for text in desk.said_to_customer()) == nudges
    assert desk.request.state == state


def test_a_nudge_that_comes_late_leaves_the_days_to_reply(desk: Desk) -> None:
    desk.staff_says("Could you send us the log?")
    desk.clock.forward(24 * 20 * HOUR)
    desk.later(24 * 3)
    assert desk.request.state == "waiting"
    assert sum("👋" in text for text in desk.said_to_customer()) == 1
    desk.later(24 * 4)
    assert desk.request.state == "resolved"
