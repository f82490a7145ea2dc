"""Which entry of the outbox a message of ours is; in the caller's transaction."""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import Session, col, select

from bot.storage.tables import Outbox

COPY_OF = "_of"
"""In the payload of a second copy's deletion: key of the entry that was posted twice."""


def second_key(channel: str, ts: str) -> str:
    """Outbox key of the deletion of a second copy."""
    return f"second:{channel}:{ts}"


def posted_at(session: Session, channel: str, ts: str) -> Outbox | None:
    """The entry that became the message at this place.

    So is a second copy, also after its deletion: people may have answered below it, or pressed its
    buttons.
    """
    second = second_key(channel, ts)
    found = session.exec(
        select(Outbox)
        .where(
            sa.or_(
                sa.and_(col(Outbox.channel) == channel, col(Outbox.ts) == ts),
                col(Outbox.key) == second,
            )
        )
        .limit(2)
    ).all()
    entry = min(found, key=lambda one: one.key == second, default=None)
    if entry is None or entry.key != second:
        return entry
    of = entry.payload.get(COPY_OF, "")
    return session.exec(select(Outbox).where(Outbox.key == of)).first()
