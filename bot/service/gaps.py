"""What the documentation lacks, from the questions that were asked and how they were answered."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from bot.answers.gaps import Asked, Gap
from bot.content.rich_text import readable
from bot.desk.figures import OpenQuestion
from bot.desk.meaning import language_of
from bot.storage.unit_of_work import UnitOfWork

MOST_QUESTIONS = 5_000
"""The latest ones: comparing all of them takes seconds then."""
_LONGEST = 200
"""Characters of a question in the report."""


class Grouping(Protocol):
    """`bot.service.serving`."""

    def gaps(self, asked: Iterable[Asked]) -> list[Gap]: ...


def find_gaps(
    uow: UnitOfWork, answers: Grouping, since: datetime, most: int = MOST_QUESTIONS
) -> list[Gap]:
    """Questions without an answer, with suggestions nobody took, or whose answer did not help.

    Only the latest `most` questions are compared.
    """
    return answers.gaps(
        Asked(
            question=" ".join(readable(given.question, {}).split()),
            language=language_of(given.language),
            band=given.band,
            vote=given.vote,
            at=given.at,
        )
        for given in uow.answers_to_improve(since, most)
    )


def open_questions(
    uow: UnitOfWork, answers: Grouping, since: datetime, most: int = MOST_QUESTIONS
) -> list[OpenQuestion]:
    """The same, as the report shows it."""
    return [
        OpenQuestion(gap.question[:_LONGEST], gap.count, gap.nearest)
        for gap in find_gaps(uow, answers, since, most)
    ]
