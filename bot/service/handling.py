"""What happens with one saved arrival: who and where is it, then one transaction.

Each arrival ends in one of three ways: handled (its row is done in the same commit as everything
it caused), tried again later, or given up with a word to staff.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import replace

from bot.desk import arrivals as a
from bot.fault_points import passing
from bot.service.attachments import Attachments
from bot.service.changes import Changes
from bot.service.channels import (
    bot_removed,
    channel_archived,
    channel_joined,
    channel_moved,
    channel_shared,
    channel_unarchived,
    channel_unshared,
)
from bot.service.customers import Customers
from bot.service.directory import (
    Directory,
    actor_of,
)
from bot.service.doers import doer_of
from bot.service.home import show_home
from bot.service.house import House
from bot.service.interactions import Interactions
from bot.service.messages import Messages
from bot.service.mirrored_reactions import mirror_reaction
from bot.service.pacing_people import is_hushed, tell_once
from bot.service.people import person_left
from bot.service.places import note_place
from bot.service.posting import Posting
from bot.service.present_channels import at_present
from bot.service.secret_warnings import warn_about_secrets
from bot.service.seeding import Seeding
from bot.service.workspaces import app_removed
from bot.storage.accounts import SHADOW
from bot.storage.lanes import Lanes
from bot.storage.tables import Inbox
from bot.storage.unit_of_work import UnitOfWork, look, work

log = logging.getLogger(__name__)

MOST_BELLS = 4
"""Senders worth waking at once: a message is owed to few threads."""


def _names_people(arrival: a.Arrival) -> str:
    """Words in which people are mentioned whom we should know by name."""
    match arrival:
        case a.MessagePosted() | a.CommandGiven():
            return arrival.text
        case a.FormSubmitted():
            return f"<@{arrival.values.get('person', '')}>"
        case _:
            return ""


class Handling:
    """Handles rows of the inbox."""

    def __init__(
        self,
        house: House,
        directory: Directory,
        attachments: Attachments,
        seeding: Seeding,
        lanes: Lanes[Inbox],
    ) -> None:
        self._house = house
        self._directory = directory
        self._attachments = attachments
        self._seeding = seeding
        self._lanes = lanes

    def handle(self, row: Inbox) -> None:
        """Do all of it or nothing. Raises what went wrong; the row is then still ours."""
        started = time.perf_counter()
        passing("handling.claimed")
        arrival = self._attachments.named(self._as_it_stands(row))
        if arrival.user:
            self._directory.meet(arrival.user, _names_people(arrival), arrival.workspace)
        earlier = self._seeding.before(arrival)
        for author in {one.user for one in earlier}:
            self._directory.meet(author, workspace=arrival.workspace)
        passing("handling.begun")
        now = self._house.clock()
        with work(self._house.database, now) as uow:
            uow.trail.doer = doer_of(uow, self._house, arrival)
            note_place(uow, self._house, arrival)
            posting = Posting(uow, self._house, f"in{row.id}", arrival.workspace)
            arrival = at_present(uow, arrival)
            hushed = is_hushed(uow, self._house, row, arrival)
            outcome = (self._hushed if hushed else self._dispatch)(uow, posting, arrival, earlier)
            if arrival.secrets:
                warn_about_secrets(uow, house=self._house, posting=posting, arrival=arrival)
            done = {"state": "done", "done_at": now, "error": ""}
            if isinstance(arrival, a.MessageEdited):
                # The newest words are kept with the message itself, and nowhere else.
                done["payload"] = {**row.payload, "text": ""}
            self._lanes.finish(uow.session, row, **done)
            passing("handling.committing")
        passing("handling.committed")
        self._house.owed.ring(min(posting.owed, MOST_BELLS))
        seconds = time.perf_counter() - started
        self._house.measures.handle_seconds.observe(seconds)
        self._house.measures.handled.labels(row.kind, "done").inc()
        log.info("handled id=%s kind=%s: %s ms=%.1f", row.id, row.kind, outcome, seconds * 1000)

    def _as_it_stands(self, row: Inbox) -> a.Arrival:
        """The arrival; a message as it was edited since, or nothing when it was deleted."""
        with look(self._house.database, self._house.clock()) as uow:
            arrival = at_present(uow, a.arrival_from_json(row.kind, row.payload))
            if not isinstance(arrival, a.MessagePosted):
                return arrival
            change = uow.received.change_waiting(row.id or 0, row.lane, arrival.ts)
        match change:
            case a.MessageEdited():
                return replace(arrival, text=change.text)
            case a.MessageDeleted():
                return a.Arrival(user="")
            case _:
                return arrival

    def _dispatch(
        self,
        uow: UnitOfWork,
        posting: Posting,
        arrival: a.Arrival,
        earlier: Sequence[a.MessagePosted],
    ) -> str:
        house = self._house
        messages = Messages(uow, house, posting)
        interactions = Interactions(uow, house, posting)
        match arrival:
            case a.MessagePosted():
                return messages.posted(arrival, earlier)
            case a.MessageEdited():
                return messages.edited(arrival)
            case a.MessageDeleted():
                return Changes(uow, house, posting).deleted(arrival)
            case a.ButtonPressed():
                return interactions.press(arrival)
            case a.FormSubmitted():
                return interactions.form(arrival)
            case a.CommandGiven():
                return interactions.command(arrival)
            case a.ReactionAdded():
                return interactions.reaction(arrival, earlier)
            case a.ReactionRemoved():
                return mirror_reaction(uow, house, posting, arrival) or "nothing to do"
            case a.HomeOpened():
                return show_home(uow, house, posting, arrival)
            case a.ChannelJoined():
                return channel_joined(uow, house, posting, arrival)
            case a.ChannelShared():
                return channel_shared(uow, house, posting, arrival)
            case a.ChannelUnshared():
                return channel_unshared(uow, house, posting, arrival)
            case a.ChannelArchived():
                return channel_archived(uow, house, posting, arrival)
            case a.ChannelUnarchived():
                return channel_unarchived(uow, house, posting, arrival)
            case a.BotRemoved():
                return bot_removed(uow, house, posting, arrival)
            case a.PersonLeft():
                return person_left(uow, house, posting, arrival)
            case a.ChannelIdChanged():
                return channel_moved(uow, house, posting, arrival)
            case a.AppRemoved():
                return app_removed(uow, house, posting, arrival)
            case _:
                return "nothing to do"

    def _hushed(
        self,
        uow: UnitOfWork,
        posting: Posting,
        arrival: a.Arrival,
        earlier: Sequence[a.MessagePosted],
    ) -> str:
        """Somebody does too much at once. What is said in a request's thread reaches staff."""
        account = uow.accounts.of_channel(getattr(arrival, "channel", ""))
        if account is not None and account.mode == SHADOW:
            return self._dispatch(uow, posting, arrival, earlier)
        if isinstance(arrival, a.ReactionAdded):
            return mirror_reaction(uow, self._house, posting, arrival) or "hushed"
        if isinstance(arrival, a.MessagePosted):
            actor = actor_of(uow, arrival.user)
            if not Customers(uow, self._house, posting).overheard(arrival, actor):
                return "hushed"
        return "hushed: told" if tell_once(uow, self._house, posting, arrival) else "hushed"
