"""The index over our own articles and the imported pages, brought from one version to the next."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path

from bot.answers.articles import articles_in
from bot.answers.index import Index, PageKey
from bot.answers.kept_index import KeptIndexes, articles_digest
from bot.answers.pages import Page

Fetch = Callable[[Collection[PageKey]], Iterable[Page]]
"""Gives the imported pages of these keys."""

_ANEW = 0.5
"""Share of changed pages from which building anew is no more work than changing."""
_NEAR = 0.01
"""Share of changed pages up to which a kept index is brought up in less time than a new one is
written (75 MB): whoever needs it does that in memory."""
_MINED = 0.1
"""Share of changed pages from which the tables between the languages are mined anew (a second)."""


class DocumentIndexes:
    """Builds and keeps indexes; imported pages are named by their fingerprint."""

    def __init__(self, articles: Path, cache: Path | None) -> None:
        self._articles = articles
        self._kept = KeptIndexes(cache, "documents")

    def open(self, fingerprint: str) -> Index | None:
        return self._kept.open(self._key(fingerprint))

    def keep(self, fingerprint: str, index: Index) -> None:
        """For the next start."""
        self._kept.keep(self._key(fingerprint), index)

    def is_near(self, hashes: Mapping[PageKey, str]) -> bool:
        """An index is kept that differs in few pages only."""
        base = self._kept.newest()
        return base is not None and self._differing(base, self._wanted(hashes)) <= _NEAR

    def build(
        self, hashes: Mapping[PageKey, str], fetch: Fetch, base: Index | None = None
    ) -> Index:
        """The index of the pages with these hashes, from `base` or the newest kept one.

        Only what differs is fetched.
        """
        own = self._own()
        wanted = self._wanted(hashes)
        base = base or self._kept.newest()
        differing = self._differing(base, wanted) if base else 1.0
        if base is None or differing > _ANEW:
            return Index.build([*own.values(), *fetch(hashes.keys())])
        have = base.page_hashes()
        changed = {key for key, content_hash in wanted.items() if have.get(key) != content_hash}
        pages = [page for key, page in own.items() if key in changed]
        pages += fetch(changed - own.keys())
        return base.replaced(pages, have.keys() - wanted.keys(), mine=differing > _MINED)

    def _own(self) -> dict[PageKey, Page]:
        return {(page.language, page.path): page for page in articles_in(self._articles)}

    def _wanted(self, hashes: Mapping[PageKey, str]) -> dict[PageKey, str]:
        return {**hashes, **{key: page.content_hash for key, page in self._own().items()}}

    def _differing(self, base: Index, wanted: Mapping[PageKey, str]) -> float:
        """Share of pages that are other, new or gone."""
        have = base.page_hashes()
        other = sum(have.get(key) != content_hash for key, content_hash in wanted.items())
        return (other + len(have.keys() - wanted.keys())) / max(len(wanted), 1)

    def _key(self, fingerprint: str) -> str:
        return f"{articles_digest(self._articles)}-{fingerprint}"
