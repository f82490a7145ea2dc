"""The imported documentation, in the caller's transaction.

Pages are kept by version: a sync writes its new pages first, which nobody sees, and then publishes
them in one small transaction. So a sync that is killed leaves the version that is served untouched.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlmodel import Session, col, select

from bot.storage.tables import KbPage, KbSection, KbVersion

PageKey = tuple[str, str]
"""Language and path."""

LONGEST_PATH = 500
"""Characters; what every database can keep in a key."""
_AT_ONCE = 500
"""Values of one statement: SQLite takes 32,766 of them, others read long lists slowly."""

Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class StoredSection:
    content_hash: str
    about: Mapping[str, Any]
    markdown: str


@dataclass(frozen=True, slots=True)
class StoredPage:
    """A page as the tables keep it; `id` is 0 until it is stored."""

    language: str
    path: str
    content_hash: str
    head: Mapping[str, Any]
    sections: tuple[StoredSection, ...]
    id: int = 0

    @property
    def key(self) -> PageKey:
        return self.language, self.path


@dataclass(frozen=True, slots=True)
class Entry:
    """A page in the list of a version."""

    id: int
    content_hash: str
    sections: int


class Knowledge:
    """Versions and their pages."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._now = now

    def newest(self) -> KbVersion | None:
        """The version that is served."""
        query = select(KbVersion).order_by(col(KbVersion.number).desc()).limit(1)
        return self._session.exec(query).first()

    def newest_number(self) -> int:
        """0 while nothing was ever imported."""
        found = self._session.execute(sa.select(sa.func.max(KbVersion.number))).scalar()
        return int(found or 0)

    def entries(self, version: int) -> dict[PageKey, Entry]:
        """The pages of a version."""
        rows = self._session.execute(
            sa.select(
                col(KbPage.language),
                col(KbPage.path),
                col(KbPage.id),
                col(KbPage.content_hash),
                col(KbPage.sections),
            ).where(
                col(KbPage.since_version) <= version,
                sa.or_(col(KbPage.gone_version).is_(None), col(KbPage.gone_version) > version),
            )
        )
        return {
            (language, path): Entry(identity, content_hash, sections)
            for language, path, identity, content_hash, sections in rows
        }

    def pages(self, ids: Collection[int]) -> Iterator[StoredPage]:
        """Whole pages by id, in no particular order."""
        for some in batches(ids):
            sections: dict[int, list[StoredSection]] = {}
            rows = self._session.execute(
                sa.select(
                    col(KbSection.page_id),
                    col(KbSection.content_hash),
                    col(KbSection.about),
                    col(KbSection.markdown),
                )
                .where(col(KbSection.page_id).in_(some))
                .order_by(col(KbSection.page_id), col(KbSection.position))
            )
            for page_id, content_hash, about, markdown in rows:
                sections.setdefault(page_id, []).append(
                    StoredSection(content_hash, about, markdown)
                )
            heads = self._session.execute(
                sa.select(
                    col(KbPage.id),
                    col(KbPage.language),
                    col(KbPage.path),
                    col(KbPage.content_hash),
                    col(KbPage.head),
                ).where(col(KbPage.id).in_(some))
            )
            for identity, language, path, content_hash, head in heads:
                own = tuple(sections.get(identity, ()))
                yield StoredPage(language, path, content_hash, head, own, identity)

    # --- writing, by the one sync that holds the lease ------------------------------------------

    def next_page_id(self) -> int:
        found = self._session.execute(sa.select(sa.func.max(KbPage.id))).scalar()
        return int(found or 0) + 1

    def add(self, pages: Iterable[StoredPage], version: int, first_id: int) -> int:
        """Write pages of a version that is not published yet; returns the next free id."""
        heads: list[dict[str, Any]] = []
        sections: list[dict[str, Any]] = []
        for identity, page in enumerate(pages, start=first_id):
            heads.append(
                {
                    "id": identity,
                    "language": page.language,
                    "path": page.path,
                    "content_hash": page.content_hash,
                    "head": dict(page.head),
                    "sections": len(page.sections),
                    "since_version": version,
                    "gone_version": None,
                }
            )
            sections += [
                {
                    "page_id": identity,
                    "position": position,
                    "content_hash": section.content_hash,
                    "about": dict(section.about),
                    "markdown": section.markdown,
                }
                for position, section in enumerate(page.sections)
            ]
        if heads:
            self._session.execute(sa.insert(KbPage), heads)
        if sections:
            self._session.execute(sa.insert(KbSection), sections)
        return first_id + len(heads)

    def publish(self, version: KbVersion, gone: Collection[int]) -> None:
        """From the commit on, the version is served; `gone` are pages it replaced or lost."""
        for some in batches(gone):
            self._session.execute(
                sa.update(KbPage)
                .where(col(KbPage.id).in_(some))
                .values(gone_version=version.number)
            )
        self._session.add(version)
        self._session.flush()

    def drop_unpublished(self) -> int:
        """Remove what a killed sync left; returns the number of pages."""
        newest = self.newest_number()
        left = self._session.execute(
            sa.select(col(KbPage.id)).where(col(KbPage.since_version) > newest)
        )
        return self._drop([identity for (identity,) in left])

    def drop_before(self, version: int) -> int:
        """Remove pages that no version from `version` on holds; returns their number."""
        old = self._session.execute(
            sa.select(col(KbPage.id)).where(col(KbPage.gone_version) <= version)
        )
        return self._drop([identity for (identity,) in old])

    def _drop(self, ids: Collection[int]) -> int:
        for some in batches(ids):
            self._session.execute(sa.delete(KbSection).where(col(KbSection.page_id).in_(some)))
            self._session.execute(sa.delete(KbPage).where(col(KbPage.id).in_(some)))
        return len(ids)


def batches(things: Collection[Thing], size: int = _AT_ONCE) -> Iterator[list[Thing]]:
    """The things in lists of at most `size`."""
    listed = list(things)
    for start in range(0, len(listed), size):
        yield listed[start : start + size]
