"""Answers from the documentation in a thread: the three bands, votes, and a request instead."""

from __future__ import annotations

from dataclasses import replace

from bot.desk.documents import DocumentAnswer
from bot.desk.meaning import Language
from bot.service.house import House
from bot.service.posting import Posting
from bot.storage.accounts import LinkedAccount
from bot.storage.tables import GivenAnswer
from bot.storage.unit_of_work import UnitOfWork

_NEAR_THE_FIRST = 0.7
"""Share of the first source's score below which a further source only distracts."""


class Documents:
    """Answers one place's questions within one transaction."""

    def __init__(
        self,
        uow: UnitOfWork,
        house: House,
        posting: Posting,
        *,
        channel: str,
        thread: str,
        account: LinkedAccount | None,
        language: Language,
    ) -> None:
        self._uow = uow
        self._house = house
        self._posting = posting
        self._channel = channel
        self._thread = thread
        self._account = account
        self._language = language

    def answer(self, question: str, subject: str = "") -> DocumentAnswer:
        """Owe the answer, the suggestions or the "I don't know"."""
        found = self._house.answers.ask(question, self._language, subject or None)
        given = self._remember(question, found)
        template = {"answer": "answer", "suggest": "suggest", "unknown": "unknown"}[found.band]
        self._owe(template, found, given)
        return found

    def show_source(self, question: str, position: int) -> None:
        """Owe the section behind one of the suggestions that were offered."""
        found = self._house.answers.choose(question, position, self._language)
        template = "answer" if found.band == "answer" else "unknown"
        self._owe(template, found, self._remember(question, found))

    def offer_instead(self, question: str) -> None:
        """A plan without technical requests: what the documents say, community, upgrade, person."""
        found = self._house.answers.ask(question, self._language)
        given = self._remember(question, found)
        plans = self._house.content.plans
        rank = plans.plan(self._account.plan).rank if self._account else 0
        offers = [
            (plan.names[self._language], plan.targets["S1"])
            for plan in plans.plans
            if plan.rank > rank and plan.technical and "S1" in plan.targets
        ]
        self._owe("instead_of_technical", found, given, offers=offers)

    def _owe(self, template: str, found: DocumentAnswer, given: int, **values: object) -> None:
        rendered = self._house.content.templates.message(
            template,
            self._language,
            found=_worth_showing(found),
            answer_id=str(given),
            foreign=any(source.language != self._language for source in found.sources[:1]),
            **values,
        )
        self._posting.message(
            self._channel,
            rendered,
            thread=self._thread,
            account_id=self._account.id if self._account else None,
        )

    def _remember(self, question: str, found: DocumentAnswer) -> int:
        first = found.sources[0] if found.sources else None
        return self._uow.add_answer(
            GivenAnswer(
                account_id=self._account.id if self._account else None,
                channel=self._channel,
                thread_ts=self._thread,
                band=found.band,
                question=question,
                language=self._language,
                path=first.path if first else "",
                anchor=(first.anchor or "") if first else "",
                content_hash=first.content_hash if first else "",
                at=self._uow.now,
            )
        )


def _worth_showing(found: DocumentAnswer) -> DocumentAnswer:
    """Under an answer only sources that come near the first one; suggestions stay as they are."""
    if found.band != "answer" or not found.sources:
        return found
    least = found.sources[0].score * _NEAR_THE_FIRST
    near = tuple(source for source in found.sources if source.score >= least)
    return replace(found, sources=near)
