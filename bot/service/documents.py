"""Answers from the documentation in a thread: the three bands, votes, and a request instead."""

from __future__ import annotations

from dataclasses import replace

from bot.content.rich_text import readable
from bot.desk.documents import DocumentAnswer, SectionPlace
from bot.desk.meaning import Language, language_of
from bot.service.house import House
from bot.service.posting import Posting
from bot.service.speech import names_in, rich
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

    def answer_if_sure(self, question: str) -> bool:
        """Owe the answer if the documentation surely has one; else nothing is owed or noted."""
        found = self._house.answers.ask(question, self._language)
        if found.band != "answer":
            return False
        self._owe("answer", found, self._remember(question, found))
        return True

    def answer(self, question: str, subject: str = "") -> DocumentAnswer:
        """Owe the answer, the suggestions or the "I don't know"."""
        found = self._house.answers.ask(question, self._language, subject or None)
        given = self._remember(question, found)
        template = {"answer": "answer", "suggest": "suggest", "unknown": "unknown"}[found.band]
        self._owe(template, found, given)
        return found

    def answer_meanwhile(self, words: str) -> None:
        """Owe an answer that is sure, beside a request; nothing else, and it is no gap."""
        found = self._house.answers.ask(words, self._language)
        if found.band == "answer":
            self._owe("meanwhile", found, self._remember(words, found))

    def show_choice(self, given: GivenAnswer, position: int) -> None:
        """Owe the section behind one of the suggestions that were offered."""
        choices = given.choices or []
        found = DocumentAnswer("unknown", 0.0, self._language)
        if position < len(choices):
            language, path, anchor = choices[position]
            place = SectionPlace(language_of(language), path, anchor or None)
            found = self._house.answers.answer_from(place, given.question, self._language)
        template = "answer" if found.band == "answer" else "unknown"
        self._owe(template, found, self._remember(given.question, found))

    def correct(self, given: GivenAnswer, found: DocumentAnswer, note: str, zone: str) -> None:
        """Owe the correction of an earlier answer: what the documentation says by now."""
        question = readable(given.question, names_in(self._uow, self._house, given.question))
        self._owe(
            "correction",
            found,
            self._remember(given.question, found),
            question=question,
            note=rich(self._uow, self._house, note) if note else [],
            given_at=given.at,
            zone=zone,
        )

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

    def _owe(
        self, template: str, found: DocumentAnswer, given: GivenAnswer, **values: object
    ) -> None:
        rendered = self._house.content.templates.message(
            template,
            self._language,
            found=_worth_showing(found),
            answer_id=str(given.id),
            foreign=any(source.language != self._language for source in found.sources[:1]),
            **values,
        )
        given.posted_key = self._posting.message(
            self._channel,
            rendered,
            thread=self._thread,
            account_id=self._account.id if self._account else None,
        )

    def _remember(self, question: str, found: DocumentAnswer) -> GivenAnswer:
        first = found.sources[0] if found.sources else None
        choices = [[one.language, one.path, one.anchor or ""] for one in found.sources]
        given = GivenAnswer(
            account_id=self._account.id if self._account else None,
            channel=self._channel,
            thread_ts=self._thread,
            band=found.band,
            question=question,
            language=self._language,
            path=first.path if first else "",
            anchor=(first.anchor or "") if first else "",
            content_hash=first.content_hash if first else "",
            source_language=first.language if first else "",
            rests_on=[list(pair) for pair in found.rests_on] or None,
            choices=choices if found.band == "suggest" else None,
            at=self._uow.now,
        )
        self._uow.add_answer(given)
        return given


def _worth_showing(found: DocumentAnswer) -> DocumentAnswer:
    """Under an answer only sources that come near the first one; suggestions stay as they are."""
    if found.band != "answer" or not found.sources:
        return found
    least = found.sources[0].score * _NEAR_THE_FIRST
    near = tuple(source for source in found.sources if source.score >= least)
    return replace(found, sources=near)
