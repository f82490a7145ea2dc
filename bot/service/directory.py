"""Who somebody is and what they may do here. Looked up before a transaction, decided in it."""

from __future__ import annotations

import logging
from datetime import timedelta

from sqlalchemy.exc import IntegrityError

from bot.desk.errors import SupportbotError
from bot.desk.roles import Role
from bot.fault_points import passing
from bot.service.house import House
from bot.service.mails import is_address
from bot.service.ports import Slack
from bot.service.speech import MENTION, Actor
from bot.storage.unit_of_work import UnitOfWork, look, work

log = logging.getLogger(__name__)

_FRESH = timedelta(days=1)
"""Names and home workspaces seldom change; a day-old one is asked for again."""


class Directory:
    """Knows people by `users.info`, kept in the database so that replicas share it."""

    def __init__(self, house: House, slack: Slack) -> None:
        self._house = house
        self._slack = slack

    def meet(self, user: str, text: str = "", workspace: str = "") -> None:
        """Make sure that the author and everybody mentioned are known by name.

        A failed look-up is not remembered and stops nothing: the message matters more.
        """
        mentioned = set(MENTION.findall(text))
        mentioned.discard(self._house.identity.user)
        # Ten names are more than people mention; a message of ten thousand is not about them.
        for person in [user, *sorted(mentioned)[:10]]:
            if person and not self._known(person):
                self._fetch(person, workspace)

    def _known(self, user: str) -> bool:
        now = self._house.clock()
        with look(self._house.database, now) as uow:
            person = uow.accounts.person(user)
        return person is not None and person.fetched_at > now - _FRESH

    def _fetch(self, user: str, workspace: str) -> None:
        try:
            profile = self._slack.at(workspace).profile(user)
        except SupportbotError as error:
            log.warning("profile of %s not read: %s", user, error)
            return
        if profile is None:
            return
        try:
            with work(self._house.database, self._house.clock()) as uow:
                uow.accounts.remember_person(
                    user,
                    profile.team,
                    profile.name[:200],
                    profile.language,
                    profile.email if is_address(profile.email) else "",
                )
                passing("directory.remembering")
        except IntegrityError:
            log.info("somebody else has just remembered %s", user)


def actor_of(uow: UnitOfWork, user: str, name: str = "") -> Actor:
    """The person with the best name we have."""
    person = uow.accounts.person(user)
    return Actor(user, person.name if person else name or user)


def is_staff_channel(uow: UnitOfWork, house: House, channel: str) -> bool:
    return bool(channel) and (
        channel == house.staff_channel or channel in uow.accounts.queue_channels().values()
    )


def role_in(uow: UnitOfWork, house: House, user: str, team: str, channel: str) -> Role:
    """The role of a person acting in a channel; see the table in `bot.desk.roles`.

    In a staff channel only members of our own organisation are staff: a guest organisation that
    was invited there by mistake is not. `team` is what the payload said; where it said nothing
    the known profile decides, and an unknown person is a stranger.
    """
    if is_staff_channel(uow, house, channel):
        person = uow.accounts.person(user)
        home = team or (person.team if person else "")
        if home != house.identity.team:
            return Role.STRANGER
        admin = not house.admins or user in house.admins
        return Role.ADMIN if admin else Role.STAFF
    if uow.accounts.of_channel(channel) is not None:
        return Role.CUSTOMER
    return Role.STRANGER


def works_here(uow: UnitOfWork, house: House, user: str) -> bool:
    """The person has acted as staff before: their words in a customer's channel are staff's."""
    return uow.accounts.seen_in(
        user, {house.staff_channel, *uow.accounts.queue_channels().values()}
    )
