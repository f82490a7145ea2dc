"""`supportbot report`: the figures of some days as lines, JSON or a page."""

from __future__ import annotations

import dataclasses
import re
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from bot.content.folder import load_content
from bot.content.report_page import ReportPages
from bot.desk.errors import SetupFault
from bot.desk.figures import OpenQuestion
from bot.service.gaps import open_questions
from bot.service.serving import ServedLibrary
from bot.settings import Settings
from bot.storage.database import Database, utc_now
from bot.storage.figures import read_figures
from bot.storage.revision import require_current
from bot.storage.unit_of_work import UnitOfWork, look

_BACK = re.compile(r"(\d{1,4})d")


class Report:
    """Reads once; every method shows the same figures. Raises `SetupFault`."""

    def __init__(self, settings: Settings, since: str) -> None:
        now = utc_now()
        database = Database(settings.database_url)
        require_current(database)
        with look(database, now) as uow:
            start = since_when(since, now)
            unanswered = _unanswered(uow, settings, database, start)
            self._figures = read_figures(uow.session, start, now, "UTC", unanswered)
            self._watched = uow.learning.decisions(self._figures.since)
        self._settings = settings

    def text(self) -> str:
        return self._pages().text(self._figures, self._settings.staff_language)

    def write_html(self, file: Path) -> Path:
        """Write the page. Raises `SetupFault` where the file cannot be written."""
        page = self._pages().html(self._figures, self._settings.staff_language)
        try:
            file.write_text(page, encoding="utf-8")
        except OSError as error:
            raise SetupFault(f"--html {file}: cannot be written ({error.strerror})") from error
        return file

    def values(self) -> dict[str, Any]:
        """Durations in minutes, times in ISO form."""
        return {**_plain(dataclasses.asdict(self._figures)), "kept_share": self._figures.kept_share}

    def shadow_rows(self) -> list[dict[str, Any]]:
        """What the bot would have said in watched channels, beside what staff did."""
        return [
            {
                "at": row.at.isoformat(timespec="minutes"),
                "channel": row.channel,
                "text": " ".join(row.text.split()),
                "would": f"{row.would or 'stay silent'} ({row.intent} {row.score:.2f})",
                "staff": " ".join(row.staff_text.split()) or "-",
            }
            for row in self._watched
        ]

    def _pages(self) -> ReportPages:
        content = load_content(self._settings.content)
        return ReportPages(self._settings.content / "templates", content.words, content.plans)


def _unanswered(
    uow: UnitOfWork, settings: Settings, database: Database, since: datetime
) -> list[OpenQuestion]:
    """Loads the documentation only where there is something to look up in it."""
    if not uow.answers_to_improve(since, 1):
        return []
    knowledge = settings.content / "knowledge"
    return open_questions(uow, ServedLibrary(database, knowledge, settings.cache, utc_now), since)


def since_when(written: str, now: datetime) -> datetime:
    """`30d` or `2026-11-01` as a moment (aware UTC). Raises `SetupFault` for anything else."""
    back = _BACK.fullmatch(written)
    if back:
        return now - timedelta(days=int(back[1]))
    try:
        moment = datetime.combine(date.fromisoformat(written), time(), UTC)
    except ValueError:
        moment = now + timedelta(days=1)
    if moment > now:
        raise SetupFault(f"--since {written}: write days such as 30d, or a past date (2026-11-01)")
    return moment


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {name: _plain(one) for name, one in value.items()}
        case tuple() | list():
            return [_plain(one) for one in value]
        case timedelta():
            return round(value.total_seconds() / 60, 1)
        case datetime() | date():
            return value.isoformat()
        case _:
            return value
