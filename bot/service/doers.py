"""Who an arrival is the act of, for the audit trail (`bot.storage.trail`)."""

from __future__ import annotations

from bot.desk import arrivals as a
from bot.service.directory import is_staff_channel, works_here
from bot.service.house import House
from bot.storage.trail import Doer
from bot.storage.unit_of_work import UnitOfWork

_SOURCES = {
    a.ButtonPressed: "button",
    a.FormSubmitted: "form",
    a.CommandGiven: "command",
    a.ReactionAdded: "reaction",
    a.ReactionRemoved: "reaction",
    a.MessagePosted: "message",
    a.MessageEdited: "message",
    a.MessageDeleted: "message",
}

_ADMIN = "/support-admin"


def doer_of(uow: UnitOfWork, house: House, arrival: a.Arrival) -> Doer:
    """Staff by their id, others as `customer`; what Slack tells about channels is nobody's act."""
    source = _SOURCES.get(type(arrival), "slack")
    if source == "slack":
        return Doer("bot", source, _in_snakes(type(arrival).__name__))
    return Doer(_actor(uow, house, arrival), source, _deed(arrival))


def _actor(uow: UnitOfWork, house: House, arrival: a.Arrival) -> str:
    channel = getattr(arrival, "channel", "")
    if isinstance(arrival, a.FormSubmitted):
        channel = arrival.context.get("channel", "")
    ours = is_staff_channel(uow, house, channel) or works_here(uow, house, arrival.user)
    return arrival.user if ours else "customer"


def _deed(arrival: a.Arrival) -> str:
    match arrival:
        case a.ButtonPressed():
            return arrival.action.removeprefix("do.")
        case a.FormSubmitted():
            return arrival.form
        case a.CommandGiven():
            # The first word says what is done, what follows may be anybody's words.
            first = arrival.text.split(maxsplit=1)[:1] if arrival.command == _ADMIN else []
            return " ".join([arrival.command, *first])
        case a.ReactionAdded():
            return arrival.name
        case _:
            return _in_snakes(type(arrival).__name__)


def _in_snakes(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)[1:]
