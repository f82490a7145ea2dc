"""E-mail to the requester: the confirmation, staff's replies, and what was decided or closed.

A mail is an outbox entry with the method `email.send`, in a lane of its request's, so that a mail
server which is away holds up no thread in Slack. The entry names what it is about and no more:
address and words are looked up when it is sent, behind the Slack message that it repeats. So an
edit in between is followed, and what was taken back or deleted by then is not mailed.

Mail is sent at most once: nobody can look into the other side's mailbox, so an attempt that broke
off after the message was handed over is given up and staff are told. Only what surely was not
accepted is tried again.
"""

from __future__ import annotations

import hashlib
import logging
import re
from datetime import datetime, timedelta

from bot.content.mail_pages import MailPages
from bot.content.rich_text import readable
from bot.desk.errors import OutcomeUnknown
from bot.desk.processes import process_of
from bot.desk.requests import Request
from bot.service.house import House
from bot.service.ports import Mail, Mailer
from bot.service.posting import AT_ONCE, Posting, key_ref
from bot.service.speech import names_in
from bot.storage.lanes import Lanes
from bot.storage.tables import Outbox, RequestEvent, RequestMessage
from bot.storage.unit_of_work import UnitOfWork, look

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
"""Longer than every step of SMTP with its time-out."""
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_BEGUN = "_begun"
"""In an entry's payload: its mail was about to be handed over."""
_SUBJECT = 120
"""Characters of the summary in the subject."""


class NotWanted(Exception):
    """The mail has nothing to say any more; the text says why."""


class NotPosted(Exception):
    """The Slack message it repeats is still on its way."""


def is_address(text: str) -> bool:
    """One plain address and nothing else: no names, no lists, no line breaks."""
    return len(text) <= 254 and _ADDRESS.fullmatch(text) is not None


def mail_confirmation(house: House, posting: Posting, uow: UnitOfWork, request: Request) -> None:
    """Owe the requester the confirmation, behind the one in Slack."""
    if _reachable(house, uow, request):
        opened = f"opened:{request.id}"
        posting.mail(f"mail:{opened}", request, {}, behind=key_ref(opened))


def mail_reply(
    house: House,
    posting: Posting,
    uow: UnitOfWork,
    request: Request,
    message: RequestMessage,
    *,
    copy: str = "",
    hold: timedelta = AT_ONCE,
) -> None:
    """Owe the requester a staff message; `copy`: outbox key of the one in their thread.

    Empty where staff wrote into that thread themselves.
    """
    if not _reachable(house, uow, request):
        return
    key = f"mail:{copy or f'{message.channel}:{message.ts}:{request.id}'}"
    about = {"message": message.id}
    posting.mail(key, request, about, behind=key_ref(copy) if copy else "", hold=hold)
    uow.copies.add(message, key, "mail")


def mail_event(
    house: House,
    posting: Posting,
    uow: UnitOfWork,
    request: Request,
    event: RequestEvent,
    said: str,
) -> None:
    """Owe the requester what happened to the request, behind the Slack message with the key `said`.

    What they did themselves they know.
    """
    if event.actor != request.requester and _reachable(house, uow, request):
        uow.session.flush()  # gives the event its id
        posting.mail(f"mail:event:{event.id}", request, {"event": event.id}, behind=key_ref(said))


def _reachable(house: House, uow: UnitOfWork, request: Request) -> bool:
    return house.mails and bool(address_of(uow, request.requester))


def address_of(uow: UnitOfWork, user: str) -> str:
    """Where the person wants e-mail; empty where we know nothing or they want none.

    What they told us goes before what Slack shows.
    """
    wish = uow.mail_wishes.of(user)
    if wish is not None and wish.answered_at is not None:
        return wish.address or ""
    person = uow.accounts.person(user)
    found = (person.email or "") if person else ""
    return found if is_address(found) else ""


