"""`supportbot audit list`: who did what, to which request, account or setting."""

from __future__ import annotations

from typing import Any

from bot.desk.errors import SetupFault
from bot.desk.requests import id_of, number_of
from bot.report import since_when
from bot.settings import Settings
from bot.storage.database import Database, utc_now
from bot.storage.revision import require_current
from bot.storage.tables import Audit
from bot.storage.trail import read_trail
from bot.storage.unit_of_work import UnitOfWork, look


def read_audit(
    settings: Settings,
    *,
    since: str = "",
    request: str = "",
    account: str = "",
    actor: str = "",
    limit: int = 1000,
) -> list[dict[str, Any]]:
    """The newest lines that fit, oldest first. Raises `SetupFault` for what there is not."""
    now = utc_now()
    database = Database(settings.database_url)
    require_current(database)
    request_id = id_of(request) if request else None
    if request and request_id is None:
        raise SetupFault(f"--request {request}: write the number of a request, such as SUP-1001")
    with look(database, now) as uow:
        lines = read_trail(
            uow.session,
            since=since_when(since, now) if since else None,
            request_id=request_id,
            account_id=_account(uow, account) if account else None,
            actor=actor,
            limit=limit,
        )
        names = {one.id: one.name for one in uow.accounts.all()}
        return [_shown(uow, line, names) for line in lines]


def told(line: dict[str, Any]) -> dict[str, Any]:
    """A line as people read it."""
    was, now = line["before"], line["after"]
    changes = [f"{name} {was.get(name, '-')} → {now.get(name, '-')}" for name in {**was, **now}]
    account = f"{line['account']} {line['account_name']}".strip()
    return {
        "at": line["at"],
        "actor": " ".join(filter(None, (line["actor"], line["name"]))),
        "from": line["from"],
        "deed": line["deed"],
        "about": "  ".join(filter(None, (line["request"], line["subject"]))),
        "account": account,
        "changed": ", ".join(changes),
    }


def _account(uow: UnitOfWork, written: str) -> int:
    """The id of an account by its name, or as the trail has it: also of one that is gone."""
    known = uow.accounts.by_name(written)
    if known is not None and known.id is not None:
        return known.id
    if written.isdecimal():
        return int(written)
    raise SetupFault(f"there is no account {written!r}: see `accounts list`, or write its number")


def _shown(uow: UnitOfWork, line: Audit, names: dict[int | None, str]) -> dict[str, Any]:
    person = uow.accounts.person(line.actor)
    return {
        "at": line.at.isoformat(timespec="seconds"),
        "actor": line.actor,
        "name": person.name if person else "",
        "from": line.source,
        "deed": line.deed,
        "request": number_of(line.request_id) if line.request_id else "",
        "account": line.account_id or "",
        "account_name": names.get(line.account_id, ""),
        "subject": line.subject,
        "before": line.before,
        "after": line.after,
    }
