"""What can be learned from use: marks on misunderstood messages, and shadow decisions."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from bot.storage.tables import IntentMark, ShadowDecision

_TOP_LEVEL_REPLY = timedelta(minutes=15)
"""Staff answering below a message instead of in its thread do so about as soon."""


class Learning:
    """In the caller's transaction."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._now = now

    # --- marks --------------------------------------------------------------------------------

    def mark(self, mark: IntentMark) -> None:
        """Note it; a second mark of the same request replaces the first."""
        known = self._session.exec(
            select(IntentMark).where(IntentMark.request_id == mark.request_id)
        ).first()
        if known is None:
            self._session.add(mark)
        else:
            known.right, known.actor = mark.right, mark.actor
            known.state, known.at = "new", self._now
        self._session.flush()

    def marks(self, *, every: bool = False) -> list[IntentMark]:
        """Oldest first; those dealt with only when `every`."""
        query = select(IntentMark).order_by(col(IntentMark.id))
        if not every:
            query = query.where(IntentMark.state == "new")
        return list(self._session.exec(query))

    def deal_with(self, mark_id: int) -> bool:
        """False when there is no such mark."""
        mark = self._session.get(IntentMark, mark_id)
        if mark is None:
            return False
        mark.state = "done"
        return True

    # --- shadow -------------------------------------------------------------------------------

    def would(self, decision: ShadowDecision) -> None:
        self._session.add(decision)
        self._session.flush()

    def staff_wrote(self, channel: str, thread_ts: str, text: str) -> bool:
        """The first thing staff wrote about a watched message; True when it was about one."""
        query = select(ShadowDecision).where(ShadowDecision.channel == channel)
        if thread_ts:
            query = query.where(ShadowDecision.ts == thread_ts)
        else:
            query = query.where(col(ShadowDecision.at) >= self._now - _TOP_LEVEL_REPLY)
        row = self._session.exec(
            query.where(col(ShadowDecision.staff_at).is_(None))
            .order_by(col(ShadowDecision.id).desc())
            .limit(1)
        ).first()
        if row is None:
            return False
        row.staff_text, row.staff_at = text, self._now
        return True

    def decisions(self, since: datetime, channel: str = "") -> list[ShadowDecision]:
        query = select(ShadowDecision).where(col(ShadowDecision.at) >= since)
        if channel:
            query = query.where(ShadowDecision.channel == channel)
        return list(self._session.exec(query.order_by(col(ShadowDecision.id))))
