"""What was said in a thread before the bot was called into it, or 🎫 was put on a message there.

Slack lets commercial apps read little and seldom, so most of it is what came in at the time and
was stored; one look at Slack, before any transaction, adds what the bot was not there for.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.desk.arrivals import Arrival, MessagePosted, ReactionAdded
from bot.desk.conversation import Conversation
from bot.desk.errors import SupportbotError
from bot.desk.redaction import without_secrets
from bot.service.directory import is_staff_channel
from bot.service.house import House
from bot.service.ports import Slack
from bot.storage.unit_of_work import UnitOfWork, look

log = logging.getLogger(__name__)

TICKETS = frozenset({"ticket", "admission_tickets"})
_MOST = 15
"""Messages that are taken along: what Slack gives in one call at worst."""


class Seeding:
    def __init__(self, house: House, slack: Slack) -> None:
        self._house = house
        self._slack = slack

    def before(self, arrival: Arrival) -> tuple[MessagePosted, ...]:
        """The earlier messages of the thread, oldest first; empty where nobody asked for them."""
        match arrival:
            case MessagePosted() if arrival.thread_ts and self._house.mention() in arrival.text:
                channel, root, until = arrival.channel, arrival.thread_ts, float(arrival.ts)
            case ReactionAdded() if arrival.name in TICKETS:
                channel, until = arrival.channel, float(arrival.ts) + 1e-6
                root = self._root_of(channel, arrival.ts)
            case _:
                return ()
        with look(self._house.database, self._house.clock()) as uow:
            known = uow.conversations.load(channel, root)
            if (known is not None and known.said) or is_staff_channel(uow, self._house, channel):
                return ()
            stored = uow.received.thread(channel, root, f"{until:.6f}")
        read = self._read(channel, root, arrival.workspace)
        found = {one.ts: one for one in (*read, *stored)}
        earlier = [one for one in found.values() if one.text and float(one.ts) < until]
        return tuple(sorted(earlier, key=lambda one: float(one.ts))[-_MOST:])

    def _root_of(self, channel: str, ts: str) -> str:
        with look(self._house.database, self._house.clock()) as uow:
            row = uow.received.posted(channel, ts)
        return str(row.payload.get("thread_ts") or ts) if row else ts

    def _read(self, channel: str, root: str, workspace: str) -> Sequence[MessagePosted]:
        since = datetime.fromtimestamp(float(root), UTC) - timedelta(seconds=1)
        try:
            page = self._slack.at(workspace, channel).past(channel, root, since, "")
        except SupportbotError as error:
            log.warning("thread not read, what was stored must do: %s", error)
            return ()
        cleaned = map(without_secrets, page.arrivals)
        return [one for one in cleaned if isinstance(one, MessagePosted)]


def seeded(
    uow: UnitOfWork, conversation: Conversation, earlier: Sequence[MessagePosted]
) -> Conversation:
    """A conversation that remembers what was said before it began."""
    said = tuple(_entry(uow, one) for one in earlier)
    return replace(conversation, said=(*said, *conversation.said)) if said else conversation


def _entry(uow: UnitOfWork, message: MessagePosted) -> dict[str, str]:
    person = uow.accounts.person(message.user)
    name = person.name if person else message.user
    return {"ts": message.ts, "user": message.user, "name": name, "text": message.text}
