"""Requests, and messages that were misread."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from typing import Any

from bot.commands.declaring import command, group, print_rows, with_json
from bot.settings import Settings


def declare(commands: Any) -> None:
    """Declare these commands."""
    tickets = group(commands, "tickets", "requests")
    listing = with_json(command(tickets, "list", _tickets_list, "open requests"))
    listing.add_argument("--account", help="only this account's")
    listing.add_argument("--all", action="store_true", help="closed ones too")
    with_json(command(tickets, "show", _tickets_show, "one request")).add_argument("number")
    export = with_json(command(tickets, "export", _tickets_export, "every request, as JSON lines"))
    export.add_argument("--csv", action="store_true", help="one line a request, for spreadsheets")

    intents = group(commands, "intents", "what the bot understands")
    review = with_json(
        command(intents, "review", _intents_review, "messages that staff marked as misread")
    )
    review.add_argument("--all", action="store_true", help="those dealt with too")
    review.add_argument("--done", type=int, metavar="ID", help="mark one as dealt with")


def _tickets_list(options: argparse.Namespace, settings: Settings) -> int:
    from bot.office import Office

    return print_rows(Office(settings).tickets(options.account, options.all), options.json)


def _tickets_show(options: argparse.Namespace, settings: Settings) -> int:
    from bot.office import Office

    shown = Office(settings).ticket(options.number)
    if options.json:
        print(json.dumps(shown, ensure_ascii=False, indent=2))
        return 0
    for name, value in shown.items():
        if isinstance(value, list):
            print(f"{name}:")
            for entry in value:
                print("  " + "  ".join(str(part) for part in entry.values() if part))
        else:
            print(f"{name:12} {value}")
    return 0


def _tickets_export(options: argparse.Namespace, settings: Settings) -> int:
    from bot.office import Office, spreadsheet_safe

    rows = Office(settings).export()
    if options.csv:
        writer = None
        for row in rows:
            flat = {
                name: value for name, value in row.items() if not isinstance(value, list | dict)
            }
            if writer is None:
                writer = csv.DictWriter(sys.stdout, list(flat))
                writer.writeheader()
            writer.writerow({name: spreadsheet_safe(value) for name, value in flat.items()})
        return 0
    for row in rows:
        print(json.dumps(row, ensure_ascii=False))
    return 0


def _intents_review(options: argparse.Namespace, settings: Settings) -> int:
    from bot.office import Office

    office = Office(settings)
    if options.done is not None:
        print(office.deal_with(options.done))
        return 0
    return print_rows(office.misread(every=options.all), options.json)
