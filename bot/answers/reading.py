"""What a question asks for: its own terms, and what the thesaurus has for them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.answers.dialect import PLANS
from bot.answers.question_words import QuestionWords
from bot.answers.thesaurus import Expansion, Thesaurus
from bot.answers.typos import Spelling
from bot.answers.words import language_of, surface_words, terms_of
from bot.desk.meaning import Language

SUBJECT_WEIGHT = 0.6
"""Of the earlier question in a follow-up, against 1 for what is asked now."""

_LONGEST = 2_000
"""Characters read of a question; more is a pasted log, whose beginning tells enough."""

_PLAN_WORDS = {**{plan: plan for plan in PLANS}, "serverless": "starter"}


@dataclass(frozen=True, slots=True)
class Meant:
    """Terms of the documentation that stand for terms of the question."""

    said: tuple[str, ...]
    terms: tuple[str, ...]
    """In the question's language."""
    english: tuple[str, ...]
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What is searched for."""

    language: Language
    core: str
    """The question without asking words, typing errors mended."""
    asked: dict[str, float]
    """Terms of the core and their weights, in their order."""
    meant: tuple[Meant, ...]
    plans: tuple[str, ...]
    """Plans the question names."""
    small_talk: bool

    def asked_in(self, language: Language) -> dict[str, float]:
        """The asked terms that pages in `language` can hold: names stay Latin everywhere."""
        if language == self.language:
            return self.asked
        return {term: weight for term, weight in self.asked.items() if term.isascii()}

    def other_words(self, language: Language) -> dict[str, tuple[str, ...]]:
        """Asked terms that the thesaurus knows → its terms for them on pages in `language`."""
        found: dict[str, tuple[str, ...]] = {}
        for one in self.meant:
            terms = one.terms if language == self.language else one.english
            for said in one.said:
                found[said] = found.get(said, ()) + terms
        return found


@dataclass(frozen=True, slots=True)
class Reader:
    """Turns questions into readings."""

    question_words: QuestionWords
    thesaurus: Thesaurus
    spelling: Spelling

    def read(
        self, question: str, language: Language | None = None, subject: str | None = None
    ) -> Reading:
        """`language` decides only what the script leaves open; `subject` is an earlier question."""
        reading = self._read(question, language)
        if not subject or reading.small_talk:
            return reading
        return _following(reading, self._read(subject, reading.language))

    def _read(self, question: str, hint: Language | None) -> Reading:
        question = question[:_LONGEST]
        language = language_of(question, hint)
        question = self.spelling.mended(question)
        core = self.question_words.core(question, language)
        asked = terms_of(core, language) or terms_of(question, language)
        said = self.thesaurus.expansions(question, language)
        return Reading(
            language=language,
            core=core,
            asked=dict.fromkeys(asked, 1.0),
            meant=tuple(_meant(one, language) for one in said),
            plans=plans_named(question),
            small_talk=self.question_words.is_small_talk(question, language),
        )


def plans_named(question: str) -> tuple[str, ...]:
    """Plans in the order named, by today's names."""
    words = (_PLAN_WORDS.get(word) for word in surface_words(question))
    return tuple(dict.fromkeys(word for word in words if word))


def _meant(expansion: Expansion, language: Language) -> Meant:
    said = (term for text in expansion.said for term in terms_of(text, language))
    english = expansion.mean if language == "en" else expansion.english
    names = tuple(term for term in expansion.mean if term.isascii())
    return Meant(tuple(said), expansion.mean, english or names)


def _following(now: Reading, earlier: Reading) -> Reading:
    """What is asked now, about the subject of the earlier question; a plan named now replaces."""
    dropped = set(PLANS) if now.plans else set()
    kept = ((term, weight) for term, weight in earlier.asked.items() if term not in dropped)
    asked = dict(now.asked)
    for term, weight in kept:
        asked.setdefault(term, SUBJECT_WEIGHT * weight)
    return Reading(
        language=now.language,
        core=f"{earlier.core} {now.core}",
        asked=asked,
        meant=(*now.meant, *_weaker(earlier.meant)),
        plans=now.plans or earlier.plans,
        small_talk=False,
    )


def _weaker(meant: Iterable[Meant]) -> Iterable[Meant]:
    return (replace(one, weight=SUBJECT_WEIGHT * one.weight) for one in meant)
