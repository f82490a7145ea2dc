"""What one page contributes to the index: which term stands how often in which field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count

import numpy as np
import numpy.typing as npt

from bot.answers.links import links_of
from bot.answers.pages import Page, Section
from bot.answers.words import surface_words, terms_of

FIELDS = ("title", "heading", "trail", "summary", "labels", "body")
"""Of a section: its page's title, its own heading, the headings above, its page's summary, tab
labels and plans, its text. A seventh field, what other pages call it in their links, is made when
the index is assembled."""

_MOST_REPEATS = 65_535


@dataclass(frozen=True, slots=True)
class PageCounts:
    """Parallel arrays, one entry for each (section, field, term) that occurs."""

    sections: npt.NDArray[np.uint16]
    """Number of the section within its page."""
    fields: npt.NDArray[np.uint8]
    terms: npt.NDArray[np.int32]
    repeats: npt.NDArray[np.uint16]
    lengths: npt.NDArray[np.int32]
    """Terms in each field; shape (sections of the page, fields)."""


@dataclass(frozen=True, slots=True)
class LinkTerms:
    """A link to another page, and what it calls it."""

    path: str
    anchor: str | None
    terms: tuple[int, ...]


class _Numbers(dict[str, int]):
    """Gives an unknown term the next number; asking through `get` adds nothing."""

    def __missing__(self, term: str) -> int:
        number = self[term] = len(self)
        return number


class Vocabulary:
    """Numbers for terms. Only grows: numbers that pages hold stay valid."""

    def __init__(self, terms: Iterable[str] = ()) -> None:
        self._numbers = _Numbers(zip(terms, count()))

    def __len__(self) -> int:
        return len(self._numbers)

    def __iter__(self) -> Iterator[str]:
        """Terms in the order of their numbers."""
        return iter(self._numbers)

    def number(self, term: str) -> int | None:
        return self._numbers.get(term)

    def numbers(self, terms: Iterable[str]) -> list[int]:
        """Numbers of the terms, new ones added."""
        return list(map(self._numbers.__getitem__, terms))

    def copy(self) -> Vocabulary:
        return Vocabulary(self._numbers)


def count_page(page: Page, vocabulary: Vocabulary) -> PageCounts:
    """Counts of one page; new terms are added to `vocabulary`."""
    title = Counter(terms_of(f"{page.title}\n{page.also_titled}", page.language))
    summary = Counter(terms_of(page.summary, page.language))
    terms: list[int] = []
    repeats: list[int] = []
    distinct: list[int] = []
    lengths: list[int] = []
    for section in page.sections:
        for counted in _field_counts(page, section, title, summary):
            terms += vocabulary.numbers(counted)
            repeats += counted.values()
            distinct.append(len(counted))
            lengths.append(sum(counted.values()))
    shape = (len(page.sections), len(FIELDS))
    section_of, field_of = np.divmod(np.arange(len(distinct)), len(FIELDS))
    return PageCounts(
        sections=np.repeat(section_of, distinct).astype(np.uint16),
        fields=np.repeat(field_of, distinct).astype(np.uint8),
        terms=np.array(terms, dtype=np.int32),
        repeats=np.minimum(np.array(repeats, dtype=np.int64), _MOST_REPEATS).astype(np.uint16),
        lengths=np.array(lengths, dtype=np.int32).reshape(shape),
    )


def link_terms(page: Page, vocabulary: Vocabulary) -> list[LinkTerms]:
    """What the page calls other pages; links within the page say nothing new."""
    found = []
    for section in page.sections:
        for text, path, anchor in links_of(section.markdown):
            if path and path != page.path:
                terms = dict.fromkeys(terms_of(text, page.language))
                found.append(LinkTerms(path, anchor, tuple(vocabulary.numbers(terms))))
    return found


def latin_words(page: Page) -> set[str]:
    """The page's Latin words before stemming: typing errors are mended against them."""
    texts = [page.title, page.summary]
    for section in page.sections:
        texts += (section.heading, section.plain)
    return set(surface_words("\n".join(texts)))


def _field_counts(
    page: Page, section: Section, title: Counter[str], summary: Counter[str]
) -> tuple[Counter[str], ...]:
    """In the order of `FIELDS`."""

    def counted(*texts: str) -> Counter[str]:
        return Counter(terms_of("\n".join(texts), page.language)) if texts else Counter()

    return (
        title,
        counted(section.heading) if section.heading else title,
        counted(*section.heading_path),
        summary,
        counted(*section.tabs, *section.plans, page.tags),
        counted(section.plain),
    )
