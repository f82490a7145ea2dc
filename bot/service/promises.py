"""The promise of a first answer and the wait for a customer: clocks and timers of a request.

`follow` brings them in step with a request after anything that moves them: a new state, severity,
plan or time zone. It is the only place that writes them, except `answered`, which ends the
promise. Both run in the caller's transaction; what becomes due is done by `bot.service.rings`.

| reminder         | due                                               | forgotten when         |
|------------------|---------------------------------------------------|------------------------|
| `answer_soon`    | a quarter of the counted time is left             | answered, paused, over |
| `answer_due`     | at the promised time                              | answered, paused, over |
| `answer_overdue` | a quarter of the counted time later               | answered, over         |
| `nudge`          | days of waiting for the customer, see `plans.yml` | they write, or over    |
| `gone_stale`     | some days after that                              | they write, or over    |
| `promise_moved`  | at once: the plan was changed elsewhere           |                        |
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import cast

from bot.desk.deadlines import Calendar, Promise, days_later
from bot.desk.plans import PlanBook
from bot.desk.requests import OPEN_STATES, Request, Severity, State
from bot.storage.requests import as_request
from bot.storage.tables import SupportRequest
from bot.storage.unit_of_work import UnitOfWork

ANSWER_TIMERS = ("answer_soon", "answer_due", "answer_overdue")
STALE_TIMERS = ("nudge", "gone_stale")
_SOON = 0.75
"""Share of the counted time after which staff are warned."""
_CALL_OUT = 1.25
"""Share after which, still without an answer, the person on call is called."""
_RUNNING: frozenset[State] = frozenset({"new", "claimed"})
"""The states in which the clock of the first answer runs."""


def promise_of(request: Request, calendar: Calendar) -> Promise | None:
    """The running, stopped or ended clock of a request, for counting and explaining."""
    if request.promised_minutes is None:
        return None
    return Promise(
        request.opened_at,
        request.promised_minutes,
        calendar,
        request.around_the_clock,
        request.pauses,
    )


def follow(
    uow: UnitOfWork, plans: PlanBook, row: SupportRequest, *, asked_again: bool = False
) -> None:
    """Bring clocks and timers in step with the row. `asked_again`: the wait begins anew."""
    assert row.id is not None
    account = uow.accounts.get(row.account_id)
    assert account is not None
    calendar = plans.calendar(account.time_zone)
    if row.responded_at is None:
        _count(uow, plans, row, calendar, account.plan)
    _wait(uow, plans, row, calendar, asked_again=asked_again)


def answered(uow: UnitOfWork, plans: PlanBook, row: SupportRequest) -> None:
    """Staff's words reach the customer: the first of them keep the promise, or miss it."""
    if row.responded_at is not None:
        return
    assert row.id is not None
    account = uow.accounts.get(row.account_id)
    assert account is not None
    _pause(row, uow.now, running=True)
    promise = promise_of(as_request(row), plans.calendar(account.time_zone))
    row.responded_at = uow.now
    if promise is not None:
        row.respond_by = promise.due()
        row.answered_after = round(promise.used(uow.now).total_seconds() / 60)
        in_time = row.respond_by is None or uow.now <= row.respond_by
        row.promise = "kept" if in_time else "missed"
    uow.reminders.forget_request(row.id, ANSWER_TIMERS)


def unanswered(uow: UnitOfWork, plans: PlanBook, row: SupportRequest, *, at_all: bool) -> None:
    """An answer never left: the customer is not waited for, and perhaps (`at_all`) nothing was
    said to them yet, so that the promise runs on as if nothing had happened.
    """
    if at_all:
        row.responded_at = None
        row.answered_after = None
        row.promise = ""
        # Another time than before: the timers are set anew.
        row.respond_by = None
    follow(uow, plans, row)


def recount(uow: UnitOfWork, plans: PlanBook, account_id: int) -> None:
    """The account's plan or time zone was changed: its open promises are counted anew.

    This may be a command line, so cards and threads are brought up to date by the running bot.
    """
    for request in uow.requests.listed(account_id, open_only=True, limit=1000):
        row = uow.requests.row(request.id)
        assert row is not None
        follow(uow, plans, row)
        if _promised(as_request(row)) != _promised(request):
            uow.reminders.remind("promise_moved", uow.now, request_id=request.id)


def _promised(request: Request) -> tuple[datetime | None, int | None]:
    return request.respond_by, request.promised_minutes


# --- the first answer -----------------------------------------------------------------------------


def _count(
    uow: UnitOfWork, plans: PlanBook, row: SupportRequest, calendar: Calendar, plan: str
) -> None:
    assert row.id is not None
    if not row.promise and row.respond_by is not None and row.respond_by <= uow.now:
        # Nobody was there to notice when it passed.
        row.promise = "missed"
    before = (row.respond_by, row.promised_minutes)
    _pause(row, uow.now, running=row.state in _RUNNING)
    target = plans.target(plan, cast(Severity, row.severity), row.queue)
    row.promised_minutes = target.minutes if target else None
    row.around_the_clock = target.around_the_clock if target else False
    promise = promise_of(as_request(row), calendar)
    row.respond_by = promise.due() if promise else None
    if row.respond_by is None or row.respond_by > uow.now:
        row.promise = ""
    if row.state not in OPEN_STATES or promise is None or row.respond_by is None:
        uow.reminders.forget_request(row.id, ANSWER_TIMERS)
    elif (row.respond_by, row.promised_minutes) != before:
        _set_timers(uow, row.id, promise)


def _set_timers(uow: UnitOfWork, request_id: int, promise: Promise) -> None:
    for kind, share in zip(ANSWER_TIMERS, (_SOON, 1.0, _CALL_OUT), strict=True):
        at = promise.due(share)
        # A quarter that is over already needs no warning; a target that is over does.
        if at is None or (kind == "answer_soon" and at <= uow.now):
            uow.reminders.forget(kind, request_id=request_id)
        else:
            uow.reminders.remind(kind, at, request_id=request_id)


def _pause(row: SupportRequest, now: datetime, *, running: bool) -> None:
    """Begin a pause, or end the one that lasts."""
    pauses = [list(pause) for pause in row.pauses or ()]
    lasting = bool(pauses) and pauses[-1][1] is None
    if running and lasting:
        pauses[-1][1] = _written(now)
    elif not running and not lasting:
        pauses.append([_written(now), None])
    else:
        return
    row.pauses = pauses


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


# --- waiting for the customer ---------------------------------------------------------------------


def _wait(
    uow: UnitOfWork,
    plans: PlanBook,
    row: SupportRequest,
    calendar: Calendar,
    *,
    asked_again: bool,
) -> None:
    assert row.id is not None
    if row.state != "waiting":
        row.waiting_since = None
        uow.reminders.forget_request(row.id, STALE_TIMERS)
        return
    if row.waiting_since is not None and not asked_again:
        return
    row.waiting_since = uow.now
    days = (plans.staleness.nudge_after, plans.staleness.resolve_after)
    for kind, after in zip(STALE_TIMERS, days, strict=True):
        if after is None:
            uow.reminders.forget(kind, request_id=row.id)
        else:
            at = days_later(uow.now, after, calendar)
            uow.reminders.remind(kind, at, request_id=row.id)
