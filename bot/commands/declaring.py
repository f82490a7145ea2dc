"""How commands are declared, and how rows are printed."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from typing import Any

from bot.settings import Settings

Run = Callable[[argparse.Namespace, Settings], int]
"""Does one command; returns the exit code."""


def command(commands: Any, name: str, run: Run, about: str) -> argparse.ArgumentParser:
    """Declare `name` below `commands`; returns its parser for further options."""
    parser: argparse.ArgumentParser = commands.add_parser(name, help=about, description=about)
    parser.set_defaults(run=run)
    return parser


def group(commands: Any, name: str, about: str) -> Any:
    """Declare a command that has commands of its own; returns what they are declared below."""
    parser = commands.add_parser(name, help=about, description=about)
    return parser.add_subparsers(required=True, metavar="COMMAND")


def with_json(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Let the command print JSON lines, too."""
    parser.add_argument("--json", action="store_true", help="JSON lines")
    return parser


def print_rows(rows: list[dict[str, Any]], as_json: bool) -> int:
    """As JSON lines or as a table; every row has the keys of the first."""
    if as_json:
        for row in rows:
            print(json.dumps(row, ensure_ascii=False))
        return 0
    if not rows:
        print("none")
        return 0
    rows = [{n: "" if value is None else str(value) for n, value in row.items()} for row in rows]
    widths = {name: max(len(name), *(len(row[name]) for row in rows)) for name in rows[0]}
    widths = {name: min(width, 60) for name, width in widths.items()}
    print("  ".join(name.ljust(width) for name, width in widths.items()).rstrip())
    for row in rows:
        print("  ".join(row[n][:w].ljust(w) for n, w in widths.items()).rstrip())
    return 0
