"""Asking a requester for their address where Slack shows none: once a person, and by the way.

`ask_for_address` owes the question, which only they see; `address_view`, `address_problems` and
`take_address` are the form behind its button, `decline_mail` the other button. What a person says
here goes before what Slack says of them.
"""

from __future__ import annotations

import unicodedata

from bot.content.blocks import Block
from bot.desk.arrivals import ButtonPressed, FormSubmitted
from bot.desk.errors import NotAllowed
from bot.desk.meaning import language_of
from bot.desk.requests import Request
from bot.service.directory import requested_by, works_here
from bot.service.house import House
from bot.service.mails import address_of, is_address, mail_confirmation
from bot.service.posting import Posting
from bot.storage.accounts import LinkedAccount
from bot.storage.unit_of_work import UnitOfWork

FORM = "mail"
NO_MAIL = "do.mail:no"


def ask_for_address(house: House, posting: Posting, uow: UnitOfWork, request: Request) -> None:
    """Owe the question behind the confirmation, unless it is answered or was put before."""
    user = request.requester
    if not house.mails or address_of(uow, user) or works_here(uow, house, user):
        return
    # Whose profile could not be read may well have an address there.
    if uow.accounts.person(user) is None or not uow.mail_wishes.ask(user):
        return
    # A whisper in a thread that only begins would hardly be seen.
    begins = request.thread_ts.startswith("key:") and not request.channel.startswith("D")
    posting.whisper(
        request.channel,
        user,
        house.content.templates.message(
            "mail_wish", request.language, state="ask", request=request
        ),
        thread="" if begins else request.thread_ts,
        behind=request.thread_ts,
        account_id=request.account_id,
    )


def address_view(
    uow: UnitOfWork, house: House, press: ButtonPressed, account: LinkedAccount
) -> Block:
    """The form with its one field. Raises `NotAllowed`."""
    request = requested_by(uow, press.value, account, press.user)
    return house.content.templates.modal(
        FORM,
        request.language,
        address=address_of(uow, press.user),
        opened_with={
            "request": str(request.id),
            "channel": press.channel,
            "language": request.language,
            "url": press.response_url,
        },
    )


def address_problems(house: House, form: FormSubmitted) -> dict[str, str]:
    """Block id → what is wrong."""
    if is_address(_written(form)):
        return {}
    language = language_of(form.context.get("language", ""))
    return {"address": str(house.content.words.say(language, "mail.no_address"))}


def take_address(
    uow: UnitOfWork, house: House, posting: Posting, form: FormSubmitted, account: LinkedAccount
) -> str:
    """Keep it, and mail the confirmation of the request at hand. Raises `NotAllowed`."""
    request = requested_by(uow, form.context.get("request", ""), account, form.user)
    address = _written(form)
    if not is_address(address):
        raise NotAllowed("not_now.unknown_form")
    uow.mail_wishes.answer(form.user, address)
    _instead(house, posting, request, form.context.get("url", ""), "given", address)
    mail_confirmation(house, posting, uow, request)
    return "address kept"


def decline_mail(
    uow: UnitOfWork, house: House, posting: Posting, press: ButtonPressed, account: LinkedAccount
) -> str:
    """No e-mail for this person, whatever Slack may show some day. Raises `NotAllowed`."""
    request = requested_by(uow, press.value, account, press.user)
    uow.mail_wishes.answer(press.user, "")
    _instead(house, posting, request, press.response_url, "declined", "")
    return "no e-mail"


def _instead(
    house: House, posting: Posting, request: Request, url: str, state: str, address: str
) -> None:
    """What stands in the place of the question now."""
    rendered = house.content.templates.message(
        "mail_wish", request.language, state=state, request=request, address=address
    )
    if url:
        posting.respond(url, rendered, request.requester, replace=True)
    else:
        posting.whisper(
            request.channel,
            request.requester,
            rendered,
            thread=request.thread_ts,
            account_id=request.account_id,
        )


def _written(form: FormSubmitted) -> str:
    """As typed, with the full-width letters that a Japanese keyboard gives made narrow."""
    return unicodedata.normalize("NFKC", form.values.get("address", "")).strip()
