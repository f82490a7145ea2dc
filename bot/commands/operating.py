"""What came in, what is stuck, who did what, the database."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from bot.commands.declaring import command, group, print_rows, with_json
from bot.settings import Settings


def declare(commands: Any) -> None:
    """Declare these commands."""
    report = with_json(command(commands, "report", _report, "what came in and how it was answered"))
    report.add_argument(
        "--since", default="7d", help="days back such as 30d, or a date such as 2026-11-01"
    )
    report.add_argument(
        "--shadow", action="store_true", help="what it would have said in watched channels"
    )
    report.add_argument("--html", metavar="FILE", help="write one self-contained page")

    stuck = with_json(command(commands, "stuck", _stuck, "what waits for Slack or for us, and why"))
    trouble = stuck.add_subparsers(required=False, metavar="COMMAND")
    for name, do, about in (
        ("retry", _stuck_retry, "try one entry again at once"),
        ("give-up", _stuck_give_up, "never try it again; what waits behind it goes on"),
    ):
        command(trouble, name, do, about).add_argument("id", metavar="ID")

    audit = group(commands, "audit", "the audit trail")
    trail = with_json(command(audit, "list", _audit_list, "who did what, newest last"))
    trail.add_argument("--since", default="", help="days back such as 30d, or a date")
    trail.add_argument("--request", default="", metavar="SUP-…")
    trail.add_argument("--account", default="", metavar="NAME", help="or its number")
    trail.add_argument("--actor", default="", metavar="ID", help="U…, customer, bot, shell:login")
    trail.add_argument("--limit", type=int, default=1000, metavar="N", help="at most (1000)")

    database = group(commands, "db", "the database")
    command(database, "upgrade", _db_upgrade, "bring the schema to this version")


def _report(options: argparse.Namespace, settings: Settings) -> int:
    from bot.report import Report

    report = Report(settings, options.since)
    if options.shadow:
        return print_rows(report.shadow_rows(), options.json)
    if options.html:
        written = report.write_html(Path(options.html))
        print(f"written to {written}")
    elif options.json:
        print(json.dumps(report.values(), ensure_ascii=False, indent=2))
    else:
        print(report.text())
    return 0


def _stuck(options: argparse.Namespace, settings: Settings) -> int:
    from bot.stuck import Stuck

    return print_rows(Stuck(settings).listed(), options.json)


def _stuck_retry(options: argparse.Namespace, settings: Settings) -> int:
    from bot.stuck import Stuck

    print(Stuck(settings).retry(options.id))
    return 0


def _stuck_give_up(options: argparse.Namespace, settings: Settings) -> int:
    from bot.stuck import Stuck

    print(Stuck(settings).give_up(options.id))
    return 0


def _audit_list(options: argparse.Namespace, settings: Settings) -> int:
    from bot.audit import read_audit, told

    lines = read_audit(
        settings,
        since=options.since,
        request=options.request,
        account=options.account,
        actor=options.actor,
        limit=options.limit,
    )
    return print_rows(lines if options.json else [told(one) for one in lines], options.json)


def _db_upgrade(options: argparse.Namespace, settings: Settings) -> int:
    from bot.storage.database import Database, shown
    from bot.storage.revision import HEAD
    from bot.storage.upgrade import upgrade

    database = Database(settings.database_url)
    before = database.revision()
    upgrade(database)
    print(f"{shown(database.url)}: revision {before or 'none'} → {HEAD}")
    return 0
