"""Channels that are only watched: decide about each message, say nothing, note what staff do."""

from __future__ import annotations

from bot.desk.arrivals import MessagePosted
from bot.desk.conversation import Conversation
from bot.desk.decisions import StaySilent
from bot.desk.dialogue import respond
from bot.desk.heard import Heard
from bot.desk.meaning import Hearing
from bot.service.house import House
from bot.service.performing import Performing
from bot.service.posting import Posting
from bot.storage.accounts import LinkedAccount
from bot.storage.tables import ShadowDecision
from bot.storage.unit_of_work import UnitOfWork


def watch(
    uow: UnitOfWork,
    house: House,
    posting: Posting,
    message: MessagePosted,
    account: LinkedAccount,
    *,
    by_staff: bool,
) -> str:
    """Note one message; returns what would have been decided, for the log."""
    if by_staff:
        known = uow.learning.staff_wrote(message.channel, message.thread_ts, message.text)
        return "shadow: staff answered" if known else "shadow: staff among themselves"
    if message.thread_ts:
        # Without our own part in it, a thread says nothing about how we would have done.
        return "shadow: a reply"
    mentioned = house.mention() in message.text
    words = message.text.replace(house.mention(), " ").strip()
    meaning = house.reader.understand(
        words,
        Hearing(
            addressed=mentioned,
            clusters=account.clusters,
            plan=house.content.plans.plan(account.plan).key,
            language_hint=account.language,
        ),
    )
    heard = Heard(
        text=words,
        meaning=meaning,
        origin=f"{message.channel}:{message.ts}",
        act=house.acts.read(words),
        addressed=mentioned,
    )
    around = Performing(uow, house, posting).surroundings(account)
    decisions = respond(Conversation(language=meaning.language), heard, around).decisions
    spoken = [type(one).__name__ for one in decisions if not isinstance(one, StaySilent)]
    uow.learning.would(
        ShadowDecision(
            account_id=account.id,
            channel=message.channel,
            ts=message.ts,
            text=words,
            language=meaning.language,
            intent=meaning.intent,
            score=meaning.score,
            speaks=bool(spoken),
            would=", ".join(spoken)[:200],
            at=uow.now,
        )
    )
    return f"shadow: would {', '.join(spoken) or 'stay silent'}"
