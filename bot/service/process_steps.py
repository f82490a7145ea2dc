"""Approve, decline, done: the steps of a request that is decided, and the words before its end.

Runs in the caller's transaction. Who may is decided by `bot.service.staff_actions`; the words
before the end are `Ring`s (see `bot.service.timekeeping`).
"""

from __future__ import annotations

from datetime import date, timedelta

from bot.content.blocks import Mrkdwn
from bot.desk.errors import NotAllowed
from bot.desk.processes import Process, Step, end_of, offered_end, process_of, stage_after
from bot.desk.requests import Request, after
from bot.service.accounts import AccountChange, change_account
from bot.service.boards import owe_board
from bot.service.house import House
from bot.service.mails import mail_event
from bot.service.posting import Posting, key_ref
from bot.service.promises import answered, follow
from bot.service.ratings import ask_later
from bot.service.speech import Actor
from bot.service.ticketing import Ticketing
from bot.storage.reminders import DueReminder
from bot.storage.requests import as_request
from bot.storage.tables import Account
from bot.storage.unit_of_work import UnitOfWork

ENDINGS = ("ends_soon", "ended")


class ProcessSteps:
    """The steps of one request by one member of staff. Raises `NotAllowed`."""

    def __init__(
        self, uow: UnitOfWork, house: House, posting: Posting, request: Request, actor: Actor
    ) -> None:
        self._uow = uow
        self._house = house
        self._posting = posting
        self._request = request
        self._actor = actor
        process = process_of(house.content.processes, request.intent, request.fields)
        if process is None:
            raise NotAllowed("not_now.no_process")
        self._process: Process = process
        account = uow.accounts.get(request.account_id)
        assert account is not None
        self._account: Account = account

    def approve(self, last_day: date | None, note: str) -> Request:
        """`last_day` is when it ends in the customer's calendar, for what has an end."""
        ends_at = None
        if self._process.runs_days is not None:
            zone = self._account.time_zone
            chosen = last_day or offered_end(self._process, self._uow.now, zone)
            assert chosen is not None
            ends_at = end_of(chosen, self._house.content.plans.closes, zone)
            if ends_at <= self._uow.now:
                raise NotAllowed("not_now.end_is_over")
        row = self._uow.requests.row(self._request.id)
        assert row is not None
        row.ends_at = ends_at
        changed = self._step("approve", note)
        if ends_at is not None:
            soon = ends_at - timedelta(days=self._process.warn_days)
            remind = self._uow.reminders.remind
            if self._process.warn_days and soon > self._uow.now:
                remind("ends_soon", soon, request_id=changed.id)
            remind("ended", ends_at, request_id=changed.id)
        return changed

    def decline(self, reason: str) -> Request:
        if not reason.strip():
            raise NotAllowed("not_now.decline_without_reason")
        return self._step("decline", reason)

    def finish(self) -> Request:
        """Done: nothing ends any more, and a changed plan is the account's plan now."""
        for kind in ENDINGS:
            self._uow.reminders.forget(kind, request_id=self._request.id)
        target = self._request.fields.get("target", "")
        if self._process.sets_plan and target:
            plans = self._house.content.plans
            change_account(self._uow, plans, AccountChange(self._account.name, plan=target))
        ask_later(self._uow, self._house, self._request.id)
        return self._step("finish", "")

    def _step(self, step: Step, note: str) -> Request:
        before = self._request
        row = self._uow.requests.row(before.id)
        assert row is not None
        row.stage = stage_after(before.process_stage, step)
        row.state = after(before.state, step)
        row.updated_at = self._uow.now
        if not row.owner:
            row.owner, row.owner_name = self._actor.user, self._actor.name
        if row.state == "resolved":
            row.closed_at = self._uow.now
        answered(self._uow, self._house.content.plans, row)
        follow(self._uow, self._house.content.plans, row)
        detail = {"note": note} if note else {}
        actor = self._actor
        event = self._uow.requests.record(before.id, step, actor.user, actor.name, detail)
        changed = as_request(row)
        said = self._tell_customer(changed, step, note)
        mail_event(self._house, self._posting, self._uow, changed, event, said)
        Ticketing(self._uow, self._house, self._posting).tell_staff(changed, step, actor, note)
        return changed

    def _tell_customer(self, request: Request, step: Step, note: str) -> str:
        """Returns the key of the message owed to them."""
        target = request.fields.get("target", "") if self._process.sets_plan else ""
        plans = self._house.content.plans
        rendered = self._house.content.templates.message(
            "process_step",
            request.language,
            request=request,
            step=step,
            actor=self._actor.name,
            note=note,
            time_zone=self._account.time_zone,
            plan_name=plans.plan(target).names[request.language] if target else "",
        )
        said = self._posting.message(
            request.channel,
            rendered,
            thread=request.thread_ts,
            account_id=request.account_id,
            request_id=request.id,
        )
        owe_board(self._uow, self._house, self._posting, request.account_id)
        return said


# --- the end of what was approved -----------------------------------------------------------------


def ends_soon(uow: UnitOfWork, house: House, posting: Posting, reminder: DueReminder) -> str:
    return _tell_of_end(uow, house, posting, reminder)


def ended(uow: UnitOfWork, house: House, posting: Posting, reminder: DueReminder) -> str:
    return _tell_of_end(uow, house, posting, reminder)


def _tell_of_end(uow: UnitOfWork, house: House, posting: Posting, reminder: DueReminder) -> str:
    """A word to the customer in their thread and to the owner in the staff thread."""
    request = uow.requests.get(reminder.request_id or 0)
    account = uow.accounts.get(request.account_id) if request else None
    if request is None or account is None:
        return "no such request"
    if not request.open or request.process_stage != "approved" or request.ends_at is None:
        return "it is over already"
    over = request.ends_at <= uow.now
    if over != (reminder.kind == "ended"):
        # Late by an outage: the end has come, and its own word follows this one.
        return "said by another word"

    values = {"request": request, "kind": reminder.kind, "time_zone": account.time_zone}
    templates = house.content.templates
    said = posting.message(
        request.channel,
        templates.message(
            "process_end",
            request.language,
            side="customer",
            person=Mrkdwn(f"<@{request.requester}>"),
            **values,
        ),
        thread=request.thread_ts,
        account_id=request.account_id,
        request_id=request.id,
    )
    posting.message(
        request.staff_channel,
        templates.message(
            "process_end",
            house.staff_language,
            side="staff",
            person=Mrkdwn(f"<@{request.owner}>") if request.owner else "",
            **values,
        ),
        thread=key_ref(request.card),
        request_id=request.id,
        broadcast=over,
    )
    us = house.identity
    event = uow.requests.record(request.id, reminder.kind, us.user, us.name)
    mail_event(house, posting, uow, request, event, said)
    return f"{reminder.kind} {request.number}"
