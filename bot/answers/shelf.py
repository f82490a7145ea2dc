"""All pages of one language, searchable.

A shelf never changes: `replaced` gives a new one that shares what stayed the same, so that a
question in flight sees either the old pages or the new ones.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from bot.answers.counts import (
    LinkTerms,
    PageCounts,
    Vocabulary,
    count_page,
    latin_words,
    link_terms,
)
from bot.answers.page_kinds import page_weight, plans_of_path
from bot.answers.pages import Page, Section
from bot.answers.postings import Floats, Ints, LinkCounts, Postings, assemble
from bot.desk.meaning import Language

Text = bytes | memoryview


@dataclass(frozen=True, slots=True)
class ShelvedPage:
    """A page as the shelf keeps it: what every search needs as values, the rest as JSON text."""

    path: str
    content_hash: str
    article: bool
    head: Text
    """JSON of title, summary, url and top anchor."""
    links: Text
    """JSON of the links to other pages with the terms that name them."""
    sections: tuple[Text, ...]
    """JSON of each section."""
    counts: PageCounts


@dataclass(frozen=True, slots=True)
class Place:
    """What a section is called; cheap to have for every candidate."""

    title: str
    heading: str
    anchor: str | None
    plans: tuple[str, ...]
    """Plans of the section, else of its page."""
    content_hash: str


class Shelf:
    """Pages, their vocabulary and their postings. Sections are numbered through all pages."""

    def __init__(
        self,
        language: Language,
        pages: Sequence[ShelvedPage],
        places: Sequence[str],
        vocabulary: Vocabulary,
        words: dict[str, int],
        postings: Postings | None = None,
    ) -> None:
        self.language = language
        self.pages = tuple(pages)
        self.places = tuple(places)
        """One line a section: title, heading, plans, hash, anchor, separated by tabs."""
        self.vocabulary = vocabulary
        self.words = words
        """Latin words before stemming → pages that hold them; never shrinks."""
        counts = [len(page.sections) for page in self.pages]
        self.firsts: Ints = np.cumsum([0, *counts]).astype(np.int32)
        """First section of each page, and the number of sections at the end."""
        self.page_of: Ints = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
        self.postings = postings or assemble(
            [page.counts for page in self.pages], self._link_counts(), len(vocabulary)
        )

    @classmethod
    def of(cls, language: Language, pages: Iterable[Page]) -> Shelf:
        return cls(language, (), (), Vocabulary(), {}).replaced(pages, ())

    def replaced(self, changed: Iterable[Page], removed: Collection[str]) -> Shelf:
        """The shelf with changed and new pages in, and without the removed paths."""
        vocabulary, words = self.vocabulary.copy(), dict(self.words)
        new = {page.path: page for page in changed}
        pages: list[ShelvedPage] = []
        places: list[str] = []
        for number, old in enumerate(self.pages):
            if old.path not in new and old.path not in removed:
                pages.append(old)
                places.extend(self.places[self.firsts[number] : self.firsts[number + 1]])
        for page in new.values():
            pages.append(_shelved(page, vocabulary))
            places.extend(_place(page, section) for section in page.sections)
            if page.language == "en" or page.article:  # translations keep the names they hold
                for word in latin_words(page):
                    words[word] = words.get(word, 0) + 1
        return Shelf(self.language, pages, places, vocabulary, words)

    @cached_property
    def page_numbers(self) -> dict[str, int]:
        return {page.path: number for number, page in enumerate(self.pages)}

    @cached_property
    def term_names(self) -> list[str]:
        """Terms by number."""
        return list(self.vocabulary)

    @cached_property
    def labels(self) -> list[str]:
        """Title and heading of each section, to be compared with a question."""
        return [place.rsplit("\t", 3)[0].replace("\t", " ").lower() for place in self.places]

    @cached_property
    def weights(self) -> Floats:
        """Weight of each section by the kind of its page."""
        weights = [page_weight(page.path, page.article) for page in self.pages]
        return np.array(weights, dtype=np.float32)[self.page_of]

    @cached_property
    def articles(self) -> npt.NDArray[np.bool_]:
        """Whether each section is of an article of our own."""
        return np.array([page.article for page in self.pages], dtype=np.bool_)[self.page_of]

    def __len__(self) -> int:
        return len(self.page_of)

    def place(self, section: int) -> Place:
        title, heading, plans, content_hash, anchor = self.places[section].split("\t")
        return Place(title, heading, anchor or None, tuple(plans.split()), content_hash)

    def page_at(self, section: int) -> ShelvedPage:
        return self.pages[int(self.page_of[section])]

    def section(self, number: int) -> Section:
        """The whole section, decoded."""
        page = self.page_at(number)
        record = json.loads(bytes(page.sections[number - self.firsts[self.page_of[number]]]))
        for name in ("heading_path", "plans", "tabs"):
            record[name] = tuple(record[name])
        return Section(**record, plain="")

    def head(self, page: int) -> dict[str, str]:
        """Title, summary and url of a page, decoded."""
        record = json.loads(bytes(self.pages[page].head))
        return {name: record[name] or "" for name in ("title", "summary", "url", "top_anchor")}

    def find(self, path: str, anchor: str | None) -> int | None:
        """Number of the section that a link names; None when the page has no such anchor."""
        number = self.page_numbers.get(path)
        if number is None:
            return None
        first = int(self.firsts[number])
        if anchor is None or anchor == self.head(number)["top_anchor"]:
            return first
        for section in range(first, int(self.firsts[number + 1])):
            if self.places[section].endswith(f"\t{anchor}"):
                return section
        return None

    def _link_counts(self) -> LinkCounts:
        """Terms by which links from other pages call each section."""
        by_anchor = {
            (page.path, anchor or None): number
            for number, (place, page) in enumerate(self._places_with_pages())
            for anchor in [place.rpartition("\t")[2]]
        }
        counted: Counter[tuple[int, int]] = Counter()
        for page in self.pages:
            for link in links_in(page):
                target = by_anchor.get((link.path, link.anchor))
                if target is None:
                    target = by_anchor.get((link.path, None))
                if target is not None:
                    counted.update((term, target) for term in link.terms)
        places = np.array(list(counted), dtype=np.int32).reshape(-1, 2)
        numbers = np.array(list(counted.values()), dtype=np.int32)
        return LinkCounts(places[:, 0], places[:, 1], numbers)

    def _places_with_pages(self) -> Iterable[tuple[str, ShelvedPage]]:
        return zip(self.places, (self.pages[number] for number in self.page_of), strict=True)


def links_in(page: ShelvedPage) -> list[LinkTerms]:
    """The links that a shelved page holds, decoded."""
    return [
        LinkTerms(path, anchor, tuple(terms))
        for path, anchor, terms in json.loads(bytes(page.links))
    ]


def _shelved(page: Page, vocabulary: Vocabulary) -> ShelvedPage:
    counts = count_page(page, vocabulary)
    links = [[one.path, one.anchor, one.terms] for one in link_terms(page, vocabulary)]
    head = {
        "title": page.title,
        "summary": page.summary,
        "url": page.url,
        "top_anchor": page.top_anchor,
    }
    sections = tuple(_section_text(section) for section in page.sections)
    return ShelvedPage(
        page.path, page.content_hash, page.article, _json(head), _json(links), sections, counts
    )


def _section_text(section: Section) -> bytes:
    return _json(
        {
            "anchor": section.anchor,
            "heading": section.heading,
            "heading_path": section.heading_path,
            "level": section.level,
            "markdown": section.markdown,
            "plans": section.plans,
            "tabs": section.tabs,
            "content_hash": section.content_hash,
        }
    )


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _place(page: Page, section: Section) -> str:
    plans = " ".join(section.plans or plans_of_path(page.path))
    parts = (page.title, section.heading, plans, section.content_hash, section.anchor or "")
    return "\t".join(" ".join(part.split()) for part in parts)
