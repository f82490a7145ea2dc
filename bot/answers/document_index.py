"""The index over our own articles and the imported pages, brought from one version to the next."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path

from bot.answers.articles import articles_in
from bot.answers.digests import fingerprint
from bot.answers.index import Index, PageKey
from bot.answers.kept_index import KeptIndexes, articles_digest
from bot.answers.pages import Page

Fetch = Callable[[Collection[PageKey]], Iterable[Page]]
"""Gives the imported pages of these keys."""

_ANEW = 0.5
"""Share of changed pages from which building anew is no more work than changing."""
_MINED = 0.1
"""Share of changed pages from which the tables between the languages are mined anew (a second)."""


class DocumentIndexes:
    """Builds and keeps indexes; imported pages are named by their fingerprint."""

    def __init__(self, articles: Path, cache: Path | None) -> None:
        self._articles = articles
        self._kept = KeptIndexes(cache, "documents")

    def open(self, fingerprint: str) -> Index | None:
        return self._kept.open(self._key(fingerprint))

    def build(
        self, hashes: Mapping[PageKey, str], fetch: Fetch, base: Index | None = None
    ) -> Index:
        """The index of the pages with these hashes, from `base` or the newest kept one.

        Only what differs is fetched. The result is kept for the next start.
        """
        own = {(page.language, page.path): page for page in articles_in(self._articles)}
        wanted = {**hashes, **{key: page.content_hash for key, page in own.items()}}
        base = base or self._kept.newest()
        have = base.page_hashes() if base else {}
        changed = {key for key, content_hash in wanted.items() if have.get(key) != content_hash}
        removed = have.keys() - wanted.keys()
        differing = (len(changed) + len(removed)) / max(len(wanted), 1)
        if base is None or differing > _ANEW:
            index = Index.build([*own.values(), *fetch(hashes.keys())])
        else:
            pages = [page for key, page in own.items() if key in changed]
            pages += fetch(changed - own.keys())
            index = base.replaced(pages, removed, mine=differing > _MINED)
        self._kept.keep(self._key(fingerprint(hashes)), index)
        return index

    def _key(self, fingerprint: str) -> str:
        return f"{articles_digest(self._articles)}-{fingerprint}"
