"""Everything searchable: a shelf for each language, and the tables between them.

An index never changes. `replaced` gives a new one, so swapping one reference swaps all pages.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from mmap import mmap

import numpy as np

from bot.answers.bridge import Bridge, counterparts, mined
from bot.answers.index_file import read_index, written_index
from bot.answers.pages import Page
from bot.answers.postings import Ints
from bot.answers.shelf import Shelf
from bot.desk.meaning import LANGUAGES, Language

PageKey = tuple[Language, str]


@dataclass(frozen=True, slots=True)
class Crossing:
    """The way from Japanese or Chinese to English."""

    bridge: Bridge
    same: Ints
    """For each section its English counterpart, -1 for none."""
    only_english: Ints
    """Sections of English pages without a translation."""


class Index:
    """Pages of all languages, ready to be asked."""

    def __init__(
        self, shelves: Mapping[Language, Shelf], crossings: Mapping[Language, Crossing]
    ) -> None:
        self.shelves = dict(shelves)
        self.crossings = dict(crossings)

    @classmethod
    def build(cls, pages: Iterable[Page]) -> Index:
        """The index of all pages. A page given twice counts once, as given last."""
        empty = cls({language: Shelf.of(language, ()) for language in LANGUAGES}, {})
        return empty.replaced(pages, mine=True)

    def replaced(
        self, changed: Iterable[Page], removed: Collection[PageKey] = (), *, mine: bool = False
    ) -> Index:
        """The index with changed and new pages in and the removed ones out.

        Only the changed pages are read. The term tables are mined anew when `mine` is set, and
        kept otherwise: a few pages do not change what words mean.
        """
        by_language: dict[Language, list[Page]] = {language: [] for language in LANGUAGES}
        for page in changed:
            by_language[page.language].append(page)
        shelves = dict(self.shelves)
        for language in LANGUAGES:
            gone = {path for where, path in removed if where == language}
            if by_language[language] or gone:
                shelves[language] = self.shelves[language].replaced(by_language[language], gone)
        return Index(shelves, self._crossings(shelves, mine))

    def _crossings(self, shelves: Mapping[Language, Shelf], mine: bool) -> dict[Language, Crossing]:
        english = shelves["en"]
        crossings: dict[Language, Crossing] = {}
        for language in LANGUAGES:
            shelf, old = shelves[language], self.crossings.get(language)
            if language == "en":
                continue
            unchanged = shelf is self.shelves[language] and english is self.shelves["en"]
            if old is not None and unchanged and not mine:
                crossings[language] = old
                continue
            bridge = mined(shelf, english) if mine or old is None else old.bridge
            crossings[language] = crossing(shelf, english, bridge)
        return crossings

    def page_hashes(self) -> dict[PageKey, str]:
        """What is indexed, to find out what has changed since."""
        return {
            (language, page.path): page.content_hash
            for language, shelf in self.shelves.items()
            for page in shelf.pages
        }

    def find_section(self, path: str, anchor: str | None, language: Language) -> int | None:
        """Number of the section on the language's shelf that a link names.

        Translated pages are linked by English anchors: where a page has no such anchor, the
        section in the place of the English one is meant.
        """
        number = self.shelves[language].find(path, anchor)
        if number is None and language in self.crossings:
            there = self.shelves["en"].find(path, anchor)
            if there is not None:
                here = np.flatnonzero(self.crossings[language].same == there).tolist()
                number = here[0] if here else None
        return number

    def __len__(self) -> int:
        """Number of sections."""
        return sum(len(shelf) for shelf in self.shelves.values())

    def to_bytes(self) -> bytes:
        bridges = {language: one.bridge for language, one in self.crossings.items()}
        return written_index(self.shelves, bridges)

    @classmethod
    def from_bytes(cls, block: bytes | mmap) -> Index:
        """Raises `UnreadableIndex` when the bytes are of another version or damaged."""
        shelves, bridges = read_index(block)
        crossings = {
            language: crossing(shelves[language], shelves["en"], bridge)
            for language, bridge in bridges.items()
        }
        return cls(shelves, crossings)


def crossing(shelf: Shelf, english: Shelf, bridge: Bridge) -> Crossing:
    """The way from a shelf to the English one."""
    alone = [
        np.arange(english.firsts[number], english.firsts[number + 1], dtype=np.int32)
        for number, page in enumerate(english.pages)
        if page.path not in shelf.page_numbers
    ]
    only_english = np.concatenate(alone) if alone else np.zeros(0, np.int32)
    return Crossing(bridge, counterparts(shelf, english), only_english)
