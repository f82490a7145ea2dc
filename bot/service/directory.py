"""Who somebody is and what they may do here. Looked up before a transaction, decided in it."""

from __future__ import annotations

import logging
import re
from datetime import timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy.exc import IntegrityError

from bot.desk.errors import NotAllowed, SupportbotError
from bot.desk.meaning import Language, language_of
from bot.desk.requests import Request
from bot.desk.roles import Role
from bot.fault_points import passing
from bot.service.house import House
from bot.service.mails import is_address
from bot.service.ports import Slack
from bot.service.present_channels import staff_channels
from bot.service.speech import MENTION, Actor
from bot.storage.accounts import LinkedAccount
from bot.storage.unit_of_work import UnitOfWork, look, work

log = logging.getLogger(__name__)

_LONGEST_ZONE = 64
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
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
        if person is None or person.gone_at is not None:
            return False  # who acts again is back
        return person.fetched_at > now - _FRESH

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
                    profile.time_zone if is_zone(profile.time_zone) else "",
                    gone=profile.gone,
                )
                passing("directory.remembering")
        except IntegrityError:
            log.info("somebody else has just remembered %s", user)


def is_zone(name: str) -> bool:
    """A time zone that this machine knows too."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return len(name) <= _LONGEST_ZONE


def actor_of(uow: UnitOfWork, user: str, name: str = "") -> Actor:
    """The person with the best name we have."""
    person = uow.accounts.person(user)
    return Actor(user, person.name if person else name or user)


def is_staff_channel(uow: UnitOfWork, house: House, channel: str) -> bool:
    return bool(channel) and channel in staff_channels(uow, house)


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


def speech(uow: UnitOfWork, house: House, channel: str, user: str, said: str = "") -> Language:
    """The language in which to say something to a person in a channel (or a DM).

    Their own where we know it; what Slack shows of people of other organisations has no language,
    so it is the account's there, and staff's among staff. `said` in Japanese or Chinese is
    answered so.
    """
    if is_staff_channel(uow, house, channel):
        return house.staff_language
    if _CJK.search(said):
        return house.reader.understand(said).language
    person = uow.accounts.person(user)
    account = uow.accounts.of_channel(channel) or next(iter(uow.accounts.of_person(user)), None)
    return language_of(person.language if person else "", account.language if account else "en")


def works_here(uow: UnitOfWork, house: House, user: str) -> bool:
    """The person has acted as staff before: their words in a customer's channel are staff's.

    Somebody of another organisation is never staff, whatever channel they were let into.
    """
    person = uow.accounts.person(user)
    if person is not None and person.team != house.identity.team:
        return False
    return uow.accounts.seen_in(user, staff_channels(uow, house))


def requested_by(uow: UnitOfWork, identity: str, account: LinkedAccount, user: str) -> Request:
    """The account's request with that id, which this very person opened. Raises `NotAllowed`."""
    request = uow.requests.of_account(account.id, int(identity)) if identity.isdigit() else None
    if request is None:
        raise NotAllowed("not_now.no_such_request")
    if request.requester != user:
        raise NotAllowed("not_now.not_your_question", name=request.requester_name)
    return request
