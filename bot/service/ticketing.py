"""The life of a request: opening it and everything staff and customers do to it.

Each function runs inside the caller's transaction: the request, its history and the messages owed
on both sides are committed together or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.content.blocks import Mrkdwn
from bot.content.rich_text import readable
from bot.desk.decisions import OpenRequest
from bot.desk.errors import NotAllowed
from bot.desk.meaning import Language
from bot.desk.processes import reopened
from bot.desk.requests import SEVERITIES, Action, Request, Severity, after
from bot.service.boards import owe_board
from bot.service.cards import owe_card
from bot.service.house import House
from bot.service.mail_wishes import ask_for_address
from bot.service.mails import mail_confirmation, mail_event
from bot.service.mirroring import Mirroring
from bot.service.page_suggestions import suggest_pages
from bot.service.posting import Posting, key_ref
from bot.service.present_channels import staff_home
from bot.service.promises import answered, follow
from bot.service.ratings import ask_later
from bot.service.speech import Actor, Said, names_in, rich
from bot.storage.accounts import LinkedAccount
from bot.storage.requests import as_request
from bot.storage.tables import SupportRequest
from bot.storage.unit_of_work import UnitOfWork

_DEFAULT_SEVERITY: Severity = "S3"


class Ticketing:
    """Requests within one transaction."""

    def __init__(self, uow: UnitOfWork, house: House, posting: Posting) -> None:
        self._uow = uow
        self._house = house
        self._posting = posting
        self.mirror = Mirroring(uow, house, posting)

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
        self._uow.accounts.lock(account.id)
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
            summary=self._readable(wanted.summary),
            fields=self._fields(wanted, severity),
            language=language,
            staff_channel=self.staff_channel(wanted.queue),
            opened_at=self._uow.now,
            updated_at=self._uow.now,
            follows=wanted.follows,
        )
        request = self._uow.requests.add(row)
        follow(self._uow, self._house.content.plans, row)
        opened_key = f"opened:{request.id}"
        if not thread:
            row.thread_ts = key_ref(opened_key)
        self._uow.requests.record(request.id, "opened", requester.user, requester.name)
        if row.fields.get("cluster"):
            self._uow.accounts.remember_cluster(account.id, row.fields["cluster"][:100])
        request = as_request(row)
        no_s1 = wanted.fields.get("severity", "S4") < severity
        self._confirm(request, account, opened_key, thread, no_s1=no_s1)
        owe_card(self._uow, self._house, self._posting, request)
        self._transcript(request, requester, said)
        suggest_pages(self._house, self._posting, request)
        owe_board(self._uow, self._house, self._posting, account.id)
        return request

    def _fields(self, wanted: OpenRequest, severity: Severity) -> dict[str, str]:
        fields = {name: self._readable(value) for name, value in wanted.fields.items()}
        return {**fields, "severity": severity} if "severity" in fields else fields

    def _severity(self, wanted: OpenRequest) -> Severity:
        given = wanted.fields.get("severity", "")
        for severity in SEVERITIES:
            if severity == given:
                return max(severity, self._house.content.plans.highest(wanted.queue))
        return _DEFAULT_SEVERITY if wanted.queue == "support" else "S4"

    def _confirm(
        self, request: Request, account: LinkedAccount, key: str, thread: str, *, no_s1: bool
    ) -> None:
        plans = self._house.content.plans
        rendered = self._house.content.templates.message(
            "opened",
            request.language,
            request=request,
            account=account,
            plan=plans.plan(account.plan),
            plan_name=plans.plan(account.plan).names[request.language],
            calendar=plans.calendar(account.time_zone),
            time_zone=self._uow.accounts.zone_of(request.requester, account.time_zone),
            target_name=self._target_name(request),
            lost=self._lost(request, account),
            no_s1=no_s1,
        )
        self._posting.message(
            request.channel,
            rendered,
            thread=thread,
            key=key,
            account_id=account.id,
            request_id=request.id,
        )
        mail_confirmation(self._house, self._posting, self._uow, request)
        ask_for_address(self._house, self._posting, self._uow, request)

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
        words = said or [Said("summary", requester.user, requester.name, request.summary)]
        kept = []
        for number, message in enumerate(words):
            ours = message.user == self._house.identity.user
            # What the bot said has no ts of its own yet.
            told = replace(message, ts=f"bot:{number}") if ours else message
            side = "bot" if ours else "customer"
            row = self.mirror.keep(request, told, side=side, internal=False)
            if row is not None:
                kept.append(row)
        self.mirror.copies.show_transcript(request, kept)

    # --- what is done to a request ------------------------------------------------------------

    def act(self, request: Request, action: Action, actor: Actor, note: str = "") -> Request:
        """Claim, resolve, close or reopen; both sides are told. Raises `NotAllowed`.

        Who claims has it, whoever had it before.
        """
        if request.merged_into is not None:
            raise NotAllowed("not_now.merged", number=self._uow.requests.survivor(request).number)
        row = self._row(request)
        taking_over = action == "claim"
        row.state = after(request.state, action, owned=bool(row.owner))
        row.updated_at = self._uow.now
        if action == "reopen" and request.stage:
            row.stage = reopened(request.stage)
        if taking_over:
            row.owner, row.owner_name = actor.user, actor.name
        row.closed_at = self._uow.now if row.state in ("resolved", "closed") else None
        if action in ("resolve", "close") and note:
            # A closing note is words of staff's that reach the customer.
            answered(self._uow, self._house.content.plans, row)
        follow(self._uow, self._house.content.plans, row)
        if action == "resolve":
            ask_later(self._uow, self._house, request.id)
        detail = {"note": note} if note else {}
        event = self._uow.requests.record(request.id, action, actor.user, actor.name, detail)
        changed = as_request(row)
        said = self.tell_both(changed, action, actor, note)
        if action in ("resolve", "close") and note:
            mail_event(self._house, self._posting, self._uow, changed, event, said)
        return changed

    def set_severity(
        self, request: Request, severity: Severity, actor: Actor, reason: str = ""
    ) -> Request:
        """Change the severity; the promise is counted anew from the opening.

        Both sides read the reason. Raises `NotAllowed`.
        """
        highest = self._house.content.plans.highest(request.queue)
        if severity < highest:
            raise NotAllowed("not_now.billing_has_no_s1", severity=highest)
        row = self._row(request)
        after(request.state, "severity")
        row.severity = severity
        row.updated_at = self._uow.now
        follow(self._uow, self._house.content.plans, row)
        detail = {"from": request.severity, "to": severity, "reason": reason}
        self._uow.requests.record(request.id, "severity", actor.user, actor.name, detail)
        changed = as_request(row)
        self.tell_both(changed, "severity", actor, reason)
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
        self.tell_both(changed, "corrected", actor)
        return changed

    def tell_both(self, request: Request, event: str, actor: Actor, note: str = "") -> str:
        """Both threads, the card and the boards say what was done. Returns as `tell_customer`."""
        said = self.tell_customer(request, event, actor, note)
        self.tell_staff(request, event, actor, note)
        return said

    def tell_customer(self, request: Request, event: str, actor: Actor, note: str = "") -> str:
        """The customer's thread and their boards. Returns the key of the message owed there."""
        account = self._uow.accounts.get(request.account_id)
        said = self._posting.message(
            request.channel,
            self._house.content.templates.message(
                "event_for_customer",
                request.language,
                request=request,
                event=event,
                actor=actor.name,
                note=note,
                time_zone=self._uow.accounts.zone_of(
                    request.requester, account.time_zone if account else "UTC"
                ),
            ),
            thread=request.thread_ts,
            account_id=request.account_id,
            request_id=request.id,
        )
        owe_board(self._uow, self._house, self._posting, request.account_id)
        return said

    def tell_staff(
        self, request: Request, event: str, actor: Actor, note: str = "", *, colleague: str = ""
    ) -> None:
        """The card and its thread; `colleague` is the user id of who is called there."""
        self._posting.message(
            request.staff_channel,
            self._house.content.templates.message(
                "event_for_staff",
                self._house.staff_language,
                request=request,
                event=event,
                actor=actor.name,
                note=note,
                colleague=Mrkdwn(f"<@{colleague}>") if colleague else "",
            ),
            thread=key_ref(request.card),
            request_id=request.id,
        )
        owe_card(self._uow, self._house, self._posting, request)

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
                elements=rich(self._uow, self._house, words),
            ),
            thread=key_ref(request.card),
            request_id=request.id,
            broadcast=True,
        )

    def staff_channel(self, queue: str) -> str:
        """Where the cards of a queue are posted."""
        return self._uow.accounts.queue_channel(queue) or staff_home(self._uow, self._house)

    def _readable(self, text: str) -> str:
        return readable(text, names_in(self._uow, self._house, text))

    def _row(self, request: Request) -> SupportRequest:
        row = self._uow.requests.row(request.id)
        assert row is not None
        return row
