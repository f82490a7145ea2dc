"""Requests, their messages and their history, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlmodel import Session, col, select

from bot.desk.deadlines import Pause
from bot.desk.meaning import Language
from bot.desk.processes import Stage
from bot.desk.requests import OPEN_STATES, Kept, Request, Severity, State
from bot.storage.posted import posted_at
from bot.storage.tables import RequestEvent, RequestMessage, SupportRequest
from bot.storage.trail import Trail

_WORDLESS = ("message", "other")
"""What a detail says in ids: the ts of a message, the number of another request."""


class Requests:
    def __init__(self, session: Session, now: datetime, trail: Trail) -> None:
        self._session = session
        self._now = now
        self._trail = trail

    def add(self, row: SupportRequest) -> Request:
        """Insert and number a request."""
        self._session.add(row)
        self._session.flush()
        return as_request(row)

    def by_origin(self, origin: str) -> Request | None:
        row = self._session.exec(
            select(SupportRequest).where(SupportRequest.origin == origin)
        ).first()
        return as_request(row) if row else None

    def row(self, request_id: int) -> SupportRequest | None:
        """For changing it: as last committed, and nobody else's until the transaction ends."""
        query = select(SupportRequest).where(SupportRequest.id == request_id)
        return self._session.exec(
            query.with_for_update().execution_options(populate_existing=True)
        ).first()

    def for_update(self, request_id: int) -> Request | None:
        """The request as it is now, kept from others until this transaction ends.

        SQLite has one writer anyway and takes no row locks.
        """
        row = self._session.get(
            SupportRequest, request_id, populate_existing=True, with_for_update=True
        )
        return as_request(row) if row else None

    def get(self, request_id: int) -> Request | None:
        row = self._session.get(SupportRequest, request_id)
        return as_request(row) if row else None

    def of_account(self, account_id: int, request_id: int) -> Request | None:
        """The request only if it is that account's; anything else does not exist for it."""
        row = self._session.exec(
            select(SupportRequest).where(
                SupportRequest.id == request_id, SupportRequest.account_id == account_id
            )
        ).first()
        return as_request(row) if row else None

    def listed(
        self,
        account_id: int | None = None,
        *,
        open_only: bool = False,
        queue: str = "",
        limit: int = 20,
    ) -> list[Request]:
        """Newest first."""
        newest = col(SupportRequest.id).desc()
        if account_id is not None and open_only:
            # A sum has no index: SQLite would read all of the account's requests in order of their
            # ids, where its open ones are few.
            newest = (col(SupportRequest.id) + 0).desc()
        query = select(SupportRequest).order_by(newest).limit(limit)
        if account_id is not None:
            query = query.where(SupportRequest.account_id == account_id)
        if open_only:
            query = query.where(col(SupportRequest.state).in_(OPEN_STATES))
        if queue:
            query = query.where(SupportRequest.queue == queue)
        return [as_request(row) for row in self._session.exec(query)]

    def open_in(self, channel: str) -> list[Request]:
        """Open requests of a customer's channel, oldest first."""
        return self._open(SupportRequest.channel == channel)

    def open_of_owner(self, user: str) -> list[Request]:
        return self._open(SupportRequest.owner == user)

    def open_of_requester(self, user: str) -> list[Request]:
        return self._open(SupportRequest.requester == user)

    def _open(self, which: Any) -> list[Request]:
        rows = self._session.exec(
            select(SupportRequest)
            .where(which, col(SupportRequest.state).in_(OPEN_STATES))
            .order_by(col(SupportRequest.id))
        )
        return [as_request(row) for row in rows]

    def in_thread(self, channel: str, thread_ts: str) -> list[Request]:
        """Requests opened in a customer's thread, oldest first."""
        roots = [thread_ts]
        posted = posted_at(self._session, channel, thread_ts)
        if posted is not None:
            roots += [posted.ts, f"key:{posted.key}"]
        rows = self._session.exec(
            select(SupportRequest)
            .where(SupportRequest.channel == channel, col(SupportRequest.thread_ts).in_(roots))
            .order_by(col(SupportRequest.id))
        )
        answering = (self.survivor(as_request(row)) for row in rows)
        return list({request.id: request for request in answering}.values())

    def survivor(self, request: Request) -> Request:
        """The request that answers for this one since they were merged; else itself."""
        seen = {request.id}
        while request.merged_into is not None and request.merged_into not in seen:
            into = self.get(request.merged_into)
            if into is None:
                break
            seen.add(into.id)
            request = into
        return request

    def has_card_at(self, request: Request, channel: str, ts: str) -> bool:
        """That message is its card as it is now, and not one that it had in another queue."""
        posted = posted_at(self._session, channel, ts)
        return posted is not None and posted.key == request.card

    def of_card(self, channel: str, thread_ts: str) -> Request | None:
        """The request whose staff card, now or in a former queue, is the root of that thread."""
        posted = posted_at(self._session, channel, thread_ts)
        if posted is None or posted.request_id is None or not posted.key.startswith("card:"):
            return None
        return self.get(posted.request_id)

    def staff_channels(self) -> set[str]:
        """Every channel that ever had a card."""
        return set(self._session.exec(select(SupportRequest.staff_channel).distinct()))

    # --- messages and history -----------------------------------------------------------------

    def add_message(self, message: RequestMessage) -> bool:
        """Insert and number it; False when that message is part of the request already."""
        known = self._session.exec(
            select(RequestMessage.id).where(
                RequestMessage.request_id == message.request_id,
                RequestMessage.channel == message.channel,
                RequestMessage.ts == message.ts,
            )
        ).first()
        if known is not None:
            return False
        self._session.add(message)
        self._session.flush()
        return True

    def messages_at(self, channel: str, ts: str) -> Sequence[RequestMessage]:
        """A message of Slack's as part of requests: one row for each of them."""
        return list(
            self._session.exec(
                select(RequestMessage)
                .where(RequestMessage.channel == channel, RequestMessage.ts == ts)
                .order_by(col(RequestMessage.id))
            )
        )

    def answered_since(self, message: RequestMessage) -> bool:
        """Staff answered after this message was written."""
        found = self._session.exec(
            select(RequestMessage.id)
            .where(
                RequestMessage.request_id == message.request_id,
                RequestMessage.side == "staff",
                col(RequestMessage.internal).is_(False),
                col(RequestMessage.deleted_at).is_(None),
                col(RequestMessage.id) > message.id,
            )
            .limit(1)
        ).first()
        return found is not None

    def has_answer(self, request_id: int, *, besides: int = 0) -> bool:
        """Staff have said something to the customer, apart from the message of that id."""
        found = self._session.exec(
            select(RequestMessage.id)
            .where(
                RequestMessage.request_id == request_id,
                RequestMessage.side == "staff",
                col(RequestMessage.internal).is_(False),
                col(RequestMessage.id) != besides,
            )
            .limit(1)
        ).first()
        return found is not None

    def message(self, message_id: int) -> RequestMessage | None:
        return self._session.get(RequestMessage, message_id)

    def messages(self, request_id: int, *, internal: bool) -> Sequence[RequestMessage]:
        """Oldest first; internal notes only when asked for."""
        query = (
            select(RequestMessage)
            .where(RequestMessage.request_id == request_id)
            .order_by(col(RequestMessage.id))
        )
        if not internal:
            query = query.where(col(RequestMessage.internal).is_(False))
        return list(self._session.exec(query))

    def first_from_customer(self, request_id: int) -> str:
        """The words it began with; empty when there is no message of theirs."""
        found = self._session.exec(
            select(RequestMessage.text)
            .where(RequestMessage.request_id == request_id, RequestMessage.side == "customer")
            .order_by(col(RequestMessage.at), col(RequestMessage.id))
            .limit(1)
        ).first()
        return found or ""

    def last_from_customer(self, request_id: int) -> int:
        """Row id of the customer's latest message; 0 when there is none."""
        found = self._session.exec(
            select(RequestMessage.id)
            .where(RequestMessage.request_id == request_id, RequestMessage.side == "customer")
            .order_by(col(RequestMessage.id).desc())
            .limit(1)
        ).first()
        return found or 0

    def record(
        self,
        request_id: int,
        kind: str,
        actor: str,
        actor_name: str,
        detail: Mapping[str, str] | None = None,
    ) -> RequestEvent:
        """Note it in the history, and without its words in the audit trail."""
        event = RequestEvent(
            request_id=request_id,
            at=self._now,
            kind=kind,
            actor=actor,
            actor_name=actor_name,
            detail=dict(detail or {}),
        )
        self._session.add(event)
        named = {name: value for name, value in (detail or {}).items() if name in _WORDLESS}
        self._trail.did(kind, request_id=request_id, after=named)
        return event

    def event(self, event_id: int) -> RequestEvent | None:
        return self._session.get(RequestEvent, event_id)

    def history(self, request_id: int) -> Sequence[RequestEvent]:
        return list(
            self._session.exec(
                select(RequestEvent)
                .where(RequestEvent.request_id == request_id)
                .order_by(col(RequestEvent.id))
            )
        )


