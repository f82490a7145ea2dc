"""Importing a documentation tree: read → compare → parse what changed → store → index → publish.

Until the last step nothing is seen of it. So whatever goes wrong before, and a process killed at
any moment, leaves the version that is served as it was.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.answers.digests import fingerprint
from bot.answers.document_index import DocumentIndexes
from bot.answers.index import PageKey
from bot.answers.links import URL_BASE
from bot.answers.pages import Page
from bot.desk.errors import SetupFault
from bot.desk.meaning import Language
from bot.service.doc_tree import DocTree, Failed, Progress, read_tree
from bot.service.recalls import recall_answers
from bot.service.stored_pages import entries_of, page_of, stored
from bot.storage.database import Database
from bot.storage.knowledge import Entry, batches
from bot.storage.sync_lease import LEASE, SyncLease, SyncRunning, SyncTakenOver
from bot.storage.tables import KbVersion
from bot.storage.trail import at_the_shell
from bot.storage.unit_of_work import UnitOfWork, look, work

_PAGES_AT_ONCE = 100
"""Pages of one transaction: SQLite lets nobody else write meanwhile, a tenth of a second here."""
_RENEWALS = 3
"""Times the lease is renewed within its own length."""


@dataclass(slots=True)
class SyncReport:
    """How a sync went; `version` is the one served afterwards."""

    version: int = 0
    languages: list[str] = field(default_factory=list)
    pages: int = 0
    sections: int = 0
    new: int = 0
    changed: int = 0
    removed: int = 0
    failed: list[Failed] = field(default_factory=list)
    """Files that could not be taken; what was known of them stays."""
    recalled: int = 0
    """Given answers whose section changed or went."""
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(slots=True)
class _Change:
    """From the version that is served to the next one."""

    known: Mapping[PageKey, Entry]
    fresh: dict[PageKey, Page]
    gone: Collection[PageKey]

    @property
    def staying(self) -> dict[PageKey, Entry]:
        out = self.fresh.keys() | set(self.gone)
        return {key: entry for key, entry in self.known.items() if key not in out}

    @property
    def replaced(self) -> dict[PageKey, int]:
        """Stored pages, by id, that the next version does not hold."""
        return {key: self.known[key].id for key in (*self.fresh, *self.gone) if key in self.known}

    def hashes(self) -> dict[PageKey, str]:
        fresh = {key: page.content_hash for key, page in self.fresh.items()}
        return {**{key: entry.content_hash for key, entry in self.staying.items()}, **fresh}


class Syncing:
    """Imports trees into the database, one at a time over all processes."""

    def __init__(
        self,
        database: Database,
        articles: Path,
        cache: Path | None,
        clock: Callable[[], datetime],
        tell: Progress = lambda _what, _done, _all: None,
    ) -> None:
        self._database = database
        self._indexes = DocumentIndexes(articles, cache)
        self._clock = clock
        self._tell = tell
        self._lease = SyncLease(database)

    def run(self, folder: Path, language: Language | None = None, url_base: str = "") -> SyncReport:
        """Raises `SetupFault` when the tree is none, or somebody else imports just now."""
        started = time.perf_counter()
        with self._leased():
            self._tell("reading", 0, 0)
            report = self._bring_in(read_tree(folder, language), url_base)
            report.seconds = round(time.perf_counter() - started, 3)
            with self._writing() as uow:
                self._lease.release(uow, self._clock(), report.to_json())
        return report

    def _bring_in(self, tree: DocTree, url_base: str) -> SyncReport:
        with self._writing() as uow:
            uow.knowledge.drop_unpublished()
            before = uow.knowledge.newest()
            known = entries_of(uow, before.number) if before else {}
            free_id = uow.knowledge.next_page_id()
        report = SyncReport(languages=sorted(tree.languages), failed=tree.failed())
        change = self._change(tree, known, report)
        base = url_base or (before.url_base if before else URL_BASE)
        if before and not change.fresh and not change.gone and before.url_base == base:
            report.version, report.pages, report.sections = (
                before.number,
                before.pages,
                before.sections,
            )
            return report
        report.version = (before.number if before else 0) + 1
        self._store(change, report.version, free_id)
        self._index(change)
        self._publish(change, report, base)
        return report

    def _change(self, tree: DocTree, known: Mapping[PageKey, Entry], report: SyncReport) -> _Change:
        differing = [
            key
            for key, content_hash in tree.hashes.items()
            if key not in known or known[key].content_hash != content_hash
        ]
        fresh: dict[PageKey, Page] = {}
        for item in tree.parsed(differing, self._tell):
            if isinstance(item, Failed):
                report.failed.append(item)
            else:
                fresh[item.language, item.path] = item
        change = _Change(known, fresh, tree.lost(list(known)))
        report.new = sum(key not in known for key in fresh)
        report.changed = len(fresh) - report.new
        report.removed = len(change.gone)
        return change

    def _store(self, change: _Change, version: int, free_id: int) -> None:
        done = 0
        for some in batches(change.fresh.values(), _PAGES_AT_ONCE):
            self._tell("storing", done, len(change.fresh))
            with self._writing() as uow:
                free_id = uow.knowledge.add(map(stored, some), version, free_id)
            done += len(some)

    def _index(self, change: _Change) -> None:
        """Built here once, so that bots on this machine have only to open it.

        A few changed pages they bring into the index they have faster than that.
        """
        self._tell("indexing", 0, 0)
        hashes = change.hashes()
        if self._indexes.is_near(hashes):
            return

        def fetch(keys: Collection[PageKey]) -> Iterable[Page]:
            yield from (change.fresh[key] for key in keys if key in change.fresh)
            ids = [change.known[key].id for key in keys if key not in change.fresh]
            with look(self._database, self._clock()) as uow:
                yield from map(page_of, uow.knowledge.pages(ids))

        self._indexes.keep(fingerprint(hashes), self._indexes.build(hashes, fetch))

    def _publish(self, change: _Change, report: SyncReport, url_base: str) -> None:
        self._tell("publishing", 0, 0)
        sections = [entry.sections for entry in change.staying.values()]
        sections += [len(page.sections) for page in change.fresh.values()]
        report.pages, report.sections = len(sections), sum(sections)
        version = KbVersion(
            number=report.version,
            fingerprint=fingerprint(change.hashes()),
            url_base=url_base,
            pages=report.pages,
            sections=report.sections,
            published_at=self._clock(),
        )
        with self._writing() as uow:
            uow.trail.doer = at_the_shell("kb sync")
            uow.trail.did("kb sync", subject=f"version {report.version}",
                          after={"pages": report.pages})  # fmt: skip
            report.recalled = recall_answers(uow, report.version, change.replaced, change.fresh)
            uow.knowledge.publish(version, change.replaced.values())
        with self._writing() as uow:
            # Who still reads the version before this one finds all of it.
            uow.knowledge.drop_before(report.version - 1)

    # --- the lease ------------------------------------------------------------------------------

    @contextmanager
    def _leased(self) -> Iterator[None]:
        try:
            self._lease.take(self._clock())
        except SyncRunning as running:
            raise SetupFault(
                f"another sync is running since {running.started_at:%H:%M:%S} UTC (process"
                f" {running.pid} on {running.host}): wait for it; should it have died, a new one"
                f" may start at {running.until:%H:%M:%S} UTC"
            ) from None
        stop = threading.Event()
        beat = threading.Thread(target=self._keep_lease, args=(stop,), name="lease", daemon=True)
        beat.start()
        try:
            yield
        except SyncTakenOver:
            raise SetupFault(
                "this sync was held up so long that another one has begun: nothing of it was taken"
            ) from None
        finally:
            stop.set()
            beat.join()
            with work(self._database, self._clock()) as uow:
                self._lease.abandon(uow)

    def _keep_lease(self, stop: threading.Event) -> None:
        while not stop.wait(LEASE.total_seconds() / _RENEWALS):
            try:
                with self._writing():
                    pass
            except SyncTakenOver:
                return  # the next write says so

    @contextmanager
    def _writing(self) -> Iterator[UnitOfWork]:
        """A transaction that fails when the lease is lost."""
        now = self._clock()
        with work(self._database, now) as uow:
            self._lease.renew(uow, now)
            yield uow
