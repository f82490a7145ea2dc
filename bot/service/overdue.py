"""Before and after a promised time: staff are warned, then whoever is on call is called.

Each function is a `Ring` (see `bot.service.timekeeping`) and looks at the request as it is now: an
answer that came in the same second needs no warning.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from bot.content.blocks import Mrkdwn
from bot.desk.requests import Request
from bot.service.boards import owe_board
from bot.service.cards import owe_card
from bot.service.house import House
from bot.service.posting import Posting, key_ref
from bot.storage.reminders import DueReminder
from bot.storage.unit_of_work import UnitOfWork

Stage = Literal["soon", "due", "overdue"]


def answer_soon(uow: UnitOfWork, house: House, posting: Posting, reminder: DueReminder) -> str:
    """A quarter of the time is left: a word in the staff thread, for the owner if there is one."""
    request = _request(uow, reminder)
    # Late by an outage, it would come together with the word that the time is over.
    late = request is not None and request.respond_by is not None and request.respond_by <= uow.now
    if request is None or request.clock != "running" or late:
        return "answered, paused or too late"
    _warn(uow, house, posting, request, "soon", request.owner)
    return f"warned {request.number}"


def answer_due(uow: UnitOfWork, house: House, posting: Posting, reminder: DueReminder) -> str:
    """The time is over: shown to the whole staff channel; the owner, else who is on call."""
    request = _request(uow, reminder)
    if request is None or request.clock not in ("running", "overdue"):
        return "answered or paused"
    row = uow.requests.row(request.id)
    assert row is not None
    row.promise = "missed"
    changed = uow.requests.get(request.id)
    assert changed is not None
    called = request.owner or on_call(uow, house, request.queue)
    _warn(uow, house, posting, changed, "due", called)
    owe_card(uow, house, posting, changed)
    owe_board(uow, house, posting, request.account_id)
    return f"missed {request.number}"


def answer_overdue(uow: UnitOfWork, house: House, posting: Posting, reminder: DueReminder) -> str:
    """Still no answer: whoever is on call, even where somebody has claimed it."""
    request = _request(uow, reminder)
    if request is None or request.clock != "overdue":
        return "answered or paused"
    called = on_call(uow, house, request.queue)
    if not called:
        return "nobody is on call"
    _warn(uow, house, posting, request, "overdue", called)
    return f"called for {request.number}"


def promise_moved(uow: UnitOfWork, house: House, posting: Posting, reminder: DueReminder) -> str:
    """The account's plan or time zone was changed: both sides see the new time."""
    request = _request(uow, reminder)
    account = uow.accounts.get(request.account_id) if request else None
    if request is None or account is None or not request.open or request.responded_at:
        return "answered or over"
    posting.message(
        request.channel,
        house.content.templates.message(
            "promise_moved",
            request.language,
            request=request,
            time_zone=uow.accounts.zone_of(request.requester, account.time_zone),
        ),
        thread=request.thread_ts,
        account_id=request.account_id,
        request_id=request.id,
    )
    owe_card(uow, house, posting, request)
    owe_board(uow, house, posting, request.account_id)
    return f"moved {request.number}"


def on_call(uow: UnitOfWork, house: House, queue: str) -> str:
    """Who is called for a queue: as staff said last, else as the setting says."""
    return uow.accounts.on_call(queue) or house.on_call


def _request(uow: UnitOfWork, reminder: DueReminder) -> Request | None:
    """The request as it is now, kept from others until this is done."""
    return uow.requests.for_update(reminder.request_id) if reminder.request_id else None


def _warn(
    uow: UnitOfWork, house: House, posting: Posting, request: Request, stage: Stage, called: str
) -> None:
    account = uow.accounts.get(request.account_id)
    assert account is not None
    posting.message(
        request.staff_channel,
        house.content.templates.message(
            "promise_warning",
            house.staff_language,
            request=request,
            account=account,
            stage=stage,
            minutes=_minutes_between(uow.now, request.respond_by),
            called=Mrkdwn(f"<@{called}>") if called else "",
        ),
        thread=key_ref(request.card),
        request_id=request.id,
        broadcast=stage != "soon",
    )


def _minutes_between(now: datetime, due: datetime | None) -> int:
    return int(abs((due - now).total_seconds()) // 60) if due else 0
