"""Built indexes, kept in the cache folder until a page or this code changes.

The cache can always be deleted: what cannot be read is built again.
"""

from __future__ import annotations

import logging
import mmap
import os
import tempfile
from pathlib import Path

from bot.answers.articles import articles_in
from bot.answers.digests import code_digest, folder_digest
from bot.answers.index import Index
from bot.answers.packing import UnreadableIndex
from bot.desk.meaning import LANGUAGES

log = logging.getLogger(__name__)
_KEPT = 3
"""Indexes of earlier contents that stay, for whoever switches between two versions."""


class KeptIndexes:
    """Index files of one kind in one folder; without a folder nothing is kept."""

    def __init__(self, cache: Path | None, kind: str) -> None:
        self._cache = cache
        self._prefix = f"{kind}-{code_digest()}"

    def open(self, key: str) -> Index | None:
        """The index kept under `key`, its postings read from the disk as they are needed."""
        return _opened(self._file(key)) if self._cache else None

    def newest(self) -> Index | None:
        """The index that was kept last, whatever it holds: most of it may still be right."""
        files = self._cache.glob(f"{self._prefix}-*.index") if self._cache else ()
        for file in sorted(files, key=_age):
            index = _opened(file)
            if index is not None:
                return index
        return None

    def keep(self, key: str, index: Index) -> None:
        """Written beside and moved, so that a process killed halfway leaves nothing half-written.

        A folder that cannot be written costs time at the next start and nothing else.
        """
        if self._cache is None:
            return
        file = self._file(key)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            handle, beside = tempfile.mkstemp(dir=file.parent, suffix=".part")
            with os.fdopen(handle, "wb") as stream:
                stream.write(index.to_bytes())
            Path(beside).replace(file)
            kind = self._prefix.partition("-")[0]
            for old in sorted(file.parent.glob(f"{kind}-*.index"), key=_age)[_KEPT:]:
                old.unlink(missing_ok=True)
        except OSError as error:
            log.warning("the index cannot be kept in %s: %s", file.parent, error)

    def _file(self, key: str) -> Path:
        assert self._cache is not None
        return self._cache / f"{self._prefix}-{key}.index"


def kept_index(folder: Path, cache: Path) -> Index:
    """The index of the articles in `folder`. Raises `ContentError` with every mistake in them."""
    kept = KeptIndexes(cache, "articles")
    key = articles_digest(folder)
    index = kept.open(key)
    if index is None:
        index = Index.build(articles_in(folder))
        kept.keep(key, index)
    return index


def articles_digest(folder: Path) -> str:
    """Changes with any of our own articles."""
    return folder_digest(folder / language for language in LANGUAGES)


def _opened(file: Path) -> Index | None:
    """Opening reads nothing but the header; the mapping lives as long as the index."""
    try:
        with file.open("rb") as stream:
            return Index.from_bytes(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, UnreadableIndex) as error:
        log.warning("the kept index %s cannot be read (%s); it is built again", file, error)
        return None


def _age(file: Path) -> float:
    """For sorting the youngest first; a file that is gone meanwhile is the oldest."""
    try:
        return -file.stat().st_mtime
    except OSError:
        return 0.0
