"""What is one account's: its channels, its people, and the words that texts are searched for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from bot.storage import tables as t
from bot.storage.unit_of_work import UnitOfWork

_SHORTEST = 4
"""Characters of a name that is looked for: shorter ones stand in every text."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What is one account's."""

    account_id: int
    channels: tuple[str, ...]
    """Linked to it, or once used by it and nobody's now; with its people's DMs."""
    people: tuple[str, ...]
    """Seen in its channels and nowhere else, staff excepted."""
    names: tuple[str, ...]
    """What texts are searched for: its name, its clusters, its people's names and ids."""

    def to_json(self) -> dict[str, Any]:
        return {
            "channels": list(self.channels),
            "people": list(self.people),
            "names": list(self.names),
        }

    @staticmethod
    def from_json(account_id: int, value: Mapping[str, Any]) -> Scope:
        return Scope(
            account_id, tuple(value["channels"]), tuple(value["people"]), tuple(value["names"])
        )

    @property
    def places(self) -> tuple[str, ...]:
        """Where something is sent to, or comes from: channels and people."""
        return (*self.channels, *self.people)

    @property
    def lanes(self) -> tuple[str, ...]:
        """Of answers to commands and home tabs, which have no channel."""
        return tuple(f"{way}:{user}" for way in ("home", "respond") for user in self.people)


def scope_of(uow: UnitOfWork, account_id: int, staff_channels: set[str]) -> Scope:
    """Everything that is that account's, as far as can be told by now."""
    account = uow.accounts.get(account_id)
    assert account is not None
    if account.leaving:
        return Scope.from_json(account_id, account.leaving)
    session = uow.session
    linked = {row.channel: row.account_id for row in uow.accounts.channels()}
    used = {one for one, owner in linked.items() if owner == account_id}
    for table in (t.SupportRequest, t.GivenAnswer, t.ShadowDecision):
        used |= set(
            session.scalars(sa.select(table.channel).where(table.account_id == account_id))  # type: ignore[call-overload]
        )
    channels = {one for one in used if linked.get(one, account_id) == account_id}
    people = _people(uow, account_id, channels, staff_channels, linked)
    for room, user in (
        (t.Inbox.lane, t.Inbox.author),
        (t.Conversation.channel, t.Conversation.user),
    ):
        theirs = sa.select(col(room)).where(col(user).in_(people), col(room).like("D%")).distinct()
        channels |= {found for found in session.scalars(theirs) if found.startswith("D")}
    known = [person for user in people if (person := uow.accounts.person(user))]
    names = {account.name, *uow.accounts.clusters(account_id), *(one.name for one in known)}
    return Scope(
        account_id,
        tuple(sorted(channels)),
        tuple(sorted(people)),
        (*sorted(name for name in names if len(name) >= _SHORTEST), *sorted(people)),
    )


def _people(
    uow: UnitOfWork,
    account_id: int,
    channels: set[str],
    staff_channels: set[str],
    linked: Mapping[str, int],
) -> set[str]:
    session = uow.session
    seen = sa.select(col(t.Presence.user), col(t.Presence.channel))
    places: dict[str, set[str]] = {}
    for user, channel in session.execute(seen):
        places.setdefault(user, set()).add(channel)
    wrote = sa.select(col(t.RequestMessage.author)).where(
        col(t.RequestMessage.account_id) == account_id, col(t.RequestMessage.side) == "customer"
    )
    asked = sa.select(col(t.SupportRequest.requester)).where(
        col(t.SupportRequest.account_id) == account_id
    )
    here = {user for user, where in places.items() if where & channels}
    here |= {*session.scalars(wrote), *session.scalars(asked)} - {""}
    elsewhere = {one for one, owner in linked.items() if owner != account_id} | staff_channels
    return {user for user in here if not places.get(user, set()) & elsewhere}