class MailSending:
    """Performs the entries; talks to the mail server outside any transaction."""

    def __init__(self, house: House, mailer: Mailer | None, lanes: Lanes[Outbox]) -> None:
        self._house = house
        self._mailer = mailer
        self._lanes = lanes
        self._pages = MailPages(house.content.folder / "templates", house.content.words)

    def send(self, row: Outbox) -> None:
        """Send the entry's mail.

        Raises `NotWanted`, `NotPosted`, `LostLease`, and as `Mailer` does.
        """
        if self._mailer is None:
            raise NotWanted("SUPPORTBOT_SMTP_URL is not set any more")
        if row.state == "sending" and row.payload.get(_BEGUN):
            raise OutcomeUnknown("an earlier attempt broke off")
        with look(self._house.database, self._house.clock()) as uow:
            mail = self._written(uow, row)
        payload = {**row.payload, _BEGUN: True}
        self._lanes.renew(row, self._house.clock(), LEASE, payload=payload)
        self._mailer.send(mail)

    def _written(self, uow: UnitOfWork, row: Outbox) -> Mail:
        if row.target:
            posted = uow.outgoing.by_key(row.target.removeprefix("key:"))
            if posted is None or posted.state in ("dead", "withdrawn"):
                raise NotWanted("the message in Slack was never posted")
            if not posted.ts:
                raise NotPosted
        request = uow.requests.get(row.request_id or 0)
        address = address_of(uow, request.requester) if request else ""
        if request is None or not address or request.account_id != row.account_id:
            raise NotWanted("nobody to send it to")
        if "message" in row.payload:
            text, html = self._reply(uow, request, int(row.payload["message"]))
        elif "event" in row.payload:
            text, html = self._event(uow, request, int(row.payload["event"]))
        else:
            zone = uow.accounts.zone_of(request.requester, _zone(uow, request))
            text, html = self._pages.both("opened", request.language, request=request, zone=zone)
        first = f"mail:opened:{request.id}"
        summary = " ".join(request.summary.split())[:_SUBJECT]
        return Mail(
            name=_name(row.key),
            answers="" if row.key == first else _name(first),
            recipient=address,
            subject=self._pages.say(
                request.language, "email.subject", number=request.number, summary=summary
            ),
            text=text,
            html=html,
            at=row.created_at,
        )

    def _reply(self, uow: UnitOfWork, request: Request, message_id: int) -> tuple[str, str]:
        message = uow.requests.message(message_id)
        if message is None or message.internal or message.deleted_at is not None:
            raise NotWanted("the reply was taken back")
        words = readable(message.text, names_in(uow, self._house, message.text))
        return self._pages.both(
            "reply", request.language, request=request, author=message.author_name, words=words
        )

    def _event(self, uow: UnitOfWork, request: Request, event_id: int) -> tuple[str, str]:
        event = uow.requests.event(event_id)
        if event is None or event.request_id != request.id:
            raise NotWanted("what it tells of is not known")
        process = process_of(self._house.content.processes, request.intent, request.fields)
        target = request.fields.get("target", "") if process and process.sets_plan else ""
        plan = self._house.content.plans.plan(target).names[request.language] if target else ""
        wanted = f"field.kind.option.{request.fields.get('kind', '')}"
        about = wanted if self._house.content.words.has(wanted) else f"intent.{request.intent}"
        return self._pages.both(
            "event",
            request.language,
            request=request,
            kind=event.kind,
            about=self._pages.say(request.language, about),
            actor=event.actor_name,
            note=event.detail.get("note", ""),
            plan=plan,
            zone=_zone(uow, request),
        )


def _zone(uow: UnitOfWork, request: Request) -> str:
    """The account's, in which the last day of something ends."""
    account = uow.accounts.get(request.account_id)
    return account.time_zone if account else "UTC"


def tell_not_mailed(uow: UnitOfWork, house: House, row: Outbox, reason: str, now: datetime) -> None:
    """A word to staff in the card's thread; the customer has it in Slack all the same."""
    request = uow.requests.get(row.request_id or 0)
    if request is None:
        return
    rendered = house.content.templates.message(
        "say",
        house.staff_language,
        sentence="staff.not_mailed",
        words={
            "name": request.requester_name,
            "reason": reason[:200],
            "number": request.number,
            "entry": str(row.id),
        },
    )
    Posting(uow, house, f"undelivered:{row.id}:{now:%Y%m%d%H%M%S}").message(
        request.staff_channel, rendered, thread=key_ref(request.card), request_id=request.id
    )


def _name(key: str) -> str:
    """The left side of a Message-ID: the same for the same entry, and without anybody's words."""
    return f"supportbot.{hashlib.sha256(key.encode()).hexdigest()[:24]}"
