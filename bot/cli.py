"""The command line. Each command loads only what it needs; errors end in one clear line."""

from __future__ import annotations

import argparse
import csv
import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.content.problems import ContentError
from bot.desk.errors import NotAllowed, SetupFault
from bot.progress import Learning
from bot.settings import Settings, load_settings

if TYPE_CHECKING:
    from bot.desk.documents import DocumentAnswer
    from bot.desk.meaning import Meaning
    from bot.understanding.reader import Why

CONTENT = Path(__file__).parent.parent
"""Where `intents/`, `knowledge/` and `templates/` lie in a checkout."""
_LOUD = ("slack_sdk", "slack_bolt", "uvicorn", "httpx", "asyncio", "waitress", "alembic")


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 when it went well, 1 when something is to be mended."""
    options = _parser().parse_args(arguments)
    try:
        settings = load_settings(os.environ, CONTENT)
        _log(settings.log_level, settings.log_format)
        run: Callable[[argparse.Namespace, Settings], int] = options.run
        return run(options, settings)
    except (SetupFault, ContentError) as error:
        for line in str(error).splitlines():
            print(f"supportbot: {line}", file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of our output (head, less) went away: nothing to complain about.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1


def _log(level: str, written_as: str) -> None:
    from bot.log_format import JsonFormatter, WordlessFormatter

    handler = logging.StreamHandler()
    handler.setFormatter(
        JsonFormatter()
        if written_as == "json"
        else WordlessFormatter("%(asctime)s %(levelname)s %(name)s %(message)s")
    )
    logging.basicConfig(level=level, handlers=[handler])
    for name in _LOUD:
        # At DEBUG the SDK logs whole bodies: customers' words and tokens.
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelName(level)))
    # What goes wrong in a call is sorted and told by the gateway.
    logging.getLogger("slack_sdk.web").setLevel(logging.CRITICAL)


# --- run, demo, check ---------------------------------------------------------------------------


def _run(options: argparse.Namespace, settings: Settings) -> int:
    from bot.connecting import wait_for_our_installation
    from bot.fault_points import arm_as_told
    from bot.wiring import build_bot

    arm_as_told(settings.fault)
    wait_for_our_installation(settings)
    bot = build_bot(settings)
    leave = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: leave.set())
    bot.start()
    identity = bot.house.identity
    print(
        f"supportbot is {identity.name} in {identity.team}, connected by"
        f" {bot.transport.address}; staff channel {settings.staff_channel}. Ctrl-C stops it.",
        flush=True,
    )
    leave.wait()
    print("stopping: finishing what is in hand", flush=True)
    bot.stop()
    return 0


def _demo(options: argparse.Namespace, settings: Settings) -> int:
    from bot.demo import Demo, play_tour

    if options.tour:
        return play_tour(settings)
    return Demo(settings, Path(options.folder), options.port).run(browser=not options.no_browser)


def _check(options: argparse.Namespace, settings: Settings) -> int:
    from bot.check import check

    return check(settings, intents=options.intents)


# --- understanding and answers from the command line ----------------------------------------------


def _texts(given: str | None, field: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The one text of the command line, or the JSON lines of standard input."""
    if given is not None:
        yield given, {}
        return
    for number, line in enumerate(sys.stdin, start=1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            text = entry[field]
        except (json.JSONDecodeError, KeyError, TypeError):
            raise SetupFault(
                f'standard input, line {number}: write one JSON object a line with "{field}"'
            ) from None
        yield str(text), entry


def _match(options: argparse.Namespace, settings: Settings) -> int:
    from bot.content.catalogue import load_catalogue
    from bot.desk.meaning import Hearing, language_of
    from bot.understanding.reader import Understanding

    folder = Path(options.intents) if options.intents else settings.content / "intents"
    catalogue = load_catalogue(folder)
    reader = Understanding.from_catalogue(catalogue, settings.cache, Learning)
    for text, entry in _texts(options.text, "text"):
        hint = entry.get("language")
        hearing = Hearing(
            addressed=bool(entry.get("mentioned", options.mentioned)),
            clusters=tuple(entry.get("clusters", ())),
            plan=entry.get("plan"),
            language_hint=language_of(hint) if hint else None,
        )
        meaning = reader.understand(text, hearing)
        print(json.dumps(_shown(meaning), ensure_ascii=False))
        if options.verbose:
            _print_why(meaning, reader.why(text, hearing))
    return 0


def _print_why(meaning: Meaning, why: Why) -> None:
    likely = ", ".join(f"{intent} {share:.2f}" for intent, share in why.likely)
    enough = "≥" if meaning.score >= why.needed else "<"
    signs = why.evidence
    unknown = signs.unknown_latin + signs.unknown_asian
    print(f"    if the bot is meant: {likely}")
    print(f"    something is asked of a support desk: {why.asked:.2f} by the words")
    print(
        f"    words that no request has: {unknown:.0%}; subjects of ours: {signs.subjects};"
        f" a person is mentioned: {'yes' if signs.person else 'no'}"
    )
    print(f"    score {meaning.score:.2f} {enough} {why.needed:.2f} needed to speak uninvited")
    print("    nearest phrases:")
    for near in meaning.nearest:
        print(f"      {near.similarity:.2f} {near.intent}: {near.phrase}")


def _shown(meaning: Meaning) -> dict[str, Any]:
    return {
        "intent": meaning.intent,
        "score": round(meaning.score, 4),
        "language": meaning.language,
        "slots": dict(meaning.slots),
        "also": [
            {"intent": one.intent, "score": round(one.score, 4), "slots": dict(one.slots)}
            for one in meaning.also
        ],
        "reply": meaning.reply,
        "unsure_between": list(meaning.unsure_between),
    }


def _ask(options: argparse.Namespace, settings: Settings) -> int:
    from bot.kb import library_for_asking

    library = library_for_asking(settings)
    for question, entry in _texts(options.question, "question"):
        language = entry.get("language", options.language)
        found = library.ask(question, language)
        print(json.dumps(_answered(found), ensure_ascii=False))
    return 0


def _answered(found: DocumentAnswer) -> dict[str, Any]:
    return {
        "answered": found.band,
        "score": round(found.score, 4),
        "language": found.language,
        "answer": found.text,
        "sources": [
            {
                "path": source.path,
                "anchor": source.anchor,
                "title": source.title,
                "section": source.section,
                "url": source.url,
                "language": source.language,
                "score": round(source.score, 4),
            }
            for source in found.sources
        ],
    }


# --- the imported documentation ------------------------------------------------------------------


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
        return _print_rows(rows, as_json=True)
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
    return _print_rows(shown, as_json=False)


# --- accounts, tickets, database ----------------------------------------------------------------


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

    return _print_rows(Office(settings).accounts(), options.json)


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

    return _print_rows(Installs(settings).listed(), options.json)


def _workspaces_new_key(options: argparse.Namespace, settings: Settings) -> int:
    from bot.storage.sealing import new_key

    print(new_key())
    return 0


def _workspaces_rotate_keys(options: argparse.Namespace, settings: Settings) -> int:
    from bot.installs import Installs

    print(Installs(settings).rotate_keys())
    return 0


def _tickets_list(options: argparse.Namespace, settings: Settings) -> int:
    from bot.office import Office

    return _print_rows(Office(settings).tickets(options.account, options.all), options.json)


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
    return _print_rows(office.misread(every=options.all), options.json)


def _report(options: argparse.Namespace, settings: Settings) -> int:
    from bot.report import Report

    report = Report(settings, options.since)
    if options.shadow:
        return _print_rows(report.shadow_rows(), options.json)
    if options.html:
        written = report.write_html(Path(options.html))
        print(f"written to {written}")
    elif options.json:
        print(json.dumps(report.values(), ensure_ascii=False, indent=2))
    else:
        print(report.text())
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
    return _print_rows(lines if options.json else [told(one) for one in lines], options.json)


def _stuck(options: argparse.Namespace, settings: Settings) -> int:
    from bot.stuck import Stuck

    return _print_rows(Stuck(settings).listed(), options.json)


def _stuck_retry(options: argparse.Namespace, settings: Settings) -> int:
    from bot.stuck import Stuck

    print(Stuck(settings).retry(options.id))
    return 0


def _stuck_give_up(options: argparse.Namespace, settings: Settings) -> int:
    from bot.stuck import Stuck

    print(Stuck(settings).give_up(options.id))
    return 0


def _print_rows(rows: list[dict[str, Any]], as_json: bool) -> int:
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


def _db_upgrade(options: argparse.Namespace, settings: Settings) -> int:
    from bot.storage.database import Database, shown
    from bot.storage.revision import HEAD
    from bot.storage.upgrade import upgrade

    database = Database(settings.database_url)
    before = database.revision()
    upgrade(database)
    print(f"{shown(database.url)}: revision {before or 'none'} → {HEAD}")
    return 0


# --- the parser ---------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="supportbot", description="A support desk inside Slack.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    demo = _command(commands, "demo", _demo, "the bot with a local workspace, in your browser")
    demo.add_argument("--port", type=int, default=8765, help="of the page (default 8765)")
    demo.add_argument("--no-browser", action="store_true", help="do not open the browser")
    demo.add_argument("--tour", action="store_true", help="play the main flows and leave")
    demo.add_argument("--folder", default="var/demo", help="where the demo keeps its state")

    _command(commands, "run", _run, "connect to Slack")
    check = _command(commands, "check", _check, "what is missing or wrong before you run")
    check.add_argument(
        "--intents", action="store_true", help="confusions and duplicates of phrases"
    )

    match = _command(commands, "match", _match, "understand one text, or JSON lines of stdin")
    match.add_argument("text", nargs="?")
    match.add_argument("--intents", metavar="DIR", help="another catalogue")
    match.add_argument("--mentioned", action="store_true", help="as if the bot were mentioned")
    match.add_argument(
        "-v", "--verbose", action="store_true", help="what decided, and the nearest phrases"
    )

    ask = _command(commands, "ask", _ask, "answer one question, or JSON lines of stdin")
    ask.add_argument("question", nargs="?")
    ask.add_argument("--language", choices=("en", "ja", "zh"))

    kb = _group(commands, "kb", "the imported documentation")
    sync = _json(
        _command(kb, "sync", _kb_sync, "import a folder of Markdown, or what changed in it")
    )
    sync.add_argument("folder", metavar="DIR", help="holds en, ja and zh, or pages of one language")
    sync.add_argument("--language", choices=("en", "ja", "zh"), help="of all its pages")
    sync.add_argument("--url-base", default="", metavar="URL", help="of the published site")
    _json(_command(kb, "status", _kb_status, "what is imported, and how the last sync went"))

    gaps = _json(_command(kb, "gaps", _kb_gaps, "what the documentation does not answer, grouped"))
    gaps.add_argument("--days", type=int, default=90, metavar="N", help="asked since (default 90)")

    accounts = _group(commands, "accounts", "customers and their channels")
    add = _command(accounts, "add", _accounts_add, "add or change an account")
    add.add_argument("name")
    add.add_argument("--channel", metavar="ID", help="a channel to link (C…)")
    add.add_argument("--plan", help="basic, standard, enterprise or premium")
    add.add_argument("--time-zone", metavar="TZ", help="such as Asia/Tokyo")
    add.add_argument("--language", choices=("en", "ja", "zh"))
    add.add_argument(
        "--mode", choices=("mention", "listen", "every", "shadow"), help="default listen"
    )
    add.add_argument("--cluster", action="append", default=[], help="a cluster name; repeatable")
    _json(_command(accounts, "list", _accounts_list, "all accounts"))

    forget = _command(accounts, "forget", _accounts_forget, "delete all that is stored of one")
    forget.add_argument("account", metavar="NAME", help="or its number")
    forget.add_argument("--dry-run", action="store_true", help="only count what would go")
    forget.add_argument("--yes", action="store_true", help="do it")

    workspaces = _group(commands, "workspaces", "Slack workspaces that installed the app")
    _json(_command(workspaces, "list", _workspaces_list, "all of them, and what is wrong"))
    _command(workspaces, "new-key", _workspaces_new_key, "print a key for SUPPORTBOT_TOKEN_KEYS")
    _command(
        workspaces, "rotate-keys", _workspaces_rotate_keys, "seal all tokens with the first key"
    )

    tickets = _group(commands, "tickets", "requests")
    listing = _json(_command(tickets, "list", _tickets_list, "open requests"))
    listing.add_argument("--account", help="only this account's")
    listing.add_argument("--all", action="store_true", help="closed ones too")
    _json(_command(tickets, "show", _tickets_show, "one request")).add_argument("number")
    export = _json(_command(tickets, "export", _tickets_export, "every request, as JSON lines"))
    export.add_argument("--csv", action="store_true", help="one line a request, for spreadsheets")

    intents = _group(commands, "intents", "what the bot understands")
    review = _json(
        _command(intents, "review", _intents_review, "messages that staff marked as misread")
    )
    review.add_argument("--all", action="store_true", help="those dealt with too")
    review.add_argument("--done", type=int, metavar="ID", help="mark one as dealt with")

    report = _json(_command(commands, "report", _report, "what came in and how it was answered"))
    report.add_argument(
        "--since", default="7d", help="days back such as 30d, or a date such as 2026-11-01"
    )
    report.add_argument(
        "--shadow", action="store_true", help="what it would have said in watched channels"
    )
    report.add_argument("--html", metavar="FILE", help="write one self-contained page")

    stuck = _json(_command(commands, "stuck", _stuck, "what waits for Slack or for us, and why"))
    trouble = stuck.add_subparsers(required=False, metavar="COMMAND")
    for name, do, about in (
        ("retry", _stuck_retry, "try one entry again at once"),
        ("give-up", _stuck_give_up, "never try it again; what waits behind it goes on"),
    ):
        _command(trouble, name, do, about).add_argument("id", metavar="ID")

    audit = _group(commands, "audit", "the audit trail")
    trail = _json(_command(audit, "list", _audit_list, "who did what, newest last"))
    trail.add_argument("--since", default="", help="days back such as 30d, or a date")
    trail.add_argument("--request", default="", metavar="SUP-…")
    trail.add_argument("--account", default="", metavar="NAME", help="or its number")
    trail.add_argument("--actor", default="", metavar="ID", help="U…, customer, bot, shell:login")
    trail.add_argument("--limit", type=int, default=1000, metavar="N", help="at most (1000)")

    database = _group(commands, "db", "the database")
    _command(database, "upgrade", _db_upgrade, "bring the schema to this version")
    return parser


def _command(
    commands: Any, name: str, run: Callable[[argparse.Namespace, Settings], int], about: str
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=about, description=about)
    parser.set_defaults(run=run)
    return parser


def _group(commands: Any, name: str, about: str) -> Any:
    parser = commands.add_parser(name, help=about, description=about)
    return parser.add_subparsers(required=True, metavar="COMMAND")


def _json(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("--json", action="store_true", help="JSON lines")
    return parser


if __name__ == "__main__":
    sys.exit(main())
