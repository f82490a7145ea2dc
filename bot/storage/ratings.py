"""What customers thought of how their requests were handled, in the caller's transaction."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from bot.desk.requests import Request
from bot.storage.tables import Rating


class Ratings:
    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._now = now

    def ask(self, request: Request, at_most_every: timedelta) -> bool:
        """Note that the requester is asked; False when they were asked not long ago."""
        lately = self._session.exec(
            select(Rating.request_id)
            .where(
                Rating.user == request.requester,
                col(Rating.asked_at) > self._now - at_most_every,
            )
            .limit(1)
        ).first()
        if lately is not None or self.of(request.id) is not None:
            return False
        self._session.add(
            Rating(
                request_id=request.id,
                account_id=request.account_id,
                user=request.requester,
                asked_at=self._now,
            )
        )
        self._session.flush()
        return True

    def of(self, request_id: int) -> Rating | None:
        return self._session.get(Rating, request_id)
