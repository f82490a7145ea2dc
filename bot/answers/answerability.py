"""How sure it is that the best section answers the question: a logistic regression.

No single sign tells: a high score may come from one rare word, a large margin from a lone page.
The weights are fitted with `benchmarks/answers.py --fit` on questions with known pages, and kept in
`answerability.json` beside this module.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from importlib import resources

import numpy as np

from bot.answers.postings import SATURATION
from bot.answers.reading import Reading
from bot.answers.search import Hit
from bot.answers.shelf import Shelf
from bot.answers.weighing import idf_of
from bot.answers.words import terms_of
from bot.desk.documents import Band

WEIGHTS_FILE = "answerability.json"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for the best section; every sign is roughly in 0..1."""

    strength: float
    """Score of the section's terms against the most they could reach."""
    coverage: float
    """Share of the asked terms, by idf, that the section holds, if in other words."""
    page_coverage: float
    """Share that the page's sections hold together."""
    heading_coverage: float
    """Share that the title and the heading hold."""
    unknown: float
    """Share of the asked terms that neither a page holds nor the thesaurus knows."""
    likeness: float
    """Of the question to title and heading, letter by letter."""
    runner_up: float
    """Score of the best other page against this one."""
    short: float
    """1 for one asked term, less for more."""
    expanded: float
    """Share of the searched terms that the thesaurus brought in."""
    signposted: float
    """How close the nearest signpost to the section is."""
    foreign: float
    """1 for Japanese and Chinese questions, whose character pairs cover more by chance."""

    def values(self) -> list[float]:
        return [float(getattr(self, sign.name)) for sign in fields(self)]


SIGNS = tuple(sign.name for sign in fields(Evidence))


@dataclass(frozen=True, slots=True)
class Answerability:
    """Weights by sign, and the probabilities from which on to answer and to suggest."""

    weights: Mapping[str, float]
    bias: float
    answer_from: float
    suggest_from: float

    @classmethod
    def shipped(cls) -> Answerability:
        text = (resources.files(__package__) / WEIGHTS_FILE).read_text(encoding="utf-8")
        return cls(**json.loads(text))

    def probability(self, evidence: Evidence) -> float:
        """That the best section answers the question."""
        total = self.bias + sum(
            self.weights[sign] * value for sign, value in zip(SIGNS, evidence.values(), strict=True)
        )
        return 1 / (1 + math.exp(-max(min(total, 30.0), -30.0)))

    def band(self, probability: float) -> Band:
        if probability >= self.answer_from:
            return "answer"
        return "suggest" if probability >= self.suggest_from else "unknown"


def evidence_for(
    reading: Reading,
    searched: Mapping[str, float],
    hits: Sequence[Hit],
    score_alone: float,
    signposted: float = 0.0,
) -> Evidence:
    """The signs for the first hit.

    `searched` are the terms with their weights on its shelf, `score_alone` its BM25F score without
    its page's share, `signposted` how close the nearest signpost to it is.
    """
    best, place = hits[0], hits[0].place
    shelf = best.shelf
    asked = reading.asked_in(shelf.language)
    others = reading.other_words(shelf.language)
    idf = {term: idf_of(shelf, term) for term in asked}
    total = sum(idf.values()) or 1.0
    page = shelf.page_of[best.section]
    first, end = int(shelf.firsts[page]), int(shelf.firsts[page + 1])
    heading = set(terms_of(f"{place.title} {place.heading}", shelf.language))

    def share(told: Callable[[str], bool]) -> float:
        return sum(weight for term, weight in idf.items() if told(term)) / total

    def held(first: int, end: int) -> Callable[[str], bool]:
        return lambda term: (
            _held(shelf, term, first, end)
            or any(_held(shelf, other, first, end) for other in others.get(term, ()))
        )

    reachable = sum(weight * idf_of(shelf, term) for term, weight in searched.items()) or 1.0
    return Evidence(
        strength=score_alone / (reachable * (SATURATION + 1)),
        coverage=share(held(best.section, best.section + 1)),
        page_coverage=share(held(first, end)),
        heading_coverage=share(
            lambda term: term in heading or not heading.isdisjoint(others.get(term, ()))
        ),
        unknown=share(lambda term: shelf.vocabulary.number(term) is None and term not in others),
        likeness=best.likeness,
        runner_up=_runner_up(hits),
        short=1 / max(len(reading.asked), 1),
        expanded=1 - len(asked) / max(len(searched), 1),
        signposted=min(signposted, 1.0),
        foreign=float(reading.language != "en"),
    )


def _held(shelf: Shelf, term: str, first: int, end: int) -> bool:
    number = shelf.vocabulary.number(term)
    if number is None:
        return False
    sections, _ = shelf.postings.row(number)
    at = int(sections.searchsorted(np.int32(first)))
    return at < len(sections) and int(sections[at]) < end


def _runner_up(hits: Sequence[Hit]) -> float:
    best = hits[0]
    others = (hit for hit in hits[1:] if hit.path != best.path)
    other = next(others, None)
    return other.score / best.score if other and best.score else 0.0
