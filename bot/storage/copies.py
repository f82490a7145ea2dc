"""Which outbox entries show which messages, and who reacted to them; in one transaction."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import Session, col, select

from bot.storage.tables import MessageCopy, MessageReaction, RequestMessage


class Copies:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, message: RequestMessage, key: str, kind: str) -> None:
        assert message.id is not None
        self._session.add(MessageCopy(message_id=message.id, key=key, kind=kind))
        self._session.flush()

    def of(self, message: RequestMessage) -> Sequence[MessageCopy]:
        """Oldest first."""
        return list(
            self._session.exec(
                select(MessageCopy)
                .where(MessageCopy.message_id == message.id)
                .order_by(col(MessageCopy.id))
            )
        )

    def behind(self, key: str) -> Sequence[RequestMessage]:
        """The messages that an outbox entry shows, oldest first; several in a transcript."""
        return list(
            self._session.exec(
                select(RequestMessage)
                .join(MessageCopy, col(MessageCopy.message_id) == col(RequestMessage.id))
                .where(MessageCopy.key == key)
                .order_by(col(RequestMessage.id))
            )
        )

    def drop(self, copy: MessageCopy) -> None:
        self._session.delete(copy)
        self._session.flush()

    # --- reactions ----------------------------------------------------------------------------

    def react(self, message_id: int, side: str, name: str, user: str) -> bool:
        """True when this is the first such reaction there."""
        first = not self._reacted(message_id, side, name)
        if self._session.get(MessageReaction, (message_id, side, name, user)) is None:
            self._session.add(
                MessageReaction(message_id=message_id, side=side, name=name, user=user)
            )
            self._session.flush()
        return first

    def unreact(self, message_id: int, side: str, name: str, user: str) -> bool:
        """True when that was the last such reaction there."""
        row = self._session.get(MessageReaction, (message_id, side, name, user))
        if row is None:
            return False
        self._session.delete(row)
        self._session.flush()
        return not self._reacted(message_id, side, name)

    def _reacted(self, message_id: int, side: str, name: str) -> bool:
        query = sa.select(sa.literal(1)).where(
            col(MessageReaction.message_id) == message_id,
            col(MessageReaction.side) == side,
            col(MessageReaction.name) == name,
        )
        return self._session.execute(query.limit(1)).first() is not None
