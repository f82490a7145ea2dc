"""Questions that were not answered well, similar ones together: what the writers should write next.

Questions are compared by their terms. Across languages it is what the thesaurus has for them in
English, and the page that comes nearest, which has one path in all languages.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.answers.library import Library, Ranking
from bot.desk.meaning import Language

MOST_EXAMPLES = 3
_ALIKE = 0.5
"""Share of common terms (Dice) from which two questions are one."""
_ALIKE_NEAR_ONE_PAGE = 0.25
"""The same, where the same page comes nearest to both."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it was answered."""

    question: str
    language: Language
    band: str
    vote: str
    at: datetime


@dataclass(slots=True)
class Gap:
    """One thing to write or to write better, with the questions that ask for it."""

    question: str
    """The latest one."""
    count: int = 0
    languages: Counter[str] = field(default_factory=Counter)
    bands: Counter[str] = field(default_factory=Counter)
    votes: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)
    nearest: str = ""
    """Title of the page that comes nearest."""
    nearest_path: str = ""
    last: datetime | None = None

    @property
    def kind(self) -> str:
        """missing: nothing was found; wrong: an answer did not help; unclear: only suggestions."""
        if self.votes["no"]:
            return "wrong"
        return "missing" if self.bands["unknown"] >= self.bands["suggest"] else "unclear"

    def to_json(self) -> dict[str, Any]:
        return {
            "question": self.question,
            "count": self.count,
            "kind": self.kind,
            "languages": dict(self.languages.most_common()),
            "bands": dict(self.bands.most_common()),
            "votes": dict(self.votes.most_common()),
            "examples": self.examples,
            "nearest": self.nearest,
            "nearest_path": self.nearest_path,
            "last": self.last.isoformat(timespec="seconds") if self.last else "",
        }

    def take(self, asked: Asked) -> None:
        self.count += 1
        self.languages[asked.language] += 1
        self.bands[asked.band] += 1
        if asked.vote:
            self.votes[asked.vote] += 1
        known = {" ".join(one.casefold().split()) for one in self.examples}
        new = " ".join(asked.question.casefold().split()) not in known
        if new and len(self.examples) < MOST_EXAMPLES:
            self.examples.append(asked.question)
        if self.last is None or asked.at > self.last:
            self.last, self.question = asked.at, asked.question


@dataclass(frozen=True, slots=True)
class _Sense:
    """What a question is about."""

    language: Language
    terms: frozenset[str]
    english: frozenset[str]
    path: str

    def is_like(self, other: _Sense) -> float:
        """0 when they are two things, else how alike they are."""
        if self.language == other.language:
            share = _dice(self.terms, other.terms)
        else:
            share = _dice(self.english, other.english)
        near = bool(self.path) and self.path == other.path
        least = _ALIKE_NEAR_ONE_PAGE if near else _ALIKE
        return share + near if share >= least else 0.0


def grouped(asked: Iterable[Asked], library: Library) -> list[Gap]:
    """The most asked first, then the latest. Small talk is nothing to write about."""
    groups: list[tuple[Gap, list[_Sense]]] = []
    for one in asked:
        ranking = library.rank(one.question, one.language)
        if ranking.reading.small_talk:
            continue
        sense = _sense(ranking)
        best = max(groups, key=lambda group: _likeness(sense, group[1]), default=None)
        if best is None or not _likeness(sense, best[1]):
            best = (Gap(one.question), [])
            groups.append(best)
        gap, senses = best
        gap.take(one)
        if len(senses) < MOST_EXAMPLES:
            senses.append(sense)
        if not gap.nearest_path and ranking.hits:
            gap.nearest, gap.nearest_path = ranking.hits[0].place.title, ranking.hits[0].path
    gaps = [gap for gap, _ in groups]
    return sorted(gaps, key=lambda gap: (-gap.count, -(gap.last.timestamp() if gap.last else 0)))


def _likeness(sense: _Sense, senses: Iterable[_Sense]) -> float:
    return max((sense.is_like(other) for other in senses), default=0.0)


def _sense(ranking: Ranking) -> _Sense:
    reading = ranking.reading
    english = {term for term in reading.asked if term.isascii()}
    english.update(term for one in reading.meant for term in one.english)
    path = ranking.hits[0].path if ranking.hits else ""
    return _Sense(reading.language, frozenset(reading.asked), frozenset(english), path)


def _dice(one: frozenset[str], other: frozenset[str]) -> float:
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0
