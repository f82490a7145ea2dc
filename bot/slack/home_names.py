"""The bot has a user id of its own in every workspace; inside it is called as in ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.desk.arrivals import Arrival
from bot.service.house import House


def as_at_home(house: House, arrival: Arrival, team: str | None, bot_user: str | None) -> Arrival:
    """An arrival through the installation of `team`, as if its bot were the one of ours."""
    changes: dict[str, Any] = {"workspace": team or ""}
    ours = house.identity.user
    if bot_user and bot_user != ours:
        if arrival.user == bot_user:
            changes["user"] = ours
        text = getattr(arrival, "text", "")
        if f"<@{bot_user}>" in text:
            changes["text"] = text.replace(f"<@{bot_user}>", f"<@{ours}>")
    return replace(arrival, **changes)


def as_named_there(house: House, arguments: Mapping[str, Any], bot_user: str) -> dict[str, Any]:
    """The arguments of a call with the bot's mention as it is in that workspace."""
    ours, theirs = f"<@{house.identity.user}>", f"<@{bot_user}>"
    return {name: _replaced(value, ours, theirs) for name, value in arguments.items()}


def _replaced(value: Any, old: str, new: str) -> Any:
    """In every text of a payload, whatever block it stands in."""
    if isinstance(value, str):
        return value.replace(old, new)
    if isinstance(value, dict):
        return {name: _replaced(part, old, new) for name, part in value.items()}
    if isinstance(value, list):
        return [_replaced(part, old, new) for part in value]
    return value
