"""The imported documentation."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from bot.commands.declaring import command, group, print_rows, with_json
from bot.settings import Settings


def declare(commands: Any) -> None:
    """Declare these commands."""
    kb = group(commands, "kb", "the imported documentation")
    sync = with_json(
        command(kb, "sync", _kb_sync, "import a folder of Markdown, or what changed in it")
    )
    sync.add_argument("folder", metavar="DIR", help="holds en, ja and zh, or pages of one language")
    sync.add_argument("--language", choices=("en", "ja", "zh"), help="of all its pages")
    sync.add_argument("--url-base", default="", metavar="URL", help="of the published site")
    with_json(command(kb, "status", _kb_status, "what is imported, and how the last sync went"))

    gaps = with_json(
        command(kb, "gaps", _kb_gaps, "what the documentation does not answer, grouped")
    )
    gaps.add_argument("--days", type=int, default=90, metavar="N", help="asked since (default 90)")


def _kb_sync(options: argparse.Namespace, settings: Settings) -> int:
    from bot.kb import sync_documents

    report = sync_documents(settings, Path(options.folder), options.language, options.url_base)
    if options.json:
        print(json.dumps(report.to_json(), ensure_ascii=False))
        return 0
    print(
        f"version {report.version} of the documentation: {report.pages:,} pages,"
        f" {report.sections:,} sections ({', '.join(report.languages)})"
    )
    print(
        f"{report.new} new, {report.changed} changed, {report.removed} removed,"
        f" {len(report.failed)} failed, in {report.seconds:.1f} s"
    )
    for failed in report.failed:
        print(f"  {failed.path}: {failed.reason}")
    if report.recalled:
        print(f"{report.recalled} answers were given from what changed: staff are told in Slack")
    return 0


def _kb_status(options: argparse.Namespace, settings: Settings) -> int:
    from bot.kb import status_of_documents

    status = status_of_documents(settings)
    if options.json:
        print(json.dumps(status, ensure_ascii=False))
        return 0
    if not status["version"]:
        print("nothing imported yet: `supportbot kb sync DIR` imports a documentation tree")
    else:
        print(f"version {status['version']}, published {status['published']}, {status['url_base']}")
    for language, counts in status["languages"].items():
        print(f"  {language}  {counts['pages']:,} pages, {counts['sections']:,} sections")
    if status["running"]:
        print(f"a sync is running: {status['running']}")
    last = status["last_sync"]
    if last:
        print(
            f"last sync {status['last_sync_finished']}: {last['new']} new,"
            f" {last['changed']} changed, {last['removed']} removed, {len(last['failed'])} failed"
        )
        for failed in last["failed"]:
            print(f"  {failed['path']}: {failed['reason']}")
    return 0


def _kb_gaps(options: argparse.Namespace, settings: Settings) -> int:
    from bot.kb import gaps_in_documents

    rows = [gap.to_json() for gap in gaps_in_documents(settings, options.days)]
    if options.json:
        return print_rows(rows, as_json=True)
    shown = [
        {
            "asked": row["count"],
            "gap": row["kind"],
            "languages": " ".join(f"{name} {count}" for name, count in row["languages"].items()),
            "👎": row["votes"].get("no", ""),
            "question": row["question"],
            "nearest page": row["nearest"],
        }
        for row in rows
    ]
    return print_rows(shown, as_json=False)
