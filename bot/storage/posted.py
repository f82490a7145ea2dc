"""Which entry of the outbox a message of ours is; in the caller's transaction."""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import Session, col, select

from bot.storage.tables import Outbox

COPY_OF = "_of"
"""In the payload of a second copy's deletion: key of the entry that was posted twice."""
# Built once: these are asked for several times with every message.
_POSTED = (
    select(Outbox)
    .where(
        sa.or_(
            sa.and_(
                col(Outbox.channel) == sa.bindparam("channel"),
                col(Outbox.ts) == sa.bindparam("ts"),
            ),
            col(Outbox.key) == sa.bindparam("second"),
        )
    )
    .limit(2)
)
_BY_KEY = select(Outbox).where(col(Outbox.key) == sa.bindparam("key"))


def second_key(channel: str, ts: str) -> str:
    """Outbox key of the deletion of a second copy."""
    return f"second:{channel}:{ts}"


def posted_at(session: Session, channel: str, ts: str) -> Outbox | None:
    """The entry that became the message at this place.

    So is a second copy, also after its deletion: people may have answered below it, or pressed its
    buttons.
    """
    second = second_key(channel, ts)
    place = {"channel": channel, "ts": ts, "second": second}
    found = session.exec(_POSTED, params=place).all()
    entry = min(found, key=lambda one: one.key == second, default=None)
    if entry is None or entry.key != second:
        return entry
    return by_key(session, str(entry.payload.get(COPY_OF, "")))


def by_key(session: Session, key: str) -> Outbox | None:
    return session.exec(_BY_KEY, params={"key": key}).first()
