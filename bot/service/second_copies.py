"""A message is in its thread once: whose is the ts that carries an entry's key?"""

from __future__ import annotations

import logging

from bot.service.house import House
from bot.service.posting import Posting
from bot.storage.unit_of_work import UnitOfWork

log = logging.getLogger(__name__)


def settle_copies(uow: UnitOfWork, house: House, key: str, posted: str) -> bool:
    """A message carries an entry's key: it is the entry's, or a second copy that has to go.

    True when that told something new. Two copies come about when a sender is suspended between
    its claim and its post for longer than its lease.
    """
    entry = uow.outgoing.by_key(key)
    if entry is None:
        return False
    news = False
    if not entry.ts:
        entry.state, entry.ts, entry.sent_at = "sent", posted, uow.now
        entry.lease_until, entry.fence, news = None, entry.fence + 1, True
        log.info("outcome of outbox id=%s is known: sent", entry.id)
    if posted != entry.ts:
        log.warning("outbox id=%s was posted twice; one copy is deleted", entry.id)
        house.measures.second_copies.inc()
        posting = Posting(uow, house, "second")
        posting.unpost(entry, posted)
        if posting.owed:
            # What people wrote below it before it was known as ours reached nobody.
            uow.received.handle_again_below(entry.channel, posted)
        news = True
    return news
