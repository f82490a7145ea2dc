"""From search terms to the sections that fit best.

A section counts for itself and for its page; pages of a likelier kind count more; the best forty
are compared with the question letter by letter by their titles and headings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz, process

from bot.answers.postings import Floats, Ints
from bot.answers.shelf import Place, Shelf

PAGE_SHARE = 0.6
"""Of the page's best section, added to each of its sections."""
TITLE_SHARE = 0.15
"""Of the best score, added for a title and heading that repeat the question."""
ENGLISH_SHARE = 0.4
"""Of the English counterpart's standing, added to a Japanese or Chinese section."""
COMPARED = 40
KEPT = 20
ASKED_PLAN, OTHER_PLAN = 1.1, 0.8
"""Factors for sections of the plan that the question names, and of other plans only."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A section that fits."""

    shelf: Shelf
    section: int
    score: float
    likeness: float
    """Of the question and the section's title and heading, 0..1."""

    @property
    def place(self) -> Place:
        return self.shelf.place(self.section)

    @property
    def path(self) -> str:
        return self.shelf.page_at(self.section).path


def section_scores(shelf: Shelf, terms: Mapping[str, float]) -> Floats:
    """BM25F of every section, without regard to its page."""
    sections: list[Ints] = []
    worths: list[Floats] = []
    for term, weight in terms.items():
        number = shelf.vocabulary.number(term)
        if number is not None:
            held_by, worth = shelf.postings.row(number)
            sections.append(held_by)
            worths.append(worth * (shelf.postings.idf[number] * np.float32(weight)))
    if not sections:
        return np.zeros(len(shelf), dtype=np.float32)
    added = np.bincount(np.concatenate(sections), np.concatenate(worths), minlength=len(shelf))
    return added.astype(np.float32)


def with_page(shelf: Shelf, scores: Floats) -> Floats:
    """Scores that count the page and its kind as well."""
    if not len(scores):
        return scores
    best_of_page = np.maximum.reduceat(scores, shelf.firsts[:-1])
    raised = scores + np.float32(PAGE_SHARE) * best_of_page[shelf.page_of]
    return np.asarray(raised * shelf.weights, dtype=np.float32)


def backed_by_english(scores: Floats, english: Floats, same: Ints) -> Floats:
    """Scores raised where the English counterpart of the section fits as well."""
    best, best_english = _highest(scores), _highest(english)
    if not best or not best_english:
        return scores
    standing = np.where(same >= 0, english[same], np.float32(0)) / best_english
    return np.asarray(scores + np.float32(ENGLISH_SHARE) * best * standing, dtype=np.float32)


def best_hits(
    shelf: Shelf,
    scores: Floats,
    question: str,
    plans: Sequence[str] = (),
    among: Ints | None = None,
) -> list[Hit]:
    """The best sections in order, compared by their titles; only those `among`, if given."""
    if among is not None:
        kept = np.zeros_like(scores)
        kept[among] = scores[among]
        scores = kept
    highest = _highest(scores)
    if not highest:
        return []
    count = min(COMPARED, len(scores))
    top = np.argpartition(-scores, count - 1)[:count]
    top = np.sort(top[scores[top] > 0])
    labels = [shelf.labels[section] for section in top.tolist()]
    likeness = process.cdist([question.lower()], labels, scorer=fuzz.token_set_ratio)[0] / 100
    compared = scores[top] + np.float32(TITLE_SHARE * highest) * likeness
    if plans:
        compared *= [_plan_factor(shelf.place(section).plans, plans) for section in top.tolist()]
    best = np.argsort(-compared, kind="stable")[:KEPT]
    return [
        Hit(shelf, int(top[at]), float(compared[at]), float(likeness[at])) for at in best.tolist()
    ]


def _plan_factor(section: Sequence[str], asked: Sequence[str]) -> float:
    if not section:
        return 1.0
    return ASKED_PLAN if set(section) & set(asked) else OTHER_PLAN


def _highest(scores: Floats) -> float:
    return float(scores.max()) if len(scores) else 0.0
