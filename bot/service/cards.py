"""The standing picture of a request in the staff channel: its card."""

from __future__ import annotations

from bot.desk.processes import process_of
from bot.desk.requests import Request
from bot.service.house import House
from bot.service.posting import Posting, key_ref
from bot.storage.unit_of_work import UnitOfWork


def owe_card(uow: UnitOfWork, house: House, posting: Posting, request: Request) -> None:
    """The staff card: posted when the request is opened, brought up to date afterwards."""
    account = uow.accounts.get(request.account_id)
    assert account is not None
    rendered = house.content.templates.message(
        "card",
        house.staff_language,
        request=request,
        account=account,
        plan_name=house.content.plans.plan(account.plan).names[house.staff_language],
        form_fields=_shown_fields(house, request),
        process=process_of(house.content.processes, request.intent, request.fields),
    )
    key = request.card
    if uow.outgoing.by_key(key) is None:
        posting.message(request.staff_channel, rendered, key=key, request_id=request.id)
    else:
        posting.change(request.staff_channel, key_ref(key), rendered, request_id=request.id)


def owe_moved_card(
    uow: UnitOfWork, house: House, posting: Posting, before: Request, now: Request
) -> None:
    """Another team's channel gets the card; the old one only says where it went."""
    rendered = house.content.templates.message(
        "card_moved", house.staff_language, request=now, channel=now.staff_channel
    )
    posting.change(before.staff_channel, key_ref(before.card), rendered, request_id=before.id)
    owe_card(uow, house, posting, now)


def _shown_fields(house: House, request: Request) -> list[tuple[str, str]]:
    """Label and value of every field that is not in the card's head, in staff's language."""
    words = house.content.words
    shown: list[tuple[str, str]] = []
    for name, value in request.fields.items():
        if name in ("severity", "description", "use_case") or not value:
            continue
        option = f"field.{name}.option.{value}"
        text = words.say(house.staff_language, option) if words.has(option) else value
        shown.append((words.say(house.staff_language, f"field.{name}.label"), text))
    return shown
