"""How customers ask for a page, in whole questions: `knowledge/signposts/<language>.yml`.

The thesaurus says which words stand for which; a signpost says which page a question means though
it hardly shares a word with it. A question close to a signpost raises the page it points to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bot.answers.postings import Floats, Ints
from bot.answers.question_words import QuestionWords
from bot.answers.shelf import Shelf
from bot.answers.words import surface_words, terms_of
from bot.content.problems import ContentError
from bot.content.strict_yaml import Findings, mapping, read_document, words
from bot.desk.meaning import LANGUAGES, Language

BoolArray = npt.NDArray[np.bool_]

FOLDER = "signposts"
LEAST_LIKENESS = 0.25
"""Below this two questions share only the words of the trade."""
SIGNPOST_SHARE = 0.75
"""Of the best score, added where a signpost says exactly what was asked."""
POWER = 1.7
"""A signpost that is only half like the question counts less than half."""
LEAST_SCALE = 0.6
"""Of the score that could be reached, where no section comes near it."""
SECTION_BONUS = 1.25
"""The very section a signpost names, against the rest of its page."""


@dataclass(frozen=True, slots=True)
class Signpost:
    """What customers say when they mean one place in the documentation."""

    path: str
    anchor: str | None
    """None points to the page as a whole."""
    questions: tuple[str, ...]


class Signposts:
    """The signposts of one language, ready to be compared with questions.

    Questions are compared by the cosine of their terms weighted by idf: how rare a term is among
    all signposts, so that what every question says counts for nothing.
    """

    def __init__(
        self,
        language: Language,
        signposts: Iterable[Signpost] = (),
        question_words: QuestionWords | None = None,
    ) -> None:
        cut = question_words or QuestionWords()
        self.places: list[tuple[str, str | None]] = []
        self.latin_words: frozenset[str] = frozenset()
        """Every Latin word written here: known to be no typing error."""
        owners: list[int] = []
        phrases: list[dict[str, None]] = []
        latin: set[str] = set()
        for number, one in enumerate(signposts):
            self.places.append((one.path, one.anchor))
            for question in one.questions:
                latin.update(surface_words(question))
                said = dict.fromkeys(terms_of(cut.core(question, language), language))
                if said:
                    owners.append(number)
                    phrases.append(said)
        self.latin_words = frozenset(latin)
        self._owners: Ints = np.array(owners, dtype=np.int32)
        self._numbers: dict[str, int] = {}
        rows: list[int] = []
        columns: list[int] = []
        for row, terms in enumerate(phrases):
            for term in terms:
                columns.append(self._numbers.setdefault(term, len(self._numbers)))
                rows.append(row)
        self._compile(np.array(rows, np.int32), np.array(columns, np.int32), len(phrases))

    def _compile(self, rows: Ints, columns: Ints, count: int) -> None:
        order = np.argsort(columns, kind="stable")
        held = np.bincount(columns, minlength=len(self._numbers))
        self._starts = np.concatenate([[0], np.cumsum(held)])
        self._rows = rows[order]
        self._idf: Floats = np.log1p((count + 1) / np.maximum(held, 1)).astype(np.float32)
        squares = np.bincount(rows, self._idf[columns] ** 2, minlength=count)
        self._norms: Floats = np.sqrt(np.maximum(squares, 1e-9)).astype(np.float32)
        self._unheld = float(np.log1p(count + 1))
        self._count = count

    def __len__(self) -> int:
        """Number of questions."""
        return self._count

    def likeness(self, asked: Mapping[str, float]) -> dict[int, float]:
        """Number of each place whose nearest question is at all close → how close, 0..1."""
        if not self._count or not asked:
            return {}
        total = np.zeros(self._count, dtype=np.float32)
        square = 0.0
        for term, weight in asked.items():
            number = self._numbers.get(term)
            idf = self._unheld if number is None else float(self._idf[number])
            square += (weight * idf) ** 2
            if number is not None:
                rows = self._rows[self._starts[number] : self._starts[number + 1]]
                total[rows] += np.float32(weight * idf * idf)
        total /= self._norms * np.float32(max(square, 1e-9) ** 0.5)
        near = np.flatnonzero(total >= LEAST_LIKENESS)
        found: dict[int, float] = {}
        for row in near.tolist():
            place = int(self._owners[row])
            found[place] = max(found.get(place, 0.0), float(total[row]))
        return found


class Pointing:
    """Where the signposts of a language point to on one shelf."""

    def __init__(self, signposts: Signposts, shelf: Shelf) -> None:
        self._signposts = signposts
        self._targets: list[tuple[int, int, int]] = []
        for path, anchor in signposts.places:
            page = shelf.page_numbers.get(path)
            if page is None:
                self._targets.append((-1, -1, -1))
                continue
            first, end = int(shelf.firsts[page]), int(shelf.firsts[page + 1])
            section = shelf.find(path, anchor) if anchor else None
            self._targets.append((first, end, -1 if section is None else section))

    def raises(self, asked: Mapping[str, float], sections: int) -> Floats | None:
        """How close a signpost to each section is, 0..1; None when none is close."""
        near = self._signposts.likeness(asked)
        if not near or not sections:
            return None
        raised = np.zeros(sections, dtype=np.float32)
        for place, likeness in near.items():
            first, end, section = self._targets[place]
            if first < 0:
                continue
            np.maximum(raised[first:end], likeness, out=raised[first:end])
            if section >= 0:
                raised[section] = max(raised[section], likeness * SECTION_BONUS)
        return raised


def pointed(
    scores: Floats,
    pointing: Pointing,
    asked: Mapping[str, float],
    articles: BoolArray,
    reachable: float,
) -> Floats:
    """Scores of a shelf's sections, raised by the signposts close to the question.

    `reachable` is what a section that says all of it would score: where the words of a question are
    found nowhere, the signpost still counts. `articles` marks the sections of our own articles: one
    that fits by its words as well as the page a signpost points to is raised along with it, so that
    it still wins the tie.
    """
    raised = pointing.raises(asked, len(scores))
    if raised is None:
        return scores
    own = np.where(articles, scores, np.float32(0))
    best = int(own.argmax())
    if own[best] > 0:
        raised[best] = max(raised[best], raised[scores <= own[best]].max())
    scale = SIGNPOST_SHARE * max(float(scores.max()), LEAST_SCALE * reachable)
    return np.asarray(scores + np.float32(scale) * raised**POWER, np.float32)


def load_signposts(folder: Path) -> dict[Language, tuple[Signpost, ...]]:
    """Reads `<language>.yml` in `folder`, as far as they exist.

    Raises `ContentError` with every mistake, its field and its line.
    """
    found: dict[Language, tuple[Signpost, ...]] = {}
    problems = []
    for language in LANGUAGES:
        file = folder / f"{language}.yml"
        if not file.exists():
            continue
        findings = Findings(file)
        document = read_document(file, findings)
        if document is not None:
            found[language] = tuple(
                Signpost(
                    place.partition("#")[0],
                    place.partition("#")[2] or None,
                    tuple(text for text, _ in words(node, place, findings)),
                )
                for place, node in mapping(document, "", findings, None).items()
            )
        problems += findings.problems
    if problems:
        raise ContentError(problems)
    return found
