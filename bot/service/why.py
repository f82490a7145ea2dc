"""**Why?**: the counted intervals behind a promised time, in the reader's language."""

from __future__ import annotations

from datetime import timedelta

from bot.content.templates import Rendered
from bot.desk.errors import NotAllowed
from bot.desk.meaning import Language
from bot.desk.requests import Request
from bot.desk.timelines import Counted, Paused, Piece, explain
from bot.service.house import House
from bot.service.promises import promise_of
from bot.storage.unit_of_work import UnitOfWork


def why(
    uow: UnitOfWork, house: House, request: Request, language: Language, *, staff: bool
) -> Rendered:
    """The explanation. Raises `NotAllowed` where nothing is promised."""
    account = uow.accounts.get(request.account_id)
    assert account is not None
    calendar = house.content.plans.calendar(account.time_zone)
    promise = promise_of(request, calendar)
    if promise is None:
        raise NotAllowed("not_now.nothing_promised")
    return house.content.templates.message(
        "why",
        language,
        request=request,
        time_zone=account.time_zone,
        calendar=calendar,
        plan_name=house.content.plans.plan(account.plan).names[language],
        pieces=[as_row(piece) for piece in explain(promise)],
        staff=staff,
    )


def as_row(piece: Piece) -> dict[str, object]:
    """A piece as a template reads it."""
    row: dict[str, object] = {"start": piece.start, "end": piece.end}
    if isinstance(piece, Counted):
        minutes, total = _minutes(piece.end - piece.start), _minutes(piece.total)
        return {**row, "kind": "counted", "minutes": minutes, "total": total}
    if isinstance(piece, Paused):
        return {**row, "kind": "paused"}
    return {**row, "kind": "skipped", "reasons": piece.reasons, "holidays": piece.holidays}


def _minutes(length: timedelta) -> int:
    return round(length.total_seconds() / 60)
