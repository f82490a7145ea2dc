"""Customers, their channels, and the workspaces that installed the app."""

from __future__ import annotations

import argparse
from typing import Any

from bot.commands.declaring import command, group, print_rows, with_json
from bot.desk.errors import NotAllowed, SetupFault
from bot.settings import Settings


def declare(commands: Any) -> None:
    """Declare these commands."""
    accounts = group(commands, "accounts", "customers and their channels")
    add = command(accounts, "add", _accounts_add, "add or change an account")
    add.add_argument("name")
    add.add_argument("--channel", metavar="ID", help="a channel to link (C…)")
    add.add_argument("--plan", help="basic, standard, enterprise or premium")
    add.add_argument("--time-zone", metavar="TZ", help="such as Asia/Tokyo")
    add.add_argument("--language", choices=("en", "ja", "zh"))
    add.add_argument(
        "--mode", choices=("mention", "listen", "every", "shadow"), help="default listen"
    )
    add.add_argument("--cluster", action="append", default=[], help="a cluster name; repeatable")
    with_json(command(accounts, "list", _accounts_list, "all accounts"))

    forget = command(accounts, "forget", _accounts_forget, "delete all that is stored of one")
    forget.add_argument("account", metavar="NAME", help="or its number")
    forget.add_argument("--dry-run", action="store_true", help="only count what would go")
    forget.add_argument("--yes", action="store_true", help="do it")

    workspaces = group(commands, "workspaces", "Slack workspaces that installed the app")
    with_json(command(workspaces, "list", _workspaces_list, "all of them, and what is wrong"))
    command(workspaces, "new-key", _workspaces_new_key, "print a key for SUPPORTBOT_TOKEN_KEYS")
    command(
        workspaces, "rotate-keys", _workspaces_rotate_keys, "seal all tokens with the first key"
    )


def _accounts_add(options: argparse.Namespace, settings: Settings) -> int:
    from bot.office import Office

    office = Office(settings)
    try:
        print(office.add_account(options))
    except NotAllowed as error:
        raise SetupFault(office.sentence(error.reason)) from None
    return 0


def _accounts_list(options: argparse.Namespace, settings: Settings) -> int:
    from bot.office import Office

    return print_rows(Office(settings).accounts(), options.json)


def _accounts_forget(options: argparse.Namespace, settings: Settings) -> int:
    from bot.forget import Forgetting
    from bot.storage.database import Database

    database = Database(settings.database_url)
    forgetting = Forgetting(database, settings.staff_channel, options.account)
    if not options.dry_run and not options.yes:
        raise SetupFault(
            f"this deletes all that is stored of {forgetting.name}, for good: look with --dry-run,"
            " then say --yes"
        )
    counts = forgetting.counts() if options.dry_run else forgetting.run()
    for table, count in sorted(counts.items()):
        if count:
            print(f"{table:24} {count:9,}")
    verb = "would be forgotten; nothing was changed" if options.dry_run else "is forgotten"
    print(
        f"{forgetting.name} {verb}. What was posted in Slack stays there until it is deleted there."
    )
    return 0


def _workspaces_list(options: argparse.Namespace, settings: Settings) -> int:
    from bot.installs import Installs

    return print_rows(Installs(settings).listed(), options.json)


def _workspaces_new_key(options: argparse.Namespace, settings: Settings) -> int:
    from bot.storage.sealing import new_key

    print(new_key())
    return 0


def _workspaces_rotate_keys(options: argparse.Namespace, settings: Settings) -> int:
    from bot.installs import Installs

    print(Installs(settings).rotate_keys())
    return 0
