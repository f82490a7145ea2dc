"""The life of a request: opening it and everything staff and customers do to it.

Each function runs inside the caller's transaction: the request, its history and the messages owed
on both sides are committed together or not at all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from bot.content.rich_text import readable, rich_elements
from bot.desk.deadlines import due
from bot.desk.decisions import OpenRequest
from bot.desk.errors import NotAllowed
from bot.desk.meaning import Language
from bot.desk.requests import SEVERITIES, Action, Request, Severity, after
from bot.service.cards import owe_board, owe_card
from bot.service.house import House
from bot.service.posting import Posting, key_ref
from bot.storage.accounts import LinkedAccount
from bot.storage.requests import as_request
from bot.storage.tables import RequestMessage, SupportRequest
from bot.storage.unit_of_work import UnitOfWork

MENTION = re.compile(r"<@([UW][A-Z0-9]+)")
_DEFAULT_SEVERITY: Severity = "S3"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something to a request."""

    user: str
    name: str


@dataclass(frozen=True, slots=True)
class Said:
    """One message of the conversation so far, for the transcript."""

    ts: str
    user: str
    name: str
    text: str


class Ticketing:
    """Requests within one transaction."""

    def __init__(self, uow: UnitOfWork, house: House, posting: Posting) -> None:
        self._uow = uow
        self._house = house
        self._posting = posting

    # --- opening ------------------------------------------------------------------------------

    def open(
        self,
        wanted: OpenRequest,
        account: LinkedAccount,
        requester: Actor,
        *,
        channel: str,
        thread: str,
        language: Language,
        said: Sequence[Said] = (),
    ) -> Request:
        """Open it once: the same origin again gives the request that is there.

        `thread` is the customer's thread; empty means that the confirmation starts one.
        """
        known = self._uow.requests.by_origin(wanted.origin)
        if known is not None:
            return known
        severity = self._severity(wanted)
        row = SupportRequest(
            account_id=account.id,
            origin=wanted.origin,
            requester=requester.user,
            requester_name=requester.name,
            channel=channel,
            thread_ts=thread,
            intent=wanted.intent,
            queue=wanted.queue,
            severity=severity,
            state="new",
            summary=readable(wanted.summary, self.names(wanted.summary)),
            fields={k: readable(v, self.names(v)) for k, v in wanted.fields.items()},
            language=language,
            staff_channel=self.staff_channel(wanted.queue),
            opened_at=self._uow.now,
            updated_at=self._uow.now,
        )
        self._promise(row, account.plan, account.time_zone)
        request = self._uow.requests.add(row)
        opened_key = f"opened:{request.id}"
        if not thread:
            row.thread_ts = key_ref(opened_key)
        self._uow.requests.record(request.id, "opened", requester.user, requester.name)
        if row.fields.get("cluster"):
            self._uow.accounts.remember_cluster(account.id, row.fields["cluster"][:100])
        request = as_request(row)
        self._confirm(request, account, opened_key, thread)
        owe_card(self._uow, self._house, self._posting, request)
        self._transcript(request, requester, said)
        owe_board(self._uow, self._house, self._posting, account.id)
        return request

    def _severity(self, wanted: OpenRequest) -> Severity:
        given = wanted.fields.get("severity", "")
        for severity in SEVERITIES:
            if severity == given:
                # Billing and account requests have no S1.
                return "S2" if severity == "S1" and wanted.queue == "billing" else severity
        return _DEFAULT_SEVERITY if wanted.queue == "support" else "S4"

    def _promise(self, row: SupportRequest, plan: str, time_zone: str) -> None:
        """Set when the first answer is due by the plan and the severity."""
        target = self._house.content.plans.plan(plan).targets.get(cast(Severity, row.severity))
        if target is None or row.queue == "sales":
            row.respond_by = None
            return
        row.respond_by = due(
            row.opened_at,
            target.minutes,
            self._house.content.plans.calendar(time_zone),
            around_the_clock=target.around_the_clock,
        )

    def _confirm(self, request: Request, account: LinkedAccount, key: str, thread: str) -> None:
        plans = self._house.content.plans
        rendered = self._house.content.templates.message(
            "opened",
            request.language,
            request=request,
            account=account,
            plan_name=plans.plan(account.plan).names[request.language],
            target_name=self._target_name(request),
            lost=self._lost(request, account),
        )
        self._posting.message(
            request.channel,
            rendered,
            thread=thread,
            key=key,
            account_id=account.id,
            request_id=request.id,
        )

    def _target_name(self, request: Request) -> str:
        target = request.fields.get("target", "")
        return self._house.content.plans.plan(target).names[request.language] if target else ""

    def _lost(self, request: Request, account: LinkedAccount) -> tuple[str, ...]:
        if request.intent != "downgrade_plan":
            return ()
        target = request.fields.get("target", "basic")
        return self._house.content.plans.lost_by_going_to(account.plan, target, request.language)

    def _transcript(self, request: Request, requester: Actor, said: Sequence[Said]) -> None:
        """The conversation so far, as messages of the request and in the card's thread."""
        for message in said:
            if message.user != self._house.identity.user:
                self._keep(request, message, side="customer", internal=False)
        lines = [self.rich(message.text, message.name) for message in said] or [
            self.rich(request.summary, requester.name)
        ]
        rendered = self._house.content.templates.message(
            "transcript", self._house.staff_language, request=request, lines=lines
        )
        self._posting.message(
            request.staff_channel,
            rendered,
            thread=key_ref(f"card:{request.id}"),
            key=f"transcript:{request.id}",
            request_id=request.id,
        )

    # --- messages in both directions ----------------------------------------------------------

    def customer_said(self, request: Request, said: Said, channel: str) -> None:
        """A customer's message in the thread of a request goes to the staff thread, once."""
        if not self._keep(request, said, side="customer", internal=False, channel=channel):
            return
        row = self._row(request)
        row.state = after(request.state, "customer_reply", owned=bool(row.owner))
        row.updated_at = self._uow.now
        changed = as_request(row)
        self._relay(
            changed,
            said,
            "customer_said",
            request.staff_channel,
            key_ref(f"card:{request.id}"),
            f"mirror:{channel}:{said.ts}:{request.id}",
            self._house.staff_language,
        )
        if changed.state != request.state:
            owe_card(self._uow, self._house, self._posting, changed)
            owe_board(self._uow, self._house, self._posting, request.account_id)

    def staff_said(self, request: Request, said: Said, *, internal: bool, channel: str) -> None:
        """A staff message in the card's thread reaches the customer, unless it is a note."""
        if not self._keep(request, said, side="staff", internal=internal, channel=channel):
            return
        if internal:
            self._uow.requests.record(request.id, "note", said.user, said.name)
            return
        if not request.open and request.state != "resolved":
            self._staff_notice(request, "staff.closed_not_sent")
            return
        row = self._row(request)
        row.state = after(request.state, "staff_reply")
        row.updated_at = self._uow.now
        row.responded_at = row.responded_at or self._uow.now
        if not row.owner:
            row.owner, row.owner_name = said.user, said.name
            self._uow.requests.record(request.id, "claimed", said.user, said.name)
        self._uow.requests.record(request.id, "staff_reply", said.user, said.name)
        changed = as_request(row)
        self._relay(
            changed,
            said,
            "staff_said",
            request.channel,
            request.thread_ts,
            f"mirror:{channel}:{said.ts}:{request.id}",
            request.language,
            account_id=request.account_id,
        )
        owe_card(self._uow, self._house, self._posting, changed)
        owe_board(self._uow, self._house, self._posting, request.account_id)

    def staff_wrote_to_customer(self, request: Request, said: Said, channel: str) -> None:
        """A staff member answered in the customer's thread: it counts, and colleagues see it."""
        if not self._keep(request, said, side="staff", internal=False, channel=channel):
            return
        if request.open:
            row = self._row(request)
            row.state = after(request.state, "staff_reply")
            row.updated_at = self._uow.now
            row.responded_at = row.responded_at or self._uow.now
            request = as_request(row)
        self._uow.requests.record(request.id, "staff_reply", said.user, said.name)
        self.show_in_staff_thread(request, said, internal=False)
        owe_card(self._uow, self._house, self._posting, request)

    def show_in_staff_thread(self, request: Request, said: Said, *, internal: bool) -> None:
        """Staff's own words that were written elsewhere, for their colleagues."""
        rendered = self._house.content.templates.message(
            "staff_wrote",
            self._house.staff_language,
            request=request,
            internal=internal,
            elements=self.rich(said.text, f"{'🔒' if internal else '↗️'} {said.name}"),
        )
        self._posting.message(
            request.staff_channel,
            rendered,
            thread=key_ref(f"card:{request.id}"),
            key=f"shown:{said.ts}:{request.id}",
            request_id=request.id,
        )

    def _relay(
        self,
        request: Request,
        said: Said,
        template: str,
        channel: str,
        thread: str,
        key: str,
        language: Language,
        account_id: int | None = None,
    ) -> None:
        rendered = self._house.content.templates.message(
            template,
            language,
            request=request,
            elements=self.rich(said.text, said.name),
        )
        self._posting.message(
            channel,
            rendered,
            thread=thread,
            key=key,
            account_id=account_id,
            request_id=request.id,
        )

    def _keep(
        self, request: Request, said: Said, *, side: str, internal: bool, channel: str = ""
    ) -> bool:
        return self._uow.requests.add_message(
            RequestMessage(
                request_id=request.id,
                account_id=request.account_id,
                channel=channel or request.channel,
                ts=said.ts,
                author=said.user,
                author_name=said.name,
                side=side,
                internal=internal,
                text=said.text,
                at=self._uow.now,
            )
        )

    # --- what is done to a request ------------------------------------------------------------

    def act(self, request: Request, action: Action, actor: Actor, note: str = "") -> Request:
        """Claim, resolve, close or reopen; both sides are told. Raises `NotAllowed`.

        A claim by a second person hands the request over; by its owner it changes nothing.
        """
        row = self._row(request)
        if action == "claim" and row.owner == actor.user:
            raise NotAllowed("not_now.claimed_by_you")
        taking_over = action == "claim"
        row.state = after(request.state, action, owned=bool(row.owner))
        row.updated_at = self._uow.now
        if taking_over:
            row.owner, row.owner_name = actor.user, actor.name
        row.closed_at = self._uow.now if row.state in ("resolved", "closed") else None
        detail = {"note": note} if note else {}
        self._uow.requests.record(request.id, action, actor.user, actor.name, detail)
        changed = as_request(row)
        self._tell_both(changed, action, actor, note)
        return changed

    def set_severity(self, request: Request, severity: Severity, actor: Actor) -> Request:
        """Change the severity; the promise is counted anew from the opening."""
        if request.queue == "billing" and severity == "S1":
            raise NotAllowed("not_now.billing_has_no_s1")
        row = self._row(request)
        after(request.state, "severity")
        account = self._uow.accounts.get(request.account_id)
        row.severity = severity
        row.updated_at = self._uow.now
        if account is not None and row.responded_at is None:
            self._promise(row, account.plan, account.time_zone)
        detail = {"from": request.severity, "to": severity}
        self._uow.requests.record(request.id, "severity", actor.user, actor.name, detail)
        changed = as_request(row)
        self._tell_both(changed, "severity", actor, "")
        return changed

    def correct(self, request: Request, fields: Mapping[str, str], actor: Actor) -> Request:
        """The customer corrected what they had said."""
        row = self._row(request)
        row.fields = {**row.fields, **fields}
        row.updated_at = self._uow.now
        if fields.get("cluster"):
            self._uow.accounts.remember_cluster(request.account_id, fields["cluster"][:100])
        self._uow.requests.record(request.id, "corrected", actor.user, actor.name, fields)
        changed = as_request(row)
        self._tell_both(changed, "corrected", actor, "")
        return changed

    def _tell_both(self, request: Request, event: str, actor: Actor, note: str) -> None:
        templates = self._house.content.templates
        values = {"request": request, "event": event, "actor": actor.name, "note": note}
        account = self._uow.accounts.get(request.account_id)
        values["time_zone"] = account.time_zone if account else "UTC"
        self._posting.message(
            request.channel,
            templates.message("event_for_customer", request.language, **values),
            thread=request.thread_ts,
            account_id=request.account_id,
            request_id=request.id,
        )
        self._posting.message(
            request.staff_channel,
            templates.message("event_for_staff", self._house.staff_language, **values),
            thread=key_ref(f"card:{request.id}"),
            request_id=request.id,
        )
        owe_card(self._uow, self._house, self._posting, request)
        owe_board(self._uow, self._house, self._posting, request.account_id)

    def escalate(self, request: Request, actor: Actor, words: str) -> None:
        """The customer wants it faster: staff are told where everybody looks."""
        self._uow.requests.record(request.id, "escalated", actor.user, actor.name)
        self._posting.message(
            request.staff_channel,
            self._house.content.templates.message(
                "escalated",
                self._house.staff_language,
                request=request,
                actor=actor.name,
                elements=self.rich(words),
            ),
            thread=key_ref(f"card:{request.id}"),
            request_id=request.id,
            broadcast=True,
        )

    def _staff_notice(self, request: Request, sentence: str) -> None:
        self._posting.message(
            request.staff_channel,
            self._house.content.templates.message(
                "say", self._house.staff_language, sentence=sentence, words={}
            ),
            thread=key_ref(f"card:{request.id}"),
            request_id=request.id,
        )

    # --- words --------------------------------------------------------------------------------

    def staff_channel(self, queue: str) -> str:
        return self._uow.accounts.queue_channel(queue) or self._house.staff_channel

    def names(self, text: str) -> dict[str, str]:
        """Names of the people mentioned in a text, as far as we know them."""
        us = self._house.identity
        return {**names_in(self._uow, text), us.user: us.name}

    def rich(self, text: str, speaker: str = "") -> list[dict[str, object]]:
        return rich_elements(text, self.names(text), speaker)

    def _row(self, request: Request) -> SupportRequest:
        row = self._uow.requests.row(request.id)
        assert row is not None
        return row


def names_in(uow: UnitOfWork, text: str) -> dict[str, str]:
    """Slack user id → name for the people mentioned in a text."""
    found = {}
    for user in set(MENTION.findall(text)):
        person = uow.accounts.person(user)
        if person is not None:
            found[user] = person.name
    return found
