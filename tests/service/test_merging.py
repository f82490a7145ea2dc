"""What may be merged with what, and where the words go."""

from __future__ import annotations

import pytest

from bot.desk.errors import NotAllowed
from bot.desk.requests import Request
from bot.service.house import House
from bot.service.merging import Merging
from bot.service.mirroring import Mirroring
from bot.service.posting import Posting
from bot.service.speech import Actor, Said
from bot.storage.requests import as_request
from bot.storage.tables import SupportRequest
from bot.storage.unit_of_work import UnitOfWork, look, work
from tests.support.house import STAFF

MIKA = Actor("U0MIKA", "Mika")


def opened(uow: UnitOfWork, channel: str, ts: str, *, state: str = "new") -> Request:
    account = uow.accounts.of_channel("C1" if channel.startswith("D") else channel)
    assert account is not None
    row = SupportRequest(
        account_id=account.id, origin=f"{channel}:{ts}", requester="U2LEO", requester_name="Leo",
        channel=channel, thread_ts=ts, intent="get_cluster_support", queue="support",
        severity="S3", state=state, summary=f"about {ts}", fields={}, language="en",
        staff_channel=STAFF, opened_at=uow.now, updated_at=uow.now,
    )  # fmt: skip
    uow.requests.add(row)
    return as_request(row)


@pytest.mark.parametrize(
    ("other", "state", "reason"),
    [
        ("C2", "new", "not_now.other_channel"),
        ("D1LEO", "new", "not_now.other_channel"),
        ("C1", "closed", "not_now.merge_closed"),
        ("C1", "resolved", "not_now.merge_closed"),
        ("", "new", "not_now.same_request"),
    ],
    ids=["another customer's", "from a private talk", "closed", "resolved", "itself"],
)
def test_only_open_requests_of_one_channel_are_merged(
    house: House, other: str, state: str, reason: str
) -> None:
    with work(house.database, house.clock()) as uow:
        request = opened(uow, "C1", "1.0")
        into = opened(uow, other, "2.0", state=state) if other else request
        merging = Merging(uow, house, Posting(uow, house, "test"), MIKA)
        for pair in ((request, into), (into, request)):
            with pytest.raises(NotAllowed) as refused:
                merging.merge(*pair)
            assert refused.value.reason in (reason, "not_now.merge_closed")
    with look(house.database, house.clock()) as uow:
        assert {one.state for one in uow.requests.listed()} <= {"new", state}


def test_who_was_merged_twice_is_found_by_both_threads(house: House) -> None:
    with work(house.database, house.clock()) as uow:
        first, second, third = (opened(uow, "C1", f"{n}.0") for n in (1, 2, 3))
        posting = Posting(uow, house, "test")
        merging = Merging(uow, house, posting, MIKA)
        merging.merge(first, second)
        merging.merge(second, third)
        for thread in ("1.0", "2.0", "3.0"):
            assert [one.id for one in uow.requests.in_thread("C1", thread)] == [third.id]
        (here,) = uow.requests.in_thread("C1", "1.0")
        mirror = Mirroring(uow, house, posting)
        mirror.customer_said(here, Said("9.0", "U2LEO", "Leo", "still slow"), "C1")
        assert [one.text for one in uow.requests.messages(third.id, internal=True)] == [
            "still slow"
        ]
        assert uow.requests.messages(first.id, internal=True) == []


def test_the_customer_reads_nothing_that_staff_noted_on_the_merged_request(house: House) -> None:
    with work(house.database, house.clock()) as uow:
        first, second = (opened(uow, "C1", f"{n}.0") for n in (1, 2))
        posting = Posting(uow, house, "test")
        note = Said("8.0", MIKA.user, MIKA.name, "// never pays")
        Mirroring(uow, house, posting).staff_said(first, note, internal=True, channel=STAFF)
        Merging(uow, house, posting, MIKA).merge(first, second)
        moved = uow.outgoing.by_key(f"moved:{first.id}:{second.id}")
        assert moved is not None
        assert moved.channel == STAFF
        assert "never pays" in str(moved.payload)
        told = [uow.outgoing.by_key(f"test:{n}") for n in range(1, 20)]
        for entry in told:
            if entry is not None and entry.channel == "C1":
                assert "never pays" not in str(entry.payload)
