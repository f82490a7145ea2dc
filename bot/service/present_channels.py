"""What names a channel by an id that it had before, with the id it has now.

Slack changes ids while events, open forms and messages are under way (`bot.storage.moves`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from bot.desk.arrivals import Arrival, ButtonPressed, FormSubmitted
from bot.service.house import House
from bot.storage.unit_of_work import UnitOfWork

Kind = TypeVar("Kind", bound=Arrival)


def staff_home(uow: UnitOfWork, house: House) -> str:
    """The staff channel of the settings, under the id that it has now."""
    return uow.moves.present(house.staff_channel)


def staff_channels(uow: UnitOfWork, house: House) -> set[str]:
    """Every channel in which staff work."""
    return {staff_home(uow, house), *uow.accounts.queue_channels().values()}


def at_present(uow: UnitOfWork, arrival: Kind) -> Kind:
    """The same arrival, naming channels as they are called now."""
    changed = uow.moves.changed(_named(arrival))
    if not changed:
        return arrival
    found: dict[str, Any] = {}
    if hasattr(arrival, "channel"):
        found["channel"] = changed.get(arrival.channel, arrival.channel)
    if isinstance(arrival, ButtonPressed):
        found["value"] = changed.get(arrival.value, arrival.value)
    if isinstance(arrival, FormSubmitted):
        found["context"] = _renamed(arrival.context, changed)
        found["values"] = {
            name: ",".join(changed.get(part, part) for part in value.split(","))
            for name, value in arrival.values.items()
        }
    return replace(arrival, **found)


def context_at_present(uow: UnitOfWork, context: Mapping[str, str]) -> Mapping[str, str]:
    """What a form was opened with, as it would be now."""
    return _renamed(context, uow.moves.changed(context.values()))


def _renamed(context: Mapping[str, str], changed: Mapping[str, str]) -> dict[str, str]:
    return {name: changed.get(value, value) for name, value in context.items()}


def _named(arrival: Arrival) -> Iterator[str]:
    """Everything in an arrival that could be the id of a channel."""
    yield str(getattr(arrival, "channel", ""))
    if isinstance(arrival, ButtonPressed):
        yield arrival.value[:32]
    if isinstance(arrival, FormSubmitted):
        yield from arrival.context.values()
        for value in arrival.values.values():
            if len(value) < _LONGEST_CHOICE:
                yield from value.split(",")


_LONGEST_CHOICE = 2000
"""Characters of the longest choice of channels; what is longer is prose."""
