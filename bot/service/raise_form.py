"""The customer's form for raising the severity of a request: which severity, and why."""

from __future__ import annotations

from collections.abc import Mapping

from bot.content.blocks import Block
from bot.desk.arrivals import ButtonPressed, FormSubmitted
from bot.desk.conversation import Conversation
from bot.desk.decisions import RaiseSeverity
from bot.desk.errors import NotAllowed
from bot.desk.forms import RAISE
from bot.desk.heard import Turn
from bot.desk.meaning import Language, language_of
from bot.desk.raising import higher
from bot.desk.requests import Request, after, id_of
from bot.service.house import House
from bot.service.performing import Performing
from bot.service.posting import Posting
from bot.service.speech import Actor, Place
from bot.storage.accounts import LinkedAccount
from bot.storage.unit_of_work import UnitOfWork

NAME = "raise"


def raise_view(
    uow: UnitOfWork, house: House, press: ButtonPressed, account: LinkedAccount
) -> Block:
    """The form for the request a button names, or the one we just asked about in its thread.

    Raises `NotAllowed` where it is not the account's, not open, or as high as it can be.
    """
    root = press.thread_ts or press.message_ts
    number, known = press.value, {}
    for memory in (root, f"{root}:{press.user}"):
        conversation = uow.conversations.load(press.channel, memory)
        draft = conversation.draft if conversation else None
        if not number and draft is not None and draft.intent == RAISE:
            number, known = draft.fields["number"], draft.fields
    request = _own(uow, number, account)
    after(request.state, "severity")
    levels = higher(request, house.content.plans.highest(request.queue))
    if not levels:
        raise NotAllowed("not_now.as_high_as_can_be")
    return house.content.templates.modal(
        NAME,
        request.language,
        request=request,
        levels=levels,
        highest=house.content.plans.highest(request.queue),
        values=known,
        opened_with={
            "number": request.number,
            "channel": press.channel,
            "thread": root,
            "account_channel": account.channel,
            "language": request.language,
        },
    )


def raise_problems(form: FormSubmitted, house: House) -> dict[str, str]:
    """Block id → what is missing."""
    language = _language(form)
    return {
        name: str(house.content.words.say(language, "form.missing"))
        for name in ("severity", "reason")
        if not form.values.get(name, "").strip()
    }


def take_raise(
    uow: UnitOfWork, house: House, posting: Posting, form: FormSubmitted, actor: Actor
) -> str:
    """Raise it; what was still being asked in the thread is answered. Raises `NotAllowed`."""
    context: Mapping[str, str] = form.context
    account = uow.accounts.of_channel(context.get("account_channel", ""))
    if account is None:
        raise NotAllowed("not_allowed.unlinked")
    request = _own(uow, context.get("number", ""), account)
    place = Place(account, context["channel"], context["thread"], actor)
    for memory in (place.thread, f"{place.thread}:{actor.user}"):
        conversation = uow.conversations.load(place.channel, memory)
        if conversation is not None:
            settled = conversation.without_drafts(RAISE)
            uow.conversations.save(place.channel, memory, actor.user, settled)
    severity = form.values["severity"]
    if severity not in higher(request, house.content.plans.highest(request.queue)):
        raise NotAllowed("not_now.changed.severity", severity=request.severity)
    decision = RaiseSeverity(request.number, severity, form.values["reason"].strip())
    known = uow.conversations.load(place.channel, place.thread)
    turn = Turn(known or Conversation(language=_language(form)), (decision,))
    return "form: " + Performing(uow, house, posting).perform(turn, place)


def _own(uow: UnitOfWork, number: str, account: LinkedAccount) -> Request:
    identity = id_of(number)
    request = uow.requests.of_account(account.id, identity) if identity else None
    if request is None:
        raise NotAllowed("not_now.no_such_request")
    return request


def _language(form: FormSubmitted) -> Language:
    return language_of(form.context.get("language", ""))
