"""The library that answers: our own articles and the version of the pages that the database names.

Every process looks for a newer version now and then, brings its index there beside the one that
answers, and swaps. A question in flight is answered from the version it began with.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from pathlib import Path

from bot.answers.digests import fingerprint
from bot.answers.document_index import DocumentIndexes
from bot.answers.gaps import Asked, Gap, grouped
from bot.answers.index import Index, PageKey
from bot.answers.library import Library
from bot.answers.pages import Page
from bot.desk.documents import DocumentAnswer, SectionPlace, Source
from bot.desk.meaning import Language
from bot.service.stored_pages import entries_of, page_of
from bot.storage.database import Database
from bot.storage.unit_of_work import UnitOfWork, look

log = logging.getLogger(__name__)

_TRIES = 3
"""While we read a version, two newer ones may be published and ours be dropped: then once more."""


class VersionMovedOn(Exception):
    """The pages of a version were dropped while they were read."""


class ServedLibrary:
    """Answers as a `Library` does. `refresh` swaps in the newest version; any thread may ask."""

    def __init__(
        self, database: Database, folder: Path, cache: Path | None, clock: Callable[[], datetime]
    ) -> None:
        """`folder` is `knowledge/`. Raises `ContentError` with every mistake in it."""
        self._database = database
        self._folder = folder
        self._cache = cache
        self._clock = clock
        self._indexes = DocumentIndexes(folder, cache)
        self._library: Library | None = None
        self._version = 0
        self.refresh()

    @property
    def version(self) -> int:
        """Of the imported pages; 0 while nothing was ever imported."""
        return self._version

    @property
    def library(self) -> Library:
        assert self._library is not None
        return self._library

    def refresh(self) -> bool:
        """Whether a newer version was swapped in. Cheap while there is none: one small query."""
        with look(self._database, self._clock()) as uow:
            newest = uow.knowledge.newest_number()
        if self._library is not None and newest == self._version:
            return False
        started = time.perf_counter()
        level = logging.INFO if self._library else logging.DEBUG  # a start is no news
        self._version, self._library, to_keep = self._brought_up()
        milliseconds = (time.perf_counter() - started) * 1000
        if to_keep:  # after the swap: nobody waits for the disk
            self._indexes.keep(to_keep, self._library.index)
        log.log(level, "serving documents version=%s ms=%.0f", self._version, milliseconds)
        return True

    def ask(
        self, question: str, language: Language | None = None, subject: str | None = None
    ) -> DocumentAnswer:
        return self.library.ask(question, language, subject)

    def answer_from(
        self, place: SectionPlace, question: str, language: Language | None = None
    ) -> DocumentAnswer:
        return self.library.answer_from(place, question, language)

    def sources_for(self, question: str, language: Language | None = None) -> tuple[Source, ...]:
        return self.library.sources_for(question, language)

    def gaps(self, asked: Iterable[Asked]) -> list[Gap]:
        return grouped(asked, self.library)

    def _brought_up(self) -> tuple[int, Library, str]:
        """Version, library, and the fingerprint to keep its index under where it is not kept."""
        for _ in range(_TRIES):
            with look(self._database, self._clock()) as uow:
                version = uow.knowledge.newest()
                if version is None:
                    return 0, Library.from_folder(self._folder, cache=self._cache), ""
                index = self._indexes.open(version.fingerprint)
                to_keep = "" if index is not None else version.fingerprint
                try:
                    index = index or self._built(uow, version.number, version.fingerprint)
                except VersionMovedOn:
                    continue
            library = self._library or Library.from_folder(self._folder, index=index)
            return version.number, library.with_index(index, version.url_base), to_keep
        raise VersionMovedOn("the documentation changes faster than it can be read")

    def _built(self, uow: UnitOfWork, number: int, expected: str) -> Index:
        """Raises `VersionMovedOn` when the version's pages are not all there any more."""
        entries = entries_of(uow, number)
        hashes = {key: entry.content_hash for key, entry in entries.items()}
        if fingerprint(hashes) != expected:
            raise VersionMovedOn

        def fetch(keys: Collection[PageKey]) -> Iterable[Page]:
            found = [page_of(kept) for kept in uow.knowledge.pages([entries[k].id for k in keys])]
            if len(found) < len(keys):
                raise VersionMovedOn
            return found

        base = self._library.index if self._library else None
        return self._indexes.build(hashes, fetch, base)
