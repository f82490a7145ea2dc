"""Where people want their e-mail, as they told us themselves, in the caller's transaction."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from bot.storage.tables import MailWish


class MailWishes:
    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._now = now

    def of(self, user: str) -> MailWish | None:
        return self._session.get(MailWish, user)

    def ask(self, user: str) -> bool:
        """Note that the person is asked; False when they were before, however long ago."""
        if self.of(user) is not None:
            return False
        self._session.add(MailWish(user=user, asked_at=self._now))
        self._session.flush()
        return True

    def answer(self, user: str, address: str) -> None:
        """Keep the address; empty: the person wants no e-mail."""
        row = self.of(user)
        if row is None:
            row = MailWish(user=user, asked_at=self._now)
            self._session.add(row)
        row.address, row.answered_at = address or None, self._now
