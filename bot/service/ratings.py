"""How satisfied was the customer? One question after a request was resolved, once a month a person.

`ask_later` sets the reminder, `ask_rating` is its `Ring` (see `bot.service.timekeeping`), `rate`
and `add_words` take the answer. Staff read it in the staff thread, a low one in their channel too.
"""

from __future__ import annotations

from datetime import timedelta

from bot.content.blocks import Mrkdwn
from bot.content.rich_text import as_sent
from bot.content.templates import Rendered
from bot.desk.arrivals import ButtonPressed, FormSubmitted
from bot.desk.errors import NotAllowed
from bot.desk.requests import Request
from bot.service.directory import requested_by
from bot.service.house import House
from bot.service.posting import Posting, key_ref
from bot.service.speech import Actor, rich
from bot.storage.accounts import LinkedAccount
from bot.storage.reminders import DueReminder
from bot.storage.unit_of_work import UnitOfWork

AT_MOST_EVERY = timedelta(days=30)
"""A person who is asked more often answers no more."""
SCORES = ("1", "2", "3", "4", "5")
_LOW = 2
"""Up to this, all of the staff channel sees it."""


def ask_later(uow: UnitOfWork, house: House, request_id: int) -> None:
    """The request was resolved by staff: ask after a while, unless the house never asks."""
    if house.rating_after is not None:
        uow.reminders.remind("ask_rating", uow.now + house.rating_after, request_id=request_id)


def ask_rating(uow: UnitOfWork, house: House, posting: Posting, reminder: DueReminder) -> str:
    request = uow.requests.for_update(reminder.request_id or 0)
    if request is None or request.open:
        return "open again"
    requester = uow.accounts.person(request.requester)
    if requester is not None and requester.gone_at is not None:
        return "the requester has left"
    if not uow.ratings.ask(request, AT_MOST_EVERY):
        return "asked not long ago"
    posting.message(
        request.channel,
        _question(house, request),
        thread=request.thread_ts,
        key=_key(request),
        account_id=request.account_id,
        request_id=request.id,
    )
    return f"asked about {request.number}"


def rate(
    uow: UnitOfWork, house: House, posting: Posting, press: ButtonPressed, account: LinkedAccount
) -> str:
    """A number was pressed; pressed again it is corrected. Raises `NotAllowed`."""
    request = requested_by(uow, press.value, account, press.user)
    score = press.action.partition(":")[2]
    rating = uow.ratings.of(request.id)
    if rating is None or score not in SCORES:
        raise NotAllowed("not_now.unknown_button")
    if rating.score == int(score):
        return "rated the same already"
    rating.score, rating.answered_at = int(score), uow.now
    rendered = house.content.templates.message(
        "rated", request.language, request=request, score=rating.score
    )
    posting.change(
        request.channel,
        key_ref(_key(request)),
        rendered,
        account_id=request.account_id,
        request_id=request.id,
    )
    _tell_staff(uow, house, posting, request, rating.score, "")
    return f"rated {request.number}: {score}"


def add_words(
    uow: UnitOfWork,
    house: House,
    posting: Posting,
    form: FormSubmitted,
    account: LinkedAccount,
    actor: Actor,
) -> str:
    """A word beside the number. Raises `NotAllowed`."""
    request = requested_by(uow, form.context.get("request", ""), account, form.user)
    rating = uow.ratings.of(request.id)
    if rating is None or rating.score is None:
        raise NotAllowed("not_now.unknown_form")
    rating.words = form.values.get("words", "")
    thanks = house.content.templates.message(
        "say", request.language, sentence="rating.thanks_for_words", words={}
    )
    posting.whisper(
        request.channel,
        actor.user,
        thanks,
        thread=_thread(uow, request),
        account_id=request.account_id,
    )
    _tell_staff(uow, house, posting, request, rating.score, rating.words)
    return f"words about {request.number}"


def may_add_words(uow: UnitOfWork, press: ButtonPressed, account: LinkedAccount) -> Request:
    """The request whose rating a person may say more about. Raises `NotAllowed`."""
    return requested_by(uow, press.value, account, press.user)


def _question(house: House, request: Request) -> Rendered:
    return house.content.templates.message(
        "rating",
        request.language,
        request=request,
        requester=Mrkdwn(f"<@{request.requester}>"),
        scores=SCORES,
    )


def _tell_staff(
    uow: UnitOfWork, house: House, posting: Posting, request: Request, score: int, words: str
) -> None:
    posting.message(
        request.staff_channel,
        house.content.templates.message(
            "rating_for_staff",
            house.staff_language,
            request=request,
            score=score,
            elements=rich(uow, house, as_sent(words), request.requester_name) if words else [],
        ),
        thread=key_ref(request.card),
        request_id=request.id,
        broadcast=score <= _LOW,
    )


def _thread(uow: UnitOfWork, request: Request) -> str:
    """Root of the customer's thread as Slack knows it."""
    thread = request.thread_ts
    return uow.outgoing.ts_of(thread.removeprefix("key:")) if thread.startswith("key:") else thread


def _key(request: Request) -> str:
    return f"rating:{request.id}"
