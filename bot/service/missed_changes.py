"""Edits and deletions that Slack could not deliver.

Slack's history shows a message as it stands now, and a deleted one not at all. So an edit is news
when its words are not the ones we have; and a message of a request that its thread does not show
any more was perhaps deleted – perhaps, because a reading may lag or leave something out: it is
asked for by itself before it counts as deleted. What was written in the last minutes is left to
the next reading.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from bot.desk.arrivals import MessageEdited
from bot.desk.redaction import without_secrets
from bot.storage.unit_of_work import UnitOfWork


def edits_not_known(uow: UnitOfWork, edits: Collection[MessageEdited]) -> list[MessageEdited]:
    """Of messages that we have, those whose words are others there."""
    found = []
    for edit in edits:
        row = uow.received.posted(edit.channel, edit.ts)
        cleaned = without_secrets(edit)
        assert isinstance(cleaned, MessageEdited)
        if row is not None and row.payload.get("text", "") != cleaned.text:
            found.append(edit)
    return found


def not_shown(
    uow: UnitOfWork,
    channel: str,
    root: str,
    shown: Collection[str],
    between: tuple[datetime, datetime],
) -> list[str]:
    """ts of the thread's messages in requests, written `between`, that a reading left out."""
    return [ts for ts in uow.received.in_requests(channel, root, *between) if ts not in shown]
