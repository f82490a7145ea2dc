"""What was approved ends: both sides read it three days before and at the end, once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlmodel import select

from bot.desk.roles import Role
from bot.service.house import House
from bot.service.posting import Posting
from bot.service.rings import RINGS
from bot.service.speech import Actor
from bot.service.staff_actions import StaffActions
from bot.service.timekeeping import Timekeeper
from bot.storage.tables import Outbox, SupportRequest
from bot.storage.unit_of_work import look, work
from tests.support.house import STAFF, Clock

MIKA = Actor("U1MIKA", "Mika Tan")
LAST_DAY = datetime(2026, 12, 2, 17, tzinfo=UTC)
"""14 days after the clock's start, when working hours in Stockholm are over."""


def opened(house: House, **more: object) -> int:
    with work(house.database, house.clock()) as uow:
        account = uow.accounts.of_channel("C1")
        assert account is not None
        values = {"intent": "request_poc", "fields": {"kind": "poc"}, "queue": "sales", **more}
        return uow.requests.add(
            SupportRequest(
                account_id=account.id, origin="o", requester="U2LEO", requester_name="Leo Strand",
                channel="C1", thread_ts="1.0", severity="S4", state="new", summary="fraud",
                language="en", staff_channel=STAFF, opened_at=house.clock(),
                updated_at=house.clock(), **values,
            )
        ).id  # fmt: skip


def act(house: House, request_id: int, verb: str, *words: str) -> None:
    with work(house.database, house.clock()) as uow:
        posting = Posting(uow, house, f"{verb}:{house.clock().timestamp()}")
        actions = StaffActions(uow, house, posting, request_id, MIKA, Role.STAFF)
        getattr(actions, verb)(*words)


def ring(house: House) -> list[str]:
    """What became due by now."""
    keeper, rung = Timekeeper(house, RINGS), []
    while (reminder := keeper.next()) is not None:
        keeper.ring(reminder)
        rung.append(reminder.kind)
    return [kind for kind in rung if kind in ("ends_soon", "ended")]


def told(house: House, channel: str) -> list[str]:
    with look(house.database, house.clock()) as uow:
        rows = uow.session.exec(select(Outbox).where(Outbox.channel == channel).order_by(Outbox.id))
        return [str(row.payload.get("text", "")) for row in rows]


def test_both_sides_read_of_the_end_before_it_and_at_it(house: House, clock: Clock) -> None:
    request_id = opened(house)
    act(house, request_id, "approve")
    with look(house.database, clock()) as uow:
        request = uow.requests.get(request_id)
        assert request is not None
        assert (request.stage, request.ends_at) == ("approved", LAST_DAY)
    clock.now = datetime(2026, 11, 29, 16, 59, tzinfo=UTC)
    assert ring(house) == []
    clock.forward(120)
    assert ring(house) == ["ends_soon"]
    assert "ends on Wed 02 Dec 18:00" in told(house, "C1")[-1]
    assert "<@U2LEO>" in told(house, "C1")[-1]
    assert "<@U1MIKA>" in told(house, STAFF)[-1]
    clock.now = LAST_DAY
    assert ring(house) == ["ended"]
    assert "has ended" in told(house, "C1")[-1]
    assert "has ended" in told(house, STAFF)[-1]
    clock.forward(86_400 * 30)
    assert ring(house) == []


@pytest.mark.parametrize("verb", ["finish", "resolve", "close"])
def test_what_is_over_earlier_ends_without_a_word(house: House, clock: Clock, verb: str) -> None:
    request_id = opened(house)
    act(house, request_id, "approve")
    act(house, request_id, verb)
    before = told(house, "C1")
    clock.forward(86_400 * 30)
    ring(house)
    after = [words for words in told(house, "C1") if "How satisfied are you" not in words]
    assert after == before


def test_after_an_outage_only_the_end_is_told(house: House, clock: Clock) -> None:
    request_id = opened(house)
    act(house, request_id, "approve")
    before = len(told(house, "C1"))
    clock.now = datetime(2026, 12, 5, tzinfo=UTC)
    ring(house)
    assert [text for text in told(house, "C1")[before:] if "end" in text] == [told(house, "C1")[-1]]


def test_a_demo_and_a_plan_change_have_no_end(house: House, clock: Clock) -> None:
    request_id = opened(house, fields={"kind": "demo"})
    act(house, request_id, "approve")
    clock.forward(86_400 * 60)
    assert ring(house) == []


def test_a_finished_plan_change_changes_the_plan(house: House) -> None:
    request_id = opened(house, intent="upgrade_plan", fields={"target": "enterprise"})
    act(house, request_id, "approve")
    with look(house.database, house.clock()) as uow:
        assert uow.accounts.of_channel("C1").plan == "standard"  # type: ignore[union-attr]
    act(house, request_id, "finish")
    with look(house.database, house.clock()) as uow:
        assert uow.accounts.of_channel("C1").plan == "enterprise"  # type: ignore[union-attr]
    assert "your support plan is *Enterprise* now" in "\n".join(told(house, "C1"))


def test_a_declined_request_opened_again_may_be_approved(house: House) -> None:
    request_id = opened(house)
    act(house, request_id, "decline", "no capacity")
    act(house, request_id, "reopen")
    act(house, request_id, "approve")
    with look(house.database, house.clock()) as uow:
        request = uow.requests.get(request_id)
        assert request is not None
        assert (request.stage, request.state) == ("approved", "claimed")
