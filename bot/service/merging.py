"""Two requests that are one, one that is two, and words that belong to another: merge, split, move.

All of it stays within one channel of one account: what somebody wrote where some people read it is
not carried to where others do.

- *merge*: the request is closed and points to the survivor; what is said later in either thread
  goes to the survivor, whose staff get the conversation so far.
- *split*: from a message on, the customers' words become a new request with a thread of its own.
- *move*: one customer's message goes to another request.
"""

from __future__ import annotations

from bot.desk.decisions import OpenRequest
from bot.desk.errors import NotAllowed
from bot.desk.requests import Request, after
from bot.service.boards import owe_board
from bot.service.cards import owe_card
from bot.service.house import House
from bot.service.posting import AT_ONCE, Posting, key_ref
from bot.service.promises import follow
from bot.service.speech import Actor, Said
from bot.service.ticketing import Ticketing
from bot.storage.requests import as_request
from bot.storage.tables import RequestMessage, SupportRequest
from bot.storage.unit_of_work import UnitOfWork


class Merging:
    """One person's acts, in the caller's transaction. Raises `NotAllowed`."""

    def __init__(self, uow: UnitOfWork, house: House, posting: Posting, actor: Actor) -> None:
        self._uow = uow
        self._house = house
        self._posting = posting
        self._actor = actor
        self._tickets = Ticketing(uow, house, posting)

    def merge(self, request: Request, into: Request) -> None:
        """`into` answers for both from now on."""
        must_fit(request, into)
        after(request.state, "close")
        row = self._row(request)
        row.state, row.closed_at = "closed", self._uow.now
        row.merged_into, row.updated_at = into.id, self._uow.now
        follow(self._uow, self._house.content.plans, row)
        self._record(request, "merged", into)
        self._record(into, "merged_from", request)
        merged = as_request(row)
        self._tell_customer(merged, "merged.customer", into)
        self._tell_staff(merged, "merged.staff", into)
        said = [
            message
            for message in self._uow.requests.messages(request.id, internal=True)
            if message.side != "bot"
        ]
        self._tickets.mirror.copies.show_moved(into, request, said)
        owe_card(self._uow, self._house, self._posting, merged)
        owe_board(self._uow, self._house, self._posting, request.account_id)

    def move(self, message: RequestMessage, into: Request) -> None:
        """The message is a part of `into` instead of its request."""
        request = self._request_of(message)
        must_fit(request, into)
        row = self._row(into)
        known = {one.ts for one in self._uow.requests.messages(into.id, internal=True)}
        if message.ts in known:
            raise NotAllowed("not_now.is_there_already", number=into.number)
        copies = self._tickets.mirror.copies
        copies.mark_moved(request, message, into)
        message.request_id = into.id
        row.state = after(into.state, "customer_reply", owned=bool(row.owner))
        row.updated_at = self._uow.now
        follow(self._uow, self._house.content.plans, row)
        self._record(request, "message_moved", into)
        self._record(into, "message_moved_here", request)
        changed = as_request(row)
        copies.show(changed, message, hold=AT_ONCE, again=":moved")
        owe_card(self._uow, self._house, self._posting, changed)

    def split(self, message: RequestMessage, summary: str) -> Request:
        """Open a request of its own from that message on; returns it."""
        request = self._request_of(message)
        if not request.open:
            raise NotAllowed("not_now.merge_closed", number=request.number)
        account = self._uow.accounts.of_channel(request.channel)
        said = [
            Said(one.ts, one.author, one.author_name, one.text)
            for one in self._uow.requests.messages(request.id, internal=False)
            if one.side == "customer"
            and one.channel == message.channel
            and one.deleted_at is None
            and (one.id or 0) >= (message.id or 0)
        ]
        if account is None or not said:
            raise NotAllowed("not_now.no_such_request")
        kept = {name: value for name, value in request.fields.items() if name in _KEPT}
        opened = self._tickets.open(
            OpenRequest(
                request.intent,
                request.queue,
                {**kept, "description": summary},
                summary=summary,
                origin=f"split:{message.channel}:{message.ts}:{request.id}",
                follows=request.id,
            ),
            account,
            Actor(message.author, message.author_name),
            channel=request.channel,
            thread="",
            language=request.language,
            said=said,
        )
        self._record(request, "split", opened)
        self._tell_customer(request, "split.customer", opened)
        self._tell_staff(request, "split.staff", opened)
        return opened

    def _request_of(self, message: RequestMessage) -> Request:
        request = self._uow.requests.get(message.request_id)
        if request is None or message.side != "customer" or message.deleted_at is not None:
            raise NotAllowed("not_now.pick_a_customers_message")
        return request

    def _record(self, request: Request, kind: str, other: Request) -> None:
        detail = {"other": other.number}
        self._uow.requests.record(request.id, kind, self._actor.user, self._actor.name, detail)

    def _tell_customer(self, request: Request, sentence: str, other: Request) -> None:
        rendered = self._house.content.templates.message(
            "say",
            request.language,
            sentence=sentence,
            words={"number": request.number, "other": other.number},
        )
        self._posting.message(
            request.channel,
            rendered,
            thread=request.thread_ts,
            account_id=request.account_id,
            request_id=request.id,
        )

    def _tell_staff(self, request: Request, sentence: str, other: Request) -> None:
        rendered = self._house.content.templates.message(
            "say",
            self._house.staff_language,
            sentence=sentence,
            words={"number": request.number, "other": other.number, "name": self._actor.name},
        )
        self._posting.message(
            request.staff_channel,
            rendered,
            thread=key_ref(request.card),
            request_id=request.id,
        )

    def _row(self, request: Request) -> SupportRequest:
        row = self._uow.requests.row(request.id)
        assert row is not None
        return row


_KEPT = ("cluster", "severity", "environment", "version", "organization", "components")


def must_fit(request: Request, into: Request) -> None:
    """Raise `NotAllowed` unless the words of one may be read where the other's are."""
    if request.id == into.id:
        raise NotAllowed("not_now.same_request")
    if (request.account_id, request.channel) != (into.account_id, into.channel):
        raise NotAllowed("not_now.other_channel", number=into.number)
    for one in (request, into):
        if not one.open:
            raise NotAllowed("not_now.merge_closed", number=one.number)
