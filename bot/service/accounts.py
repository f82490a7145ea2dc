"""Adding accounts and linking channels: the same for the CLI, `/support-admin` and the form."""

from __future__ import annotations

from dataclasses import dataclass

from bot.desk.errors import NotAllowed
from bot.desk.plans import PlanBook
from bot.service.boards import STALE
from bot.service.promises import recount
from bot.storage.tables import Account
from bot.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class AccountChange:
    """What is to be so; None leaves what is known (or takes the default for a new account)."""

    name: str
    channel: str = ""
    plan: str | None = None
    time_zone: str | None = None
    language: str | None = None
    mode: str | None = None
    clusters: tuple[str, ...] = ()


def change_account(uow: UnitOfWork, plans: PlanBook, change: AccountChange) -> Account:
    """Add or change an account and link its channel; the running bot posts the board.

    Raises `NotAllowed` for a channel of another account: a channel is never moved by accident.
    """
    known = uow.accounts.by_name(change.name)
    before = (known.plan, known.time_zone) if known else None
    account = uow.accounts.add(
        name=change.name,
        plan=plans.plan(change.plan or (known.plan if known else plans.default)).key,
        time_zone=change.time_zone or (known.time_zone if known else "UTC"),
        language=change.language or (known.language if known else "en"),
    )
    assert account.id is not None
    for cluster in change.clusters:
        uow.accounts.remember_cluster(account.id, cluster)
    if change.channel:
        row = uow.accounts.channel(change.channel)
        if row is not None and row.account_id != account.id:
            raise NotAllowed("admin.channel_taken")
        mode = change.mode or (row.mode if row else "listen")
        uow.accounts.link(change.channel, account.id, mode)
    if before not in (None, (account.plan, account.time_zone)):
        recount(uow, plans, account.id)
    if known is not None:
        # This may be a command line: the running bot brings the boards up to date.
        uow.reminders.remind(STALE, uow.now, about=str(account.id))
    return account
