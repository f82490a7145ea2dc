"""A question as weighted search terms."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.answers.dialect import PLANS
from bot.answers.question_words import QuestionWords
from bot.answers.thesaurus import Expansion, Thesaurus
from bot.answers.typos import Spelling
from bot.answers.words import language_of, surface_words, terms_of
from bot.desk.meaning import Language

EXPANSION_WEIGHT = 1.2
"""Of a thesaurus entry as a whole, shared among its terms by the square root of their number."""
SUBJECT_WEIGHT = 0.6
"""Of the earlier question in a follow-up, against 1 for what is asked now."""

_LONGEST = 2_000
"""Characters read of a question; more is a pasted log, whose beginning tells enough."""

_PLAN_WORDS = {**{plan: plan for plan in PLANS}, "serverless": "starter"}


@dataclass(frozen=True, slots=True)
class Reading:
    """What is searched for."""

    language: Language
    core: str
    """The question without asking words, typing errors mended."""
    asked: tuple[str, ...]
    """Terms of the core, each once."""
    terms: dict[str, float]
    """Terms and weights for pages in the question's language."""
    english: dict[str, float]
    """The same for English pages; equal to `terms` when the question is English."""
    meant: dict[str, tuple[str, ...]]
    """Asked terms that the thesaurus knows → the terms it has for them, own language and English."""
    plans: tuple[str, ...]
    """Plans the question names."""
    small_talk: bool


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
        earlier = self._read(subject, reading.language)
        dropped = set(PLANS) if reading.plans else set()
        return Reading(
            language=reading.language,
            core=f"{earlier.core} {reading.core}",
            asked=tuple(dict.fromkeys((*reading.asked, *_without(earlier.asked, dropped)))),
            terms=_joined(reading.terms, earlier.terms, dropped),
            english=_joined(reading.english, earlier.english, dropped),
            meant={**earlier.meant, **reading.meant},
            plans=reading.plans or earlier.plans,
            small_talk=False,
        )

    def _read(self, question: str, hint: Language | None) -> Reading:
        question = question[:_LONGEST]
        language = language_of(question, hint)
        question = self.spelling.mended(question)
        core = self.question_words.core(question, language)
        asked = tuple(dict.fromkeys(terms_of(core, language)))
        if not asked:
            asked = tuple(dict.fromkeys(terms_of(question, language)))
        said = self.thesaurus.expansions(question, language)
        terms = _weighted(asked, (one.mean for one in said))
        english = terms
        if language != "en":
            latin = tuple(term for term in asked if term.isascii())
            english = _weighted(latin, (_english_of(one) for one in said))
        return Reading(
            language=language,
            core=core,
            asked=asked,
            terms=terms,
            english=english,
            meant=_meant(said, language),
            plans=plans_named(question),
            small_talk=self.question_words.is_small_talk(question, language),
        )


def plans_named(question: str) -> tuple[str, ...]:
    """Plans in the order named, by today's names."""
    words = (_PLAN_WORDS.get(word) for word in surface_words(question))
    return tuple(dict.fromkeys(word for word in words if word))


def _english_of(expansion: Expansion) -> tuple[str, ...]:
    return expansion.english or tuple(term for term in expansion.mean if term.isascii())


def _meant(said: Iterable[Expansion], language: Language) -> dict[str, tuple[str, ...]]:
    meant: dict[str, tuple[str, ...]] = {}
    for expansion in said:
        for text in expansion.said:
            for term in terms_of(text, language):
                meant[term] = meant.get(term, ()) + expansion.mean + expansion.english
    return meant


def _weighted(asked: Iterable[str], meant: Iterable[tuple[str, ...]]) -> dict[str, float]:
    """Asked terms weigh 1; the terms of an expansion share its weight, each term counted once."""
    terms = dict.fromkeys(asked, 1.0)
    for expansion in meant:
        new = [term for term in expansion if term not in terms]
        terms.update(dict.fromkeys(new, EXPANSION_WEIGHT / max(len(new), 1) ** 0.5))
    return terms


def _joined(now: dict[str, float], before: dict[str, float], dropped: set[str]) -> dict[str, float]:
    joined = {
        term: SUBJECT_WEIGHT * weight for term, weight in before.items() if term not in dropped
    }
    for term, weight in now.items():
        joined[term] = max(weight, joined.get(term, 0.0))
    return joined


def _without(terms: Iterable[str], dropped: set[str]) -> Iterable[str]:
    return (term for term in terms if term not in dropped)
