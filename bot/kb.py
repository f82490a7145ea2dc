"""What `supportbot kb` and `supportbot ask` do with the imported documentation."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.answers.gaps import Gap
from bot.answers.library import Library
from bot.desk.errors import SetupFault
from bot.desk.meaning import Language
from bot.progress import Progress
from bot.service.gaps import find_gaps
from bot.service.serving import ServedLibrary
from bot.service.syncing import Syncing, SyncReport
from bot.settings import Settings
from bot.storage.database import Database, utc_now
from bot.storage.revision import require_current
from bot.storage.sync_lease import last_sync
from bot.storage.unit_of_work import look


def sync_documents(
    settings: Settings, folder: Path, language: Language | None, url_base: str
) -> SyncReport:
    """Import a tree, telling on standard error how far it is. Raises `SetupFault`."""
    if not folder.is_dir():
        words = "is not a folder" if folder.exists() else "does not exist"
        raise SetupFault(f"{folder} {words}: name the folder that holds the pages")
    if url_base and not url_base.startswith(("http://", "https://")):
        raise SetupFault(f"--url-base {url_base}: write an http(s) address")
    with Progress() as progress:
        syncing = Syncing(
            _database(settings),
            settings.content / "knowledge",
            settings.cache,
            utc_now,
            progress.tell,
        )
        return syncing.run(folder.resolve(), language, url_base)


def library_for_asking(settings: Settings) -> Library:
    """What a bot on this database would answer from; our own articles where there is none yet."""
    folder = settings.content / "knowledge"
    database = Database(settings.database_url)
    if database.embedded and not Path(database.url.database or "").exists():
        return Library.from_folder(folder, cache=settings.cache)
    require_current(database)
    return ServedLibrary(database, folder, settings.cache, utc_now).library


def gaps_in_documents(settings: Settings, days: int) -> list[Gap]:
    """What the writers should write next, by the questions of the last days."""
    if days < 1:
        raise SetupFault(f"--days {days}: write at least 1")
    database = _database(settings)
    library = ServedLibrary(database, settings.content / "knowledge", settings.cache, utc_now)
    now = utc_now()
    with look(database, now) as uow:
        return find_gaps(uow, library, now - timedelta(days=days))


def status_of_documents(settings: Settings) -> dict[str, Any]:
    """The version that is served, its pages by language, and how the last sync went."""
    now = utc_now()
    with look(_database(settings), now) as uow:
        version = uow.knowledge.newest()
        languages: dict[str, dict[str, int]] = {}
        for (language, _), entry in uow.knowledge.entries(version.number if version else 0).items():
            counts = languages.setdefault(language, {"pages": 0, "sections": 0})
            counts["pages"] += 1
            counts["sections"] += entry.sections
        last = last_sync(uow)
        running = last is not None and last.holder and last.lease_until and last.lease_until > now
        return {
            "version": version.number if version else 0,
            "published": version.published_at.isoformat(timespec="seconds") if version else "",
            "url_base": version.url_base if version else "",
            "languages": dict(sorted(languages.items())),
            "running": f"process {last.pid} on {last.host}" if last and running else "",
            "last_sync": dict(last.report) if last else {},
            "last_sync_finished": last.finished_at.isoformat(timespec="seconds")
            if last and last.finished_at
            else "",
        }


def _database(settings: Settings) -> Database:
    database = Database(settings.database_url)
    require_current(database)
    return database
