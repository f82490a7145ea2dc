"""The form for raising a severity: one's own open request, and only upwards with a reason."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlmodel import select

from bot.desk.arrivals import ButtonPressed, FormSubmitted
from bot.desk.errors import NotAllowed
from bot.service.forms import Forms
from bot.service.house import House
from bot.service.posting import Posting
from bot.service.raise_form import take_raise
from bot.service.speech import Actor
from bot.storage.tables import RequestEvent, SupportRequest
from bot.storage.unit_of_work import look, work
from tests.support.house import STAFF

LEO = Actor("U2LEO", "Leo Strand")


@pytest.fixture
def desk(house: House) -> House:
    """SUP-1001 of *Ours* (C1) and SUP-1002 of *Theirs* (C2), both S3."""
    with work(house.database, house.clock()) as uow:
        for channel in ("C1", "C2"):
            account = uow.accounts.of_channel(channel)
            assert account is not None
            uow.requests.add(
                SupportRequest(
                    account_id=account.id, origin=channel, requester=LEO.user,
                    requester_name=LEO.name, channel=channel, thread_ts="1.0",
                    intent="get_cluster_support", queue="support", severity="S3", state="new",
                    summary="slow", fields={}, language="en", staff_channel=STAFF,
                    opened_at=house.clock(), updated_at=house.clock(),
                )
            )  # fmt: skip
    return house


def change(house: House, **values: str) -> None:
    with work(house.database, house.clock()) as uow:
        row = uow.requests.row(1)
        for name, value in values.items():
            setattr(row, name, value)


def press(number: str = "SUP-1001", channel: str = "C1") -> ButtonPressed:
    return ButtonPressed(
        user=LEO.user, action="form.raise", value=number, channel=channel, thread_ts="1.0"
    )


def submitted(severity: str = "S1", reason: str = "nobody can pay", **more: str) -> FormSubmitted:
    context = {"number": "SUP-1001", "channel": "C1", "thread": "1.0", "account_channel": "C1"}
    values = {"severity": severity, "reason": reason}
    return FormSubmitted(
        user=LEO.user, form="raise", view_id="V1", context={**context, **more}, values=values
    )


def take(house: House, form: FormSubmitted) -> str:
    with work(house.database, house.clock()) as uow:
        return take_raise(uow, house, Posting(uow, house, "in1"), form, LEO)


def test_the_form_offers_what_is_above(desk: House) -> None:
    view = Forms(desk).view(press())
    (select_block,) = (b for b in view["blocks"] if b.get("block_id") == "severity")
    assert [one["value"] for one in select_block["element"]["options"]] == ["S1", "S2"]


@pytest.mark.parametrize(
    ("number", "changes", "reason"),
    [
        ("SUP-1002", {}, "no_such_request"),
        ("SUP-4711", {}, "no_such_request"),
        ("", {}, "no_such_request"),
        ("SUP-1001", {"state": "closed"}, "not_now.severity"),
        ("SUP-1001", {"severity": "S1"}, "as_high_as_can_be"),
        ("SUP-1001", {"severity": "S2", "queue": "billing"}, "as_high_as_can_be"),
    ],
)
def test_it_opens_for_ones_own_open_request_only(
    desk: House, number: str, changes: dict[str, str], reason: str
) -> None:
    change(desk, **changes)
    with pytest.raises(NotAllowed, match=reason):
        Forms(desk).view(press(number))


def test_without_a_reason_it_is_not_taken(desk: House) -> None:
    assert set(Forms(desk).problems(submitted(reason="  "))) == {"reason"}
    assert Forms(desk).problems(submitted()) == {}


def test_severity_and_reason_are_kept_in_the_history(desk: House) -> None:
    take(desk, submitted())
    with look(desk.database, desk.clock()) as uow:
        request = uow.requests.get(1)
        (event,) = uow.session.exec(select(RequestEvent))
    assert request is not None
    assert request.severity == "S1"
    assert (event.kind, event.actor_name) == ("severity", "Leo Strand")
    assert event.detail == {"from": "S3", "to": "S1", "reason": "nobody can pay"}


@pytest.mark.parametrize(
    ("form", "changes", "reason"),
    [
        (submitted(number="SUP-1002"), {}, "no_such_request"),
        (submitted(account_channel="C9"), {}, "unlinked"),
        (submitted("S2"), {"severity": "S1"}, "changed.severity"),
        (submitted("S1"), {"queue": "billing", "severity": "S4"}, "changed.severity"),
    ],
)
def test_a_form_that_does_not_fit_any_more_is_refused(
    desk: House, form: FormSubmitted, changes: dict[str, str], reason: str
) -> None:
    change(desk, **changes)
    with pytest.raises(NotAllowed, match=reason):
        take(desk, replace(form))
