"""Reactions on one side shown on the other: on a message of a request, or on the copy of one.

The bot can react only once with each emoji, so it does with the first person and takes it back
with the last. What reactions of staff *do* is `bot.service.reactions`, which is asked first.
"""

from __future__ import annotations

from bot.desk.arrivals import ReactionAdded, ReactionRemoved
from bot.service.house import House
from bot.service.posting import Posting
from bot.storage.tables import Outbox, RequestMessage
from bot.storage.unit_of_work import UnitOfWork

_ON_ITS_OWN = frozenset({"text", "shown"})
"""Kinds of copies that show one message; a transcript shows many."""


def mirror_reaction(
    uow: UnitOfWork, house: House, posting: Posting, reaction: ReactionAdded | ReactionRemoved
) -> str:
    """Owe the same on the other side. Empty when the message is part of no request."""
    if reaction.user == house.identity.user:
        return "our own reaction"
    originals = uow.requests.messages_at(reaction.channel, reaction.ts)
    for message in originals:
        if _turned(uow, reaction, message, "original"):
            _on_copies(uow, posting, message, reaction)
    entry = uow.outgoing.posted_at(reaction.channel, reaction.ts)
    shown = _shown_alone(uow, entry) if entry is not None else None
    if shown is not None and _turned(uow, reaction, shown, "copy"):
        _on_original(posting, shown, reaction)
    return "reaction on a message of a request" if originals or shown is not None else ""


def _turned(
    uow: UnitOfWork, reaction: ReactionAdded | ReactionRemoved, message: RequestMessage, side: str
) -> bool:
    """It is the first of its kind there, or was the last."""
    assert message.id is not None
    count = uow.copies.react if isinstance(reaction, ReactionAdded) else uow.copies.unreact
    return count(message.id, side, reaction.name[:100], reaction.user)


def _shown_alone(uow: UnitOfWork, entry: Outbox) -> RequestMessage | None:
    """The message that an entry is the copy of. What staff say of colleagues' words among
    themselves is not for the customer.
    """
    found = uow.copies.behind(entry.key)
    if len(found) != 1 or entry.key.startswith(("transcript:", "moved:", "shown:")):
        return None
    return found[0]


def _method(reaction: ReactionAdded | ReactionRemoved) -> str:
    return "reactions.add" if isinstance(reaction, ReactionAdded) else "reactions.remove"


def _on_copies(
    uow: UnitOfWork,
    posting: Posting,
    message: RequestMessage,
    reaction: ReactionAdded | ReactionRemoved,
) -> None:
    for copy in uow.copies.of(message):
        entry = uow.outgoing.by_key(copy.key) if copy.kind in _ON_ITS_OWN else None
        if entry is not None and entry.state not in ("dead", "withdrawn"):
            posting.follow(entry, _method(reaction), {"name": reaction.name})


def _on_original(
    posting: Posting, message: RequestMessage, reaction: ReactionAdded | ReactionRemoved
) -> None:
    # The words of a form were never a message, and a deleted one is none any more.
    if message.ts.replace(".", "").isdigit() and message.deleted_at is None:
        posting.mark(message.channel, message.ts, _method(reaction), reaction.name)
