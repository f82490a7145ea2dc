"""A person's account is deactivated: what they had in hand, or had asked for, is not left alone."""

from __future__ import annotations

from bot.content.blocks import Mrkdwn
from bot.desk.arrivals import PersonLeft
from bot.desk.requests import Request, after
from bot.service.boards import owe_board
from bot.service.cards import owe_card
from bot.service.house import House
from bot.service.overdue import on_call
from bot.service.posting import Posting, key_ref
from bot.service.present_channels import staff_home
from bot.service.promises import follow
from bot.storage.requests import as_request
from bot.storage.tables import Person
from bot.storage.unit_of_work import UnitOfWork


def person_left(uow: UnitOfWork, house: House, posting: Posting, left: PersonLeft) -> str:
    """Tell staff about every open request of theirs; what they owned is free to be claimed."""
    person = uow.accounts.person(left.user)
    if person is None or person.gone_at is not None:
        return "nobody we know"
    person.gone_at, person.email = uow.now, None
    owned = uow.requests.open_of_owner(left.user)
    for request in owned:
        _release(uow, house, posting, request, person)
    asked = uow.requests.open_of_requester(left.user)
    for request in asked:
        _tell(uow, house, posting, request, "requester_gone", person.name)
    queues = uow.accounts.off_call(left.user)
    if queues or house.on_call == left.user:
        rendered = house.content.templates.message(
            "say",
            house.staff_language,
            sentence="staff.on_call_gone",
            words={"name": person.name},
        )
        posting.message(staff_home(uow, house), rendered)
    return f"left {len(owned)} requests in hand and {len(asked)} asked for"


def _release(
    uow: UnitOfWork, house: House, posting: Posting, request: Request, person: Person
) -> None:
    row = uow.requests.row(request.id)
    assert row is not None
    row.state = after(request.state, "owner_left")
    row.owner = row.owner_name = ""
    row.updated_at = uow.now
    follow(uow, house.content.plans, row)
    us = house.identity
    uow.requests.record(request.id, "owner_left", us.user, us.name, {"from": person.user})
    changed = as_request(row)
    _tell(uow, house, posting, changed, "owner_gone", person.name)
    owe_card(uow, house, posting, changed)
    owe_board(uow, house, posting, request.account_id)


def _tell(
    uow: UnitOfWork, house: House, posting: Posting, request: Request, what: str, name: str
) -> None:
    """In the card's thread; a request without an owner is shown to the whole channel."""
    called = on_call(uow, house, request.queue) if what == "owner_gone" else ""
    known = uow.accounts.person(called) if called else None
    here = called and (known is None or known.gone_at is None)
    rendered = house.content.templates.message(
        "person_gone",
        house.staff_language,
        request=request,
        what=what,
        name=name,
        called=Mrkdwn(f"<@{called}>") if here else "",
    )
    posting.message(
        request.staff_channel,
        rendered,
        thread=key_ref(request.card),
        request_id=request.id,
        broadcast=what == "owner_gone",
    )
