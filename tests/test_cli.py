"""The command line: what it prints, what it says when something is wrong, and its exit codes."""

from __future__ import annotations

import csv
import io
import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.cli import main
from bot.sandbox.scenes import demo_scene
from bot.sandbox.server import Sandbox
from bot.storage.database import Database
from bot.storage.sealing import TokenKeys, Tokens, new_key
from bot.storage.tables import GivenAnswer, SupportRequest
from bot.storage.unit_of_work import look, work
from bot.storage.upgrade import upgrade
from tests.support.doc_trees import TREE, write_tree

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


class Shell:
    """Runs commands in this process, in an environment of its own."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capsys = capsys
        self._monkeypatch = monkeypatch
        self.out = ""
        self.err = ""

    def __call__(self, *arguments: str, stdin: str = "", **environment: str) -> int:
        for name, value in environment.items():
            self._monkeypatch.setenv(name, value)
        self._monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        self._capsys.readouterr()
        code = main(list(arguments))
        self.out, self.err = self._capsys.readouterr()
        return code

    def json(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def complaint(self) -> str:
        """The one line that says what is wrong."""
        (line,) = self.err.splitlines()
        assert line.startswith("supportbot: ")
        return line


@pytest.fixture
def shell(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Shell]:
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_API_URL",
                 "SUPPORTBOT_STAFF_CHANNEL", "SUPPORTBOT_PORT", "SUPPORTBOT_CONTENT",
                 "SUPPORTBOT_ADMINS", "SUPPORTBOT_STAFF_LANGUAGE", "SLACK_CLIENT_ID",
                 "SLACK_CLIENT_SECRET", "SUPPORTBOT_TOKEN_KEYS",
                 "SUPPORTBOT_WORKSPACE"):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SUPPORTBOT_DATABASE_URL", f"sqlite:///{tmp_path / 'desk.db'}")
    monkeypatch.setenv("SUPPORTBOT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("SUPPORTBOT_LOG", "WARNING")
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield Shell(capsys, monkeypatch)
    for number, handler in handlers.items():
        signal.signal(number, handler)


# --- match and ask ------------------------------------------------------------------------------


@pytest.fixture
def intents(tmp_path: Path) -> str:
    """A catalogue that is learnt in a moment."""
    folder = tmp_path / "intents"
    folder.mkdir()
    (folder / "ask_docs.yml").write_text(
        "description: A question\n"
        "phrases:\n"
        "  en: [how do I connect to a cluster?, what is a changefeed?, where are backups kept?]\n"
        "  ja: [クラスターに接続する方法は？]\n",
        encoding="utf-8",
    )
    (folder / "check_request.yml").write_text(
        "description: The state\n"
        "phrases:\n"
        "  en: [how is my request?, any news about my ticket?, show my tickets]\n"
        "  ja: [チケットの状況は？]\n",
        encoding="utf-8",
    )
    return str(folder)


def test_match_answers_line_by_line_in_order(shell: Shell, intents: str) -> None:
    lines = [
        {"text": "show my tickets", "mentioned": True},
        {"text": "クラスターに接続する方法は？", "mentioned": True},
        {"text": "what is a changefeed?", "mentioned": True},
    ]
    stdin = "\n\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    assert shell("match", "--intents", intents, stdin=stdin) == 0
    found = shell.json()
    assert [one["intent"] for one in found] == ["check_request", "ask_docs", "ask_docs"]
    assert [one["language"] for one in found] == ["en", "ja", "en"]
    for one in found:
        assert {"intent", "score", "language", "slots", "also", "reply"} <= one.keys()
        assert 0 <= one["score"] <= 1
        assert one["reply"] is True


def test_match_takes_one_text_and_tells_why(shell: Shell, intents: str) -> None:
    assert shell("match", "show my tickets", "--mentioned", "--intents", intents, "-v") == 0
    first, *why = shell.out.splitlines()
    assert json.loads(first)["intent"] == "check_request"
    assert any("check_request: show my tickets" in line for line in why)


@pytest.mark.parametrize(
    "bad", ["not json", '"a text"', "[1]", '{"txt": "x"}', "{", "null"], ids=str
)
def test_a_bad_line_is_named_after_the_good_ones_were_answered(
    shell: Shell, intents: str, bad: str
) -> None:
    stdin = f'{{"text": "show my tickets"}}\n\n{bad}\n'
    assert shell("match", "--intents", intents, stdin=stdin) == 1
    assert len(shell.json()) == 1
    assert 'standard input, line 3: write one JSON object a line with "text"' in shell.err


def test_a_catalogue_with_a_mistake_is_named(shell: Shell, intents: str) -> None:
    (Path(intents) / "ask_docs.yml").write_text("phrases: {en: [no]}", encoding="utf-8")
    assert shell("match", "x", "--intents", intents) == 1
    assert "ask_docs.yml:1: phrases.en[0]: YAML reads no as bool" in shell.err
    assert "ask_docs.yml: description: is missing" in shell.err
    assert shell("match", "x", "--intents", "/no/such") == 1
    assert shell.complaint == "supportbot: /no/such: there is no such folder"


def test_ask_answers_with_its_sources(shell: Shell) -> None:
    stdin = '{"question": "how do I connect to a cluster?"}\n{"question": "qwrtzp", "x": 1}\n'
    assert shell("ask", stdin=stdin) == 0
    known, unknown = shell.json()
    assert known["answered"] in ("answer", "suggest")
    assert {"path", "anchor", "title", "url", "score"} <= known["sources"][0].keys()
    assert unknown["answered"] == "unknown"
    assert unknown["sources"] == []


# --- documentation ------------------------------------------------------------------------------


def test_a_tree_is_imported_asked_and_shown(shell: Shell, tmp_path: Path) -> None:
    assert shell("kb", "status") == 0
    assert "nothing imported yet" in shell.out
    tree = write_tree(tmp_path / "docs", {**TREE, "en/bad.md": b"# caf\xe9\n"})
    assert shell("kb", "sync", str(tree), "--url-base", "https://docs.example.com") == 0
    assert shell.out.splitlines()[0] == (
        "version 1 of the documentation: 3 pages, 7 sections (en, ja)"
    )
    assert "3 new, 0 changed, 0 removed, 1 failed" in shell.out
    assert "en/bad.md: is not UTF-8" in shell.out
    assert shell.err.splitlines() == [
        "reading …", "parsing 3 pages …", "storing 3 pages …", "indexing …", "publishing …"
    ]  # fmt: skip
    assert shell("kb", "sync", str(tree), "--json") == 0
    assert shell.json()[0]["new"] == 0
    assert shell("kb", "status", "--json") == 0
    (status,) = shell.json()
    assert status["languages"]["en"] == {"pages": 2, "sections": 5}
    assert status["last_sync"]["failed"][0]["path"] == "en/bad.md"
    assert shell("kb", "status") == 0
    assert "  ja  1 pages, 2 sections" in shell.out
    assert shell("ask", "how do I fill the reservoir?") == 0
    (answer,) = shell.json()
    assert (
        answer["sources"][0]["url"] == "https://docs.example.com/tidbcloud/lamp#fill-the-reservoir"
    )


def test_what_the_documentation_lacks_is_listed_by_how_often_it_was_asked(
    shell: Shell, tmp_path: Path
) -> None:
    assert shell("kb", "gaps") == 0
    assert shell.out == "none\n"
    database = Database(f"sqlite:///{tmp_path / 'desk.db'}")
    asked = (
        "Which paint for the tower?",
        "How loud is the horn?",
        "Which paint for the tower door?",
    )
    with work(database, NOON) as uow:
        for question in asked:
            uow.add_answer(
                GivenAnswer(channel="C1", thread_ts="1.0", band="unknown", question=question,
                            language="en", at=datetime.now(UTC))
            )  # fmt: skip
    database.close()
    assert shell("kb", "gaps", "--json") == 0
    first, second = shell.json()
    assert (first["count"], first["languages"], second["count"]) == (2, {"en": 2}, 1)
    assert shell("kb", "gaps") == 0
    assert "Which paint for the tower door?" in shell.out.splitlines()[1]
    assert shell("kb", "gaps", "--days", "0") == 1
    assert "--days 0: write at least 1" in shell.complaint


def test_asking_makes_no_database(shell: Shell, tmp_path: Path) -> None:
    assert shell("ask", "how do I connect to a cluster?") == 0
    assert not (tmp_path / "desk.db").exists()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["/no/such/folder"], "/no/such/folder does not exist: name the folder"),
        ([__file__], "is not a folder: name the folder that holds the pages"),
        (["EMPTY"], "holds no Markdown: files must end in .md"),
        (["EMPTY", "--url-base", "docs.example.com"], "write an http(s) address"),
    ],
)
def test_what_cannot_be_imported_is_named(
    shell: Shell, tmp_path: Path, arguments: list[str], complaint: str
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    given = [str(empty) if one == "EMPTY" else one for one in arguments]
    assert shell("kb", "sync", *given) == 1
    assert complaint in shell.err


# --- accounts and tickets -----------------------------------------------------------------------


def add(shell: Shell, *more: str) -> int:
    return shell("accounts", "add", "Kitsune Games", "--channel", "C7", *more)


def test_an_account_is_added_and_listed(shell: Shell) -> None:
    assert add(shell, "--plan", "enterprise", "--time-zone", "Asia/Tokyo", "--language", "ja",
               "--mode", "mention", "--cluster", "prod-1", "--cluster", "prod-2") == 0  # fmt: skip
    assert "plan enterprise, time zone Asia/Tokyo, language ja, channels C7" in shell.out
    assert shell("accounts", "list", "--json") == 0
    assert shell.json() == [
        {
            "name": "Kitsune Games",
            "plan": "enterprise",
            "time_zone": "Asia/Tokyo",
            "language": "ja",
            "channels": "C7 (mention)",
            "clusters": "prod-1, prod-2",
        }
    ]
    assert shell("accounts", "list") == 0
    assert "Kitsune Games" in shell.out


def test_adding_it_again_changes_only_what_is_named(shell: Shell) -> None:
    add(shell, "--plan", "enterprise", "--language", "ja")
    assert add(shell, "--plan", "premium") == 0
    assert "plan premium" in shell.out
    assert "language ja" in shell.out


@pytest.mark.parametrize(
    ("option", "value", "mend"),
    [
        ("--plan", "platinum", "the plans are basic, standard, enterprise, premium"),
        ("--time-zone", "Tokio", "write one such as Asia/Tokyo"),
        ("--channel", "#general", "write the channel's id (C…)"),
    ],
)
def test_a_value_that_cannot_be_is_named(shell: Shell, option: str, value: str, mend: str) -> None:
    assert shell("accounts", "add", "Kitsune", option, value) == 1
    assert f"{option} {value}" in shell.complaint
    assert mend in shell.complaint


def test_a_channel_is_never_moved_by_accident(shell: Shell) -> None:
    add(shell)
    assert shell("accounts", "add", "Borealis", "--channel", "C7") == 1
    assert "belongs to another account" in shell.complaint
    shell("accounts", "list", "--json")
    assert [account["name"] for account in shell.json()] == ["Kitsune Games"]


def test_the_audit_trail_tells_who_did_what(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "mika")
    add(shell, "--plan", "basic")
    add(shell, "--plan", "premium", "--mode", "mention")
    assert shell("audit", "list", "--account", "Kitsune Games", "--json") == 0
    first, linked, plan, mode = shell.json()
    assert {line["actor"] for line in shell.json()} == {"shell:mika"}
    assert (first["deed"], first["from"], first["before"]) == ("accounts add", "shell", {})
    assert (linked["subject"], linked["after"]["mode"]) == ("channel C7", "listen")
    assert (plan["before"], plan["after"]) == ({"plan": "basic"}, {"plan": "premium"})
    assert (mode["before"], mode["after"]) == ({"mode": "listen"}, {"mode": "mention"})
    assert shell("audit", "list", "--actor", "shell:mika", "--since", "1d") == 0
    assert "plan basic → premium" in shell.out
    assert shell("audit", "list", "--request", "SUP-1001") == 0
    assert shell.out == "none\n"


@pytest.mark.parametrize(
    ("option", "mend"),
    [
        (("--account", "Nobody"), "there is no account 'Nobody': see `accounts list`"),
        (
            ("--request", "seven"),
            "--request seven: write the number of a request, such as SUP-1001",
        ),
        (("--since", "soon"), "--since soon: write days such as 30d"),
    ],
)
def test_a_trail_of_what_there_is_not(shell: Shell, option: tuple[str, str], mend: str) -> None:
    assert shell("audit", "list", *option) == 1
    assert mend in shell.complaint


def test_a_customer_is_forgotten_when_that_is_said_twice(shell: Shell) -> None:
    add(shell, "--cluster", "prod-1")
    assert shell("accounts", "forget", "Kitsune Games") == 1
    assert "look with --dry-run, then say --yes" in shell.complaint
    assert shell("accounts", "forget", "Kitsune Games", "--dry-run") == 0
    assert "nothing was changed" in shell.out
    assert shell("accounts", "list") == 0
    assert "Kitsune Games" in shell.out
    assert shell("accounts", "forget", "Kitsune Games", "--yes") == 0
    assert re.search(r"^cluster +1$", shell.out, re.MULTILINE)
    assert shell("accounts", "list") == 0
    assert shell.out == "none\n"
    assert shell("accounts", "forget", "Kitsune Games", "--yes") == 1
    assert "there is no account 'Kitsune Games'" in shell.complaint
    assert shell("audit", "list", "--account", "1", "--json") == 0
    assert shell.json()[-1]["deed"] == "forget"
    assert "Kitsune" not in shell.out


def open_request(tmp_path: Path, state: str, summary: str) -> None:
    database = Database(f"sqlite:///{tmp_path / 'desk.db'}")
    with work(database, NOON) as uow:
        account = uow.accounts.by_name("Kitsune Games")
        assert account is not None
        row = SupportRequest(
            account_id=account.id, origin=summary, requester="U1", requester_name="Hana Mori",
            channel="C7", thread_ts="1.0", intent="get_cluster_support", queue="support",
            severity="S2", state=state, summary=summary, fields={"cluster": "prod-1"},
            language="ja", staff_channel="C9", opened_at=NOON, updated_at=NOON,
        )  # fmt: skip
        uow.requests.record(uow.requests.add(row).id, "opened", "U1", "Hana Mori")
    database.close()


def test_tickets_are_listed_shown_and_exported(shell: Shell, tmp_path: Path) -> None:
    add(shell)
    open_request(tmp_path, "new", "prod-1 が\nとても遅い")
    open_request(tmp_path, "closed", "old one")
    assert shell("tickets", "list", "--json") == 0
    assert [(row["number"], row["summary"]) for row in shell.json()] == [
        ("SUP-1001", "prod-1 が とても遅い")
    ]
    assert shell("tickets", "list", "--all", "--json", "--account", "Kitsune Games") == 0
    assert [row["number"] for row in shell.json()] == ["SUP-1002", "SUP-1001"]
    assert shell("tickets", "show", "sup-1001", "--json") == 0
    shown = json.loads(shell.out)
    assert shown["fields"] == {"cluster": "prod-1"}
    assert shown["history"][0]["actor"] == "Hana Mori"
    assert shell("tickets", "show", "1001") == 0
    assert "Kitsune Games" in shell.out
    assert shell("tickets", "export") == 0
    assert [row["number"] for row in shell.json()] == ["SUP-1001", "SUP-1002"]


def test_what_does_not_exist_is_said(shell: Shell) -> None:
    assert shell("tickets", "list") == 0
    assert shell.out == "none\n"
    for number in ("SUP-1001", "nonsense"):
        assert shell("tickets", "show", number) == 1
        assert f"there is no request {number}" in shell.complaint
    assert shell("tickets", "list", "--account", "Nobody") == 1
    assert "there is no account 'Nobody'" in shell.complaint


# --- the database -------------------------------------------------------------------------------


def test_the_schema_is_brought_up_to_date(shell: Shell) -> None:
    assert shell("db", "upgrade") == 0
    assert "revision none → 0" in shell.out
    assert shell("db", "upgrade") == 0
    assert "revision none" not in shell.out


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("nonsense", "is not a database address"),
        ("sqlite:////no/such/folder/x.db", "the folder /no/such/folder does not exist"),
        ("postgresql+psycopg://nobody@127.0.0.1:1/x", "cannot be opened"),
    ],
)
@pytest.mark.parametrize("command", [("accounts", "list"), ("db", "upgrade"), ("tickets", "list")])
def test_a_database_that_cannot_be_opened_is_named(
    shell: Shell, command: tuple[str, ...], url: str, complaint: str
) -> None:
    assert shell(*command, SUPPORTBOT_DATABASE_URL=url) == 1
    assert complaint in shell.complaint


def test_a_database_of_a_newer_version_is_left_alone(shell: Shell, tmp_path: Path) -> None:
    shell("db", "upgrade")
    database = Database(f"sqlite:///{tmp_path / 'desk.db'}")
    with database.transaction() as session:
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    for command in (("accounts", "list"), ("db", "upgrade")):
        assert shell(*command) == 1
        assert "revision 9999, which is newer" in shell.complaint


# --- set-up -------------------------------------------------------------------------------------


def test_a_misspelt_setting_stops_every_command(shell: Shell) -> None:
    assert shell("tickets", "list", SUPPORTBOT_STAF_CHANNEL="C1") == 1
    assert "did you mean SUPPORTBOT_STAFF_CHANNEL?" in shell.complaint


def test_run_says_what_is_missing(shell: Shell) -> None:
    assert shell("run") == 1
    assert [line.split()[1] for line in shell.err.splitlines()] == [
        "SLACK_BOT_TOKEN",
        "set",
        "SUPPORTBOT_STAFF_CHANNEL",
    ]


def test_a_wrong_token_is_named_and_not_shown(shell: Shell) -> None:
    token = "-".join(("xoxb", "wrong", "one"))
    with Sandbox(demo_scene()) as sandbox:
        code = shell(
            "run",
            SLACK_BOT_TOKEN=token,
            SLACK_APP_TOKEN=sandbox.app_token,
            SLACK_API_URL=sandbox.base_url,
            SUPPORTBOT_STAFF_CHANNEL="C1",
        )
    assert code == 1
    assert "Slack refused SLACK_BOT_TOKEN" in shell.complaint
    assert "invalid_auth" in shell.complaint
    assert token not in shell.err


def test_check_reads_everything_and_fails_where_something_is_missing(shell: Shell) -> None:
    assert shell("check") == 1
    assert "✓ content: " in shell.out
    assert "✓ manifest: listeners, events, commands and scopes agree" in shell.out
    assert "✗ settings: SLACK_BOT_TOKEN is not set" in shell.out


def test_check_in_a_folder_without_content_names_what_is_missing(
    shell: Shell, tmp_path: Path
) -> None:
    assert shell("check", SUPPORTBOT_CONTENT=str(tmp_path / "nowhere")) == 1
    assert "nowhere/intents: is no folder; set SUPPORTBOT_CONTENT" in shell.out
    assert "thesaurus.yml: the file cannot be read (No such file or directory)" in shell.out


def test_check_with_tokens_asks_slack(shell: Shell) -> None:
    with Sandbox(demo_scene(), Path(__file__).parents[1] / "app.yml") as sandbox:
        staff = sandbox.workspace.find_channel("support-desk").id
        environment = {
            "SLACK_BOT_TOKEN": sandbox.bot_token,
            "SLACK_APP_TOKEN": sandbox.app_token,
            "SLACK_API_URL": sandbox.base_url,
        }
        assert shell("check", **environment, SUPPORTBOT_STAFF_CHANNEL=staff) == 0
        assert "staff channel #support-desk" in shell.out
        assert shell("check", **environment, SUPPORTBOT_STAFF_CHANNEL="C0NOWHERE") == 1
        assert "✗ Slack: SUPPORTBOT_STAFF_CHANNEL C0NOWHERE cannot be seen" in shell.out


@pytest.fixture
def installed(tmp_path: Path) -> tuple[str, str]:
    """A database with one installed workspace; the key it is sealed with, and its team."""
    database, key, team = Database(f"sqlite:///{tmp_path / 'desk.db'}"), new_key(), "T0BOREALIS"
    upgrade(database)
    with work(database, NOON) as uow:
        uow.workspaces.install(
            team, name="Borealis Pay", url="", bot_user="U1", bot="B1", installed_by="U2",
            sealed=TokenKeys([key]).seal(team, Tokens("bot", "refresh")), expires_at=NOON,
        )  # fmt: skip
    database.close()
    return key, team


def test_workspaces_are_listed(shell: Shell, installed: tuple[str, str]) -> None:
    assert shell("workspaces", "list", "--json") == 0
    (row,) = shell.json()
    assert (row["workspace"], row["name"], row["state"]) == (
        installed[1],
        "Borealis Pay",
        "installed",
    )
    assert row["token ends"] == "2026-11-18 12:00"


def test_keys_are_rotated(shell: Shell, installed: tuple[str, str], tmp_path: Path) -> None:
    old, team = installed
    assert shell("workspaces", "new-key") == 0
    new = shell.out.strip()
    assert shell("workspaces", "rotate-keys", SUPPORTBOT_TOKEN_KEYS=new) == 1
    assert f"the tokens of workspace {team} cannot be read" in shell.complaint
    assert shell("workspaces", "rotate-keys", SUPPORTBOT_TOKEN_KEYS=f"{new},{old}") == 0
    assert "1 workspaces are sealed with the first key" in shell.out
    with look(Database(f"sqlite:///{tmp_path / 'desk.db'}"), NOON) as uow:
        row = uow.workspaces.get(team)
    assert row is not None
    assert TokenKeys([new]).open(team, row.sealed) == Tokens("bot", "refresh")
    assert shell("workspaces", "rotate-keys", SUPPORTBOT_TOKEN_KEYS="") == 1
    assert "SUPPORTBOT_TOKEN_KEYS is not set" in shell.complaint


def test_check_opens_every_stored_token(shell: Shell, installed: tuple[str, str]) -> None:
    key, team = installed
    shell("check", SLACK_CLIENT_ID="1.2", SLACK_CLIENT_SECRET="s", SUPPORTBOT_TOKEN_KEYS=key)
    assert f"✓ workspaces: 1 have installed the app: {team}" in shell.out
    assert "✗ settings: set SLACK_BOT_TOKEN, or SUPPORTBOT_WORKSPACE" in shell.out
    shell("check", SUPPORTBOT_TOKEN_KEYS=new_key())
    assert f"✗ workspaces: the tokens of workspace {team} cannot be read" in shell.out


def test_run_does_not_start_with_a_key_that_does_not_fit(
    shell: Shell, installed: tuple[str, str]
) -> None:
    bot, app = "-".join(("xoxb", "x")), "-".join(("xapp", "x"))
    with Sandbox(demo_scene()) as sandbox:
        code = shell(
            "run", SLACK_BOT_TOKEN=bot, SLACK_APP_TOKEN=app, SLACK_API_URL=sandbox.base_url,
            SUPPORTBOT_STAFF_CHANNEL="C1", SLACK_CLIENT_ID="1.2", SLACK_CLIENT_SECRET="s",
            SUPPORTBOT_TOKEN_KEYS=new_key(),
        )  # fmt: skip
    assert code == 1
    assert f"the tokens of workspace {installed[1]} cannot be read" in shell.complaint


def test_a_taken_port_is_named(shell: Shell, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        folder = str(tmp_path / "demo")
        assert shell("demo", "--port", port, "--no-browser", "--folder", folder) == 1
    assert port in shell.complaint


@pytest.mark.parametrize(
    "arguments", [["no-such-command"], ["accounts"], ["accounts", "add"], ["match", "--nope"], []]
)
def test_a_command_that_does_not_exist_ends_with_the_usage(
    shell: Shell, arguments: list[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        shell(*arguments)
    assert left.value.code == 2


def test_the_installed_command_works_and_a_reader_that_leaves_is_no_error(tmp_path: Path) -> None:
    """`supportbot … | head -1`: the pipe is closed before everything is printed."""
    program = Path(sys.executable).with_name("supportbot")
    done = subprocess.run(
        f"'{program}' --help | head -1", shell=True, capture_output=True, text=True, check=False,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
    )  # fmt: skip
    assert done.stdout.startswith("usage: supportbot")
    assert done.stderr == ""


def test_the_report_as_lines_values_and_page(shell: Shell, tmp_path: Path) -> None:
    add(shell)
    open_request(tmp_path, "new", "prod-1 is slow")
    assert shell("report", "--since", "2026-01-01") == 0
    assert "opened: 1" in shell.out
    assert shell("report", "--since", "2026-01-01", "--json") == 0
    figures = json.loads(shell.out)
    assert (figures["opened"], figures["by_account"]) == (1, [["Kitsune Games", 1]])
    assert figures["satisfaction"]["answered"] == 0
    assert figures["promises_by_plan"] == figures["unanswered"] == []
    page = str(tmp_path / "report.html")
    assert shell("report", "--since", "2026-01-01", "--html", page) == 0
    assert "Kitsune Games" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_the_report_tells_promises_satisfaction_and_what_was_asked_in_vain(
    shell: Shell, tmp_path: Path
) -> None:
    add(shell, "--plan", "enterprise")
    open_request(tmp_path, "resolved", "prod-1 is slow")
    database = Database(f"sqlite:///{tmp_path / 'desk.db'}")
    with work(database, NOON) as uow:
        request = uow.requests.get(1)
        assert request is not None
        row = uow.requests.row(1)
        assert row is not None
        row.promise = "missed"
        uow.ratings.ask(request, timedelta(days=30))
        rating = uow.ratings.of(1)
        assert rating is not None
        rating.score, rating.words, rating.answered_at = 2, "=took <b>long", NOON
        for question in ("How do I brew espresso on mars?", "how do I brew espresso on Mars"):
            uow.add_answer(
                GivenAnswer(channel="C7", thread_ts="1.0", band="unknown", question=question,
                            language="en", at=NOON)
            )  # fmt: skip
    database.close()
    assert shell("report", "--since", "2026-01-01", "--json") == 0
    figures = json.loads(shell.out)
    assert figures["promises_by_plan"] == [{"of": ["enterprise", "S2"], "kept": 0, "missed": 1}]
    assert figures["promises_by_account"][0]["of"] == ["Kitsune Games"]
    assert figures["satisfaction"]["average"] == 2.0
    assert figures["satisfaction"]["remarks"][0]["number"] == "SUP-1001"
    (gap,) = figures["unanswered"]
    assert gap["count"] == 2
    assert shell("report", "--since", "2026-01-01") == 0
    assert "Enterprise · S2: 0 kept, 1 missed" in shell.out
    assert "2.0 of 5 (1 of 1 who were asked)" in shell.out
    assert "2 of 5 · Kitsune Games · SUP-1001: =took <b>long" in shell.out
    page = tmp_path / "report.html"
    assert shell("report", "--since", "2026-01-01", "--html", str(page)) == 0
    assert "=took &lt;b&gt;long" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("since", ["yesterday", "2999-01-01", "-3d"])
def test_a_report_since_no_day_names_the_mend(shell: Shell, since: str) -> None:
    assert shell("report", f"--since={since}") == 1
    assert "write days such as 30d" in shell.err


def test_a_report_that_cannot_be_written_says_so(shell: Shell, tmp_path: Path) -> None:
    assert shell("report", "--html", str(tmp_path / "no" / "report.html")) == 1
    assert "cannot be written" in shell.err


def test_an_export_for_spreadsheets_holds_no_formula(shell: Shell, tmp_path: Path) -> None:
    add(shell)
    open_request(tmp_path, "new", "=1+1")
    assert shell("tickets", "export", "--csv") == 0
    row = next(csv.DictReader(io.StringIO(shell.out)))
    assert (row["number"], row["summary"]) == ("SUP-1001", "'=1+1")
