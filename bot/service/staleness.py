"""Requests that wait for the customer: a nudge, and after some more days resolved.

Both are `Ring`s (see `bot.service.timekeeping`); the customer's reply makes them needless.
"""

from __future__ import annotations

from datetime import timedelta

from bot.content.blocks import Mrkdwn
from bot.desk.deadlines import days_later
from bot.service.house import House
from bot.service.posting import Posting
from bot.service.speech import Actor
from bot.service.ticketing import Ticketing
from bot.storage.reminders import DueReminder
from bot.storage.unit_of_work import UnitOfWork

_PUNCTUAL = timedelta(hours=1)
"""A nudge that is later than this was held up."""


def nudge(uow: UnitOfWork, house: House, posting: Posting, reminder: DueReminder) -> str:
    """Ask the customer once whether the request is still of interest."""
    request = uow.requests.for_update(reminder.request_id or 0)
    account = uow.accounts.get(request.account_id) if request else None
    if request is None or account is None or request.state != "waiting":
        return "not waiting any more"
    _hold_off(uow, house, request.id, account.time_zone)
    if request.stage == "approved":
        return "what was approved goes on"
    uow.requests.record(request.id, "nudged", house.identity.user, house.identity.name)
    posting.message(
        request.channel,
        house.content.templates.message(
            "nudge",
            request.language,
            request=request,
            account=account,
            requester=Mrkdwn(f"<@{request.requester}>"),
            until=uow.reminders.waits("gone_stale", request_id=request.id),
        ),
        thread=request.thread_ts,
        account_id=request.account_id,
        request_id=request.id,
    )
    return f"nudged about {request.number}"


def gone_stale(uow: UnitOfWork, house: House, posting: Posting, reminder: DueReminder) -> str:
    """Nobody wrote: it counts as resolved, and both sides read how to open it again."""
    request = uow.requests.for_update(reminder.request_id or 0)
    if request is None or request.state != "waiting":
        return "not waiting any more"
    if request.stage == "approved":
        return "what was approved goes on"
    us = Actor(house.identity.user, house.identity.name)
    Ticketing(uow, house, posting).act(request, "stale", us)
    return f"resolved {request.number}"


def _hold_off(uow: UnitOfWork, house: House, request_id: int, time_zone: str) -> None:
    """After a nudge that came late (we were away) the customer still has the days to reply."""
    plans = house.content.plans
    at = uow.reminders.waits("gone_stale", request_id=request_id)
    nudge_after, resolve_after = plans.staleness.nudge_after, plans.staleness.resolve_after
    if at is None or nudge_after is None or resolve_after is None:
        return
    earliest = days_later(uow.now, resolve_after - nudge_after, plans.calendar(time_zone))
    if earliest - at > _PUNCTUAL:
        uow.reminders.remind("gone_stale", earliest, request_id=request_id)
