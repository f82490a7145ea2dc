"""Two threads, one conversation: each side's words shown on the other side, once.

A message is kept under its own channel and ts, so a repeated delivery is neither stored nor shown
again. Runs inside the caller's transaction.
"""

from __future__ import annotations

from typing import cast

from bot.desk.meaning import Language
from bot.desk.requests import Request, State, after
from bot.service.cards import owe_board, owe_card
from bot.service.house import House
from bot.service.posting import Posting, key_ref
from bot.service.promises import answered, follow
from bot.service.speech import Said, rich
from bot.storage.requests import as_request
from bot.storage.tables import RequestMessage, SupportRequest
from bot.storage.unit_of_work import UnitOfWork


class Mirroring:
    """Messages of requests, in both directions."""

    def __init__(self, uow: UnitOfWork, house: House, posting: Posting) -> None:
        self._uow = uow
        self._house = house
        self._posting = posting

    def customer_said(self, request: Request, said: Said, channel: str) -> None:
        """A customer's message in the thread of a request goes to the staff thread, once."""
        if not self.keep(request, said, side="customer", internal=False, channel=channel):
            return
        row = self._row(request)
        row.state = after(request.state, "customer_reply", owned=bool(row.owner))
        row.updated_at = self._uow.now
        follow(self._uow, self._house.content.plans, row)
        changed = as_request(row)
        self._relay(
            changed,
            said,
            "customer_said",
            request.staff_channel,
            key_ref(request.card),
            f"mirror:{channel}:{said.ts}:{request.id}",
            self._house.staff_language,
        )
        if changed.state != request.state:
            owe_card(self._uow, self._house, self._posting, changed)
            owe_board(self._uow, self._house, self._posting, request.account_id)

    def staff_said(self, request: Request, said: Said, *, internal: bool, channel: str) -> None:
        """A staff message in the card's thread reaches the customer, unless it is a note."""
        if not self.keep(request, said, side="staff", internal=internal, channel=channel):
            return
        if internal:
            self._uow.requests.record(request.id, "note", said.user, said.name)
            return
        if not request.open and request.state != "resolved":
            self._staff_notice(request, "staff.closed_not_sent")
            return
        row = self._row(request)
        self._answered(row)
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
        if not self.keep(request, said, side="staff", internal=False, channel=channel):
            return
        if request.open:
            row = self._row(request)
            self._answered(row)
            request = as_request(row)
        self._uow.requests.record(request.id, "staff_reply", said.user, said.name)
        self.show_in_staff_thread(request, said, internal=False)
        owe_card(self._uow, self._house, self._posting, request)

    def _answered(self, row: SupportRequest) -> None:
        """Staff's words reach the customer: it is the customer's turn."""
        plans = self._house.content.plans
        answered(self._uow, plans, row)
        row.state = after(cast(State, row.state), "staff_reply")
        row.updated_at = self._uow.now
        follow(self._uow, plans, row, asked_again=True)

    def show_in_staff_thread(self, request: Request, said: Said, *, internal: bool) -> None:
        """Staff's own words that were written elsewhere, for their colleagues."""
        mark = "🔒" if internal else "↗️"
        rendered = self._house.content.templates.message(
            "staff_wrote",
            self._house.staff_language,
            request=request,
            internal=internal,
            elements=rich(self._uow, self._house, said.text, f"{mark} {said.name}"),
        )
        self._posting.message(
            request.staff_channel,
            rendered,
            thread=key_ref(request.card),
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
            elements=rich(self._uow, self._house, said.text, said.name),
        )
        self._posting.message(
            channel,
            rendered,
            thread=thread,
            key=key,
            account_id=account_id,
            request_id=request.id,
        )

    def keep(
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

    def _staff_notice(self, request: Request, sentence: str) -> None:
        self._posting.message(
            request.staff_channel,
            self._house.content.templates.message(
                "say", self._house.staff_language, sentence=sentence, words={}
            ),
            thread=key_ref(request.card),
            request_id=request.id,
        )

    def _row(self, request: Request) -> SupportRequest:
        row = self._uow.requests.row(request.id)
        assert row is not None
        return row
