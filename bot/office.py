"""What the command line does with accounts and requests, beside a bot that may be running.

It only writes what is so; the running bot notices (and posts the board of a new channel).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from zoneinfo import available_timezones

from bot.content.folder import Content, load_content
from bot.desk.errors import SetupFault
from bot.desk.phrases import suggested_phrase
from bot.desk.requests import Request, id_of
from bot.service.accounts import AccountChange, change_account
from bot.settings import Settings
from bot.storage.database import Database, utc_now
from bot.storage.revision import require_current
from bot.storage.trail import at_the_shell
from bot.storage.unit_of_work import UnitOfWork, look, work

_LONGEST_NAME = 200
"""Characters; what the databases keep of an account's name."""


class Office:
    """Opens the database once; every method is one transaction."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._database = Database(settings.database_url)
        require_current(self._database)

    def add_account(self, options: argparse.Namespace) -> str:
        """Add or change an account. Raises `SetupFault` or `NotAllowed`."""
        content = load_content(self._settings.content)
        _check_account(options, content)
        change = AccountChange(
            name=options.name.strip(),
            channel=options.channel or "",
            plan=options.plan,
            time_zone=options.time_zone,
            language=options.language,
            mode=options.mode,
            clusters=tuple(options.cluster),
        )
        with work(self._database, utc_now(), at_the_shell("accounts add")) as uow:
            account = change_account(uow, content.plans, change)
            channels = [row.channel for row in uow.accounts.channels(account.id)]
        linked = ", ".join(channels) or "none"
        return (
            f"{account.name}: plan {account.plan}, time zone {account.time_zone}, language"
            f" {account.language}, channels {linked}"
        )

    def sentence(self, key: str) -> str:
        """What the bot would say for a refusal."""
        return str(load_content(self._settings.content).words.say("en", key))

    def accounts(self) -> list[dict[str, Any]]:
        with self._looking() as uow:
            gone = uow.workspaces.unreachable()
            return [
                {
                    "name": account.name,
                    "plan": account.plan,
                    "time_zone": account.time_zone,
                    "language": account.language,
                    "channels": ", ".join(
                        f"{row.channel} ({'app removed' if row.channel in gone else row.mode})"
                        for row in uow.accounts.channels(account.id)
                    ),
                    "clusters": ", ".join(uow.accounts.clusters(account.id or 0)),
                }
                for account in uow.accounts.all()
            ]

    def tickets(self, account: str | None, every: bool) -> list[dict[str, Any]]:
        with self._looking() as uow:
            account_id = None
            if account is not None:
                found = uow.accounts.by_name(account)
                if found is None:
                    raise SetupFault(f"there is no account {account!r}: see `accounts list`")
                account_id = found.id
            names = {one.id: one.name for one in uow.accounts.all()}
            listed = uow.requests.listed(account_id, open_only=not every, limit=1000)
            return [_row(request, names.get(request.account_id, "?")) for request in listed]

    def ticket(self, number: str) -> dict[str, Any]:
        identity = id_of(number)
        with self._looking() as uow:
            request = uow.requests.get(identity) if identity else None
            if request is None:
                raise SetupFault(f"there is no request {number}: see `tickets list --all`")
            return self._whole(uow, request)

    def export(self) -> Iterator[dict[str, Any]]:
        """Every request with its messages and history, oldest first."""
        with self._looking() as uow:
            for request in reversed(uow.requests.listed(limit=10_000_000)):
                yield self._whole(uow, request)

    def misread(self, *, every: bool) -> list[dict[str, Any]]:
        """Messages that staff marked as understood wrongly, each with a phrase to add."""
        with self._looking() as uow:
            return [
                {
                    "id": mark.id,
                    "understood": mark.decided,
                    "meant": mark.right or "?",
                    "language": mark.language,
                    "text": " ".join(mark.text.split()),
                    "phrase": suggested_phrase(mark.text, uow.accounts.clusters(mark.account_id)),
                    "file": f"intents/{mark.right}.yml" if mark.right else "",
                    "state": mark.state,
                }
                for mark in uow.learning.marks(every=every)
            ]

    def deal_with(self, mark_id: int) -> str:
        with work(self._database, utc_now(), at_the_shell("intents review")) as uow:
            if not uow.learning.deal_with(mark_id):
                raise SetupFault(f"there is no marked message {mark_id}: see `intents review`")
        return f"{mark_id}: done"

    def _whole(self, uow: UnitOfWork, request: Request) -> dict[str, Any]:
        account = uow.accounts.get(request.account_id)
        return {
            **_row(request, account.name if account else "?"),
            "fields": dict(request.fields),
            "channel": request.channel,
            "thread": request.thread_ts,
            "messages": [
                {
                    "at": message.at.isoformat(timespec="seconds"),
                    "side": message.side + (" (internal)" if message.internal else ""),
                    "author": message.author_name,
                    "text": message.text,
                }
                for message in uow.requests.messages(request.id, internal=True)
            ],
            "history": [
                {
                    "at": event.at.isoformat(timespec="seconds"),
                    "kind": event.kind,
                    "actor": event.actor_name,
                    **event.detail,
                }
                for event in uow.requests.history(request.id)
            ],
        }

    @contextmanager
    def _looking(self) -> Iterator[UnitOfWork]:
        with look(self._database, utc_now()) as uow:
            yield uow


def spreadsheet_safe(value: object) -> object:
    """A cell that no spreadsheet takes for a formula: customers write what they like."""
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{value}"
    return value


def _check_account(options: argparse.Namespace, content: Content) -> None:
    problems = []
    if not options.name.strip():
        problems.append("the account needs a name")
    if len(options.name) > _LONGEST_NAME:
        problems.append(f"the account's name is longer than {_LONGEST_NAME} characters")
    if options.plan and not content.plans.knows(options.plan):
        known = ", ".join(plan.key for plan in content.plans.plans)
        problems.append(f"--plan {options.plan}: there is no such plan; the plans are {known}")
    if options.time_zone and options.time_zone not in available_timezones():
        problems.append(f"--time-zone {options.time_zone}: write one such as Asia/Tokyo")
    if options.channel and not options.channel.startswith(("C", "G")):
        problems.append(
            f"--channel {options.channel}: write the channel's id (C…); it stands at the end of"
            " the channel's details in Slack"
        )
    if problems:
        raise SetupFault(*problems)


def _row(request: Request, account: str) -> dict[str, Any]:
    return {
        "number": request.number,
        "state": request.state,
        "severity": request.severity,
        "queue": request.queue,
        "intent": request.intent,
        "account": account,
        "requester": request.requester_name,
        "owner": request.owner_name,
        "opened": request.opened_at.isoformat(timespec="seconds"),
        "respond_by": request.respond_by.isoformat(timespec="seconds")
        if request.respond_by
        else "",
        "promise": request.promise or request.clock,
        "answered_after_minutes": request.answered_after,
        "summary": " ".join(request.summary.split()),
    }
