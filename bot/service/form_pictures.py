"""What a form of staff rests on: if that has changed by the time it is sent, the person is told.

Looked at twice: while the person waits for the form to close, and again in the transaction that
does what it says, because a customer or a colleague may be faster by a moment.
"""

from __future__ import annotations

from bot.desk.arrivals import FormSubmitted
from bot.desk.errors import NotAllowed
from bot.desk.requests import Request
from bot.storage.unit_of_work import UnitOfWork


def picture(uow: UnitOfWork, request: Request, name: str) -> str:
    """What the form of that name shows, or takes for granted, of a request."""
    match name:
        case "assign":
            return request.owner
        case "approve" | "decline":
            return request.process_stage
        case "severity":
            return request.severity
        case "triage":
            return f"{request.queue} {' '.join(request.tags)}"
        case "resolve" | "close":
            return str(uow.requests.last_from_customer(request.id))
        case _:
            return ""


def must_be_as_seen(uow: UnitOfWork, request: Request, form: FormSubmitted) -> None:
    """Raise `NotAllowed` when the request is another than when the form was opened."""
    if form.context.get("seen", "") == picture(uow, request, form.form):
        return
    written = uow.requests.message(uow.requests.last_from_customer(request.id))
    raise NotAllowed(
        f"not_now.changed.{form.form}",
        owner=request.owner_name,
        severity=request.severity,
        name=written.author_name if written else request.requester_name,
    )
