"""Reactions of staff that act on a request: 👀 claims it, ✅ resolves it.

They count on the request's card, and on the message in the customer's channel that it began with.
`templates/reactions.yml` says which emoji does what.
"""

from __future__ import annotations

from bot.desk.arrivals import ReactionAdded
from bot.desk.requests import Request
from bot.desk.roles import Role
from bot.service.directory import actor_of, is_staff_channel, role_in, works_here
from bot.service.house import House
from bot.service.posting import Posting
from bot.service.present_channels import staff_home
from bot.service.staff_actions import StaffActions
from bot.storage.unit_of_work import UnitOfWork


def staff_reaction(uow: UnitOfWork, house: House, posting: Posting, reaction: ReactionAdded) -> str:
    """What was done, for the log; empty when the reaction is just a reaction.

    Raises `NotAllowed` when it means something that is not possible now.
    """
    verb = house.content.reactions.get(reaction.name)
    if verb is None or reaction.user == house.identity.user:
        return ""
    role = _role(uow, house, reaction)
    if role not in (Role.STAFF, Role.ADMIN):
        return ""
    request = _meant(uow, house, reaction)
    if request is None or (verb == "claim" and request.owner == reaction.user):
        return ""
    actor = actor_of(uow, reaction.user)
    actions = StaffActions(uow, house, posting, request.id, actor, role)
    match verb:
        case "claim":
            actions.claim()
        case "resolve":
            actions.resolve()
        case "wait":
            actions.wait()
        case "close":
            actions.close()
    return f"{verb} {request.number} by reaction"


def _role(uow: UnitOfWork, house: House, reaction: ReactionAdded) -> Role:
    """In a customer's channel only who has worked in a staff channel counts as staff."""
    if is_staff_channel(uow, house, reaction.channel):
        role = role_in(uow, house, reaction.user, "", reaction.channel)
        if role is not Role.STRANGER:
            # As with a message there: from now on they are staff in customers' channels, too.
            uow.accounts.saw(reaction.user, reaction.channel)
        return role
    if works_here(uow, house, reaction.user):
        return role_in(uow, house, reaction.user, "", staff_home(uow, house))
    return Role.STRANGER


def _meant(uow: UnitOfWork, house: House, reaction: ReactionAdded) -> Request | None:
    if is_staff_channel(uow, house, reaction.channel):
        return uow.requests.of_card(reaction.channel, reaction.ts)
    requests = uow.requests.in_thread(reaction.channel, reaction.ts)
    return requests[-1] if requests else None