def as_request(row: SupportRequest) -> Request:
    assert row.id is not None
    return Request(
        id=row.id,
        account_id=row.account_id,
        requester=row.requester,
        requester_name=row.requester_name,
        channel=row.channel,
        thread_ts=row.thread_ts,
        intent=row.intent,
        queue=row.queue,
        severity=cast(Severity, row.severity),
        state=cast(State, row.state),
        summary=row.summary,
        language=cast(Language, row.language),
        opened_at=row.opened_at,
        updated_at=row.updated_at,
        fields=dict(row.fields),
        owner=row.owner,
        owner_name=row.owner_name,
        staff_channel=row.staff_channel,
        promised_minutes=row.promised_minutes,
        around_the_clock=row.around_the_clock,
        pauses=tuple(_pause(*written) for written in row.pauses or ()),
        respond_by=row.respond_by,
        responded_at=row.responded_at,
        answered_after=row.answered_after,
        promise=cast(Kept, row.promise),
        waiting_since=row.waiting_since,
        closed_at=row.closed_at,
        tags=tuple(row.tags.split()),
        card_key=row.card_key,
        follows=row.follows,
        merged_into=row.merged_into,
        stage=cast(Stage, row.stage),
        ends_at=row.ends_at,
    )


def _pause(start: str | None, end: str | None) -> Pause:
    assert start is not None
    return Pause(datetime.fromisoformat(start), datetime.fromisoformat(end) if end else None)
