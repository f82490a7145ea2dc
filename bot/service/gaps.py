"""What the documentation lacks, from the questions that were asked and how they were answered."""

from __future__ import annotations

from datetime import datetime

from bot.answers.gaps import Asked, Gap, grouped
from bot.answers.library import Library
from bot.content.rich_text import readable
from bot.desk.meaning import language_of
from bot.storage.unit_of_work import UnitOfWork

MOST_QUESTIONS = 5_000
"""The latest ones: comparing all of them takes seconds then."""


def find_gaps(uow: UnitOfWork, library: Library, since: datetime) -> list[Gap]:
    """Questions without an answer, with suggestions nobody took, or whose answer did not help."""
    asked = [
        Asked(
            question=" ".join(readable(given.question, {}).split()),
            language=language_of(given.language),
            band=given.band,
            vote=given.vote,
            at=given.at,
        )
        for given in uow.answers_to_improve(since, MOST_QUESTIONS)
    ]
    return grouped(asked, library)
