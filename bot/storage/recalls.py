"""Given answers, and what becomes of them when their section changes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from bot.storage.knowledge import PageKey, batches
from bot.storage.tables import AnswerRecall, GivenAnswer

OPEN = ("new", "told")


class Recalls:
    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._now = now

    def answered_pages(self) -> set[PageKey]:
        """Pages from which customers were ever answered."""
        rows = self._session.execute(
            sa.select(col(GivenAnswer.source_language), col(GivenAnswer.path))
            .where(col(GivenAnswer.rests_on).is_not(None), col(GivenAnswer.account_id).is_not(None))
            .distinct()
        )
        return {(language, path) for language, path in rows}

    def answers_from(self, pages: Collection[PageKey]) -> list[GivenAnswer]:
        """Answers that were given from these pages and neither corrected nor recalled just now."""
        settled = sa.select(col(AnswerRecall.answer_id)).where(
            col(AnswerRecall.state).in_([*OPEN, "corrected"])
        )
        found: list[GivenAnswer] = []
        for some in batches({path for _, path in pages}):
            found += self._session.exec(
                select(GivenAnswer)
                .where(
                    col(GivenAnswer.path).in_(some),
                    col(GivenAnswer.rests_on).is_not(None),
                    col(GivenAnswer.account_id).is_not(None),
                    col(GivenAnswer.id).not_in(settled),
                )
                .order_by(col(GivenAnswer.id))
            )
        return [one for one in found if (one.source_language, one.path) in pages]

    def add(self, recall: AnswerRecall) -> None:
        self._session.add(recall)

    def get(self, recall_id: int) -> AnswerRecall | None:
        return self._session.get(AnswerRecall, recall_id)

    def untold(self) -> Sequence[AnswerRecall]:
        """Those staff have not heard of, oldest first."""
        return self._session.exec(
            select(AnswerRecall).where(AnswerRecall.state == "new").order_by(col(AnswerRecall.id))
        ).all()

    def of_notice(self, notice_key: str) -> Sequence[AnswerRecall]:
        """Those that one message to staff is about."""
        return self._session.exec(
            select(AnswerRecall)
            .where(AnswerRecall.notice_key == notice_key)
            .order_by(col(AnswerRecall.id))
        ).all()

    def settle(self, recall: AnswerRecall, state: str, actor_name: str) -> None:
        recall.state = state
        recall.actor_name = actor_name
        recall.done_at = self._now
