"""Two threads, one conversation: each side's words shown on the other side, once.

A message is kept under its own channel and ts, so a repeated delivery is neither stored nor shown
again. Runs inside the caller's transaction.
"""

from __future__ import annotations

from typing import cast

from bot.desk.conversation import Conversation
from bot.desk.requests import Request, State, after
from bot.service.boards import owe_board
from bot.service.cards import owe_card
from bot.service.copies import Copies
from bot.service.house import House
from bot.service.mails import mail_reply
from bot.service.posting import AT_ONCE, Posting, key_ref
from bot.service.promises import answered, follow, unanswered
from bot.service.speech import Said
from bot.storage.requests import as_request
from bot.storage.tables import RequestMessage, SupportRequest
from bot.storage.unit_of_work import UnitOfWork


class Mirroring:
    """Messages of requests, in both directions."""

    def __init__(self, uow: UnitOfWork, house: House, posting: Posting) -> None:
        self._uow = uow
        self._house = house
        self._posting = posting
        self.copies = Copies(uow, house, posting)

    def customer_said(self, request: Request, said: Said, channel: str) -> None:
        """A customer's message in the thread of a request goes to the staff thread, once."""
        kept = self.keep(request, said, side="customer", internal=False, channel=channel)
        if kept is None:
            return
        # As it is now: it may be about to be resolved for want of this very reply.
        request = self._uow.requests.for_update(request.id) or request
        row = self._row(request)
        row.state = after(request.state, "customer_reply", owned=bool(row.owner))
        row.updated_at = self._uow.now
        follow(self._uow, self._house.content.plans, row)
        changed = as_request(row)
        self.copies.show(changed, kept, hold=AT_ONCE)
        if changed.state != request.state:
            owe_card(self._uow, self._house, self._posting, changed)
            owe_board(self._uow, self._house, self._posting, request.account_id)

    def staff_said(
        self, request: Request, said: Said, *, internal: bool, channel: str
    ) -> RequestMessage | None:
        """A staff message in the card's thread reaches the customer, unless it is a note.

        None when it was known already.
        """
        kept = self.keep(request, said, side="staff", internal=internal, channel=channel)
        if kept is not None and internal:
            self._uow.requests.record(request.id, "note", said.user, said.name)
        elif kept is not None:
            self.send_reply(request, kept)
        return kept

    def send_reply(self, request: Request, message: RequestMessage, *, again: str = "") -> None:
        """Owe the customer a kept staff message, after the time in which it can be taken back."""
        if not request.open and request.state != "resolved":
            self._staff_notice(request, "staff.closed_not_sent")
            return
        row = self._row(request)
        self._answered(row)
        if not row.owner:
            row.owner, row.owner_name = message.author, message.author_name
            self._uow.requests.record(request.id, "claimed", row.owner, row.owner_name)
        self._uow.requests.record(request.id, "staff_reply", message.author, message.author_name)
        changed = as_request(row)
        hold = self._house.undo
        shown = self.copies.show(changed, message, hold=hold, again=again)
        mail_reply(self._house, self._posting, self._uow, changed, message, copy=shown, hold=hold)
        take_over(self._uow, changed.channel, changed.thread_ts)
        if self._house.undo:
            self._offer_undo(changed, message)
        self._show_state(changed)

    def _offer_undo(self, request: Request, message: RequestMessage) -> None:
        rendered = self._house.content.templates.message(
            "undo",
            self._house.staff_language,
            seconds=round(self._house.undo.total_seconds()),
            message_id=message.id,
        )
        self._posting.whisper(
            request.staff_channel,
            message.author,
            rendered,
            thread=key_ref(request.card),
        )

    def take_back(self, request: Request, message: RequestMessage) -> bool:
        """Turn a reply that was not sent yet into a note; False when it is too late."""
        if message.internal or not self.copies.withdraw(message):
            return False
        message.internal = True
        self._uow.requests.record(request.id, "taken_back", message.author, message.author_name)
        self.copies.refresh(request, message)
        self.unanswer(request, message)
        return True

    def unanswer(self, request: Request, message: RequestMessage) -> None:
        """A reply never reached the customer: if it was the first one, an answer is still owed."""
        row = self._row(request)
        if row.state == "waiting":
            row.state = after("waiting", "take_back")
        still = self._uow.requests.has_answer(request.id, besides=message.id or 0)
        unanswered(self._uow, self._house.content.plans, row, at_all=not still)
        row.updated_at = self._uow.now
        self._show_state(as_request(row))

    def staff_wrote_to_customer(self, request: Request, said: Said, channel: str) -> None:
        """A staff member answered in the customer's thread: it counts, and colleagues see it."""
        kept = self.keep(request, said, side="staff", internal=False, channel=channel)
        if kept is None:
            return
        if request.open:
            row = self._row(request)
            self._answered(row)
            request = as_request(row)
        self._uow.requests.record(request.id, "staff_reply", said.user, said.name)
        self.copies.show_to_colleagues(request, kept)
        mail_reply(self._house, self._posting, self._uow, request, kept)
        take_over(self._uow, request.channel, request.thread_ts)
        owe_card(self._uow, self._house, self._posting, request)

    def _answered(self, row: SupportRequest) -> None:
        """Staff's words reach the customer: it is the customer's turn."""
        plans = self._house.content.plans
        answered(self._uow, plans, row)
        row.state = after(cast(State, row.state), "staff_reply")
        row.updated_at = self._uow.now
        follow(self._uow, plans, row, asked_again=True)

    def keep(
        self, request: Request, said: Said, *, side: str, internal: bool, channel: str = ""
    ) -> RequestMessage | None:
        """The message as part of the request; None when it is that already."""
        message = RequestMessage(
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
        return message if self._uow.requests.add_message(message) else None

    def _show_state(self, request: Request) -> None:
        owe_card(self._uow, self._house, self._posting, request)
        owe_board(self._uow, self._house, self._posting, request.account_id)

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


def take_over(uow: UnitOfWork, channel: str, thread: str) -> None:
    """A person of staff speaks in that thread: the bot leaves it to them."""
    root = uow.outgoing.ts_of(thread.removeprefix("key:")) if thread.startswith("key:") else thread
    if root:
        conversation = uow.conversations.load(channel, root) or Conversation()
        uow.conversations.save(channel, root, "", conversation.taken_over())
