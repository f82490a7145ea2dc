"""Environment → settings. Every variable is listed in README, and a test says so."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from bot.desk.errors import SetupFault
from bot.desk.meaning import LANGUAGES, Language, language_of

SLACK_API = "https://slack.com/api/"
DEFAULT_PORT = 3000
RATING_MINUTES = 30
UNDO_SECONDS = 10.0
LARGEST_FILE_MB = 100
_LONGEST_UNDO = 300.0
"""Five minutes. A customer who waits longer for a written answer is only waiting."""
_LEAST_RETENTION, _MOST_RETENTION = 30, 3650
"""Days. Arrivals are kept for thirty; a follow-up opens a request again within seven."""
_PREFIX = "SUPPORTBOT_"
VARIABLES = (
    "SLACK_BOT_TOKEN",
    "SLACK_APP_TOKEN",
    "SLACK_SIGNING_SECRET",
    "SLACK_CLIENT_ID",
    "SLACK_CLIENT_SECRET",
    "SLACK_API_URL",
    "SUPPORTBOT_DATABASE_URL",
    "SUPPORTBOT_TOKEN_KEYS",
    "SUPPORTBOT_WORKSPACE",
    "SUPPORTBOT_STAFF_CHANNEL",
    "SUPPORTBOT_STAFF_LANGUAGE",
    "SUPPORTBOT_ADMINS",
    "SUPPORTBOT_ON_CALL",
    "SUPPORTBOT_UNDO_SECONDS",
    "SUPPORTBOT_LARGEST_FILE_MB",
    "SUPPORTBOT_RATING_MINUTES",
    "SUPPORTBOT_RETENTION_DAYS",
    "SUPPORTBOT_SMTP_URL",
    "SUPPORTBOT_MAIL_FROM",
    "SUPPORTBOT_PORT",
    "SUPPORTBOT_CONTENT",
    "SUPPORTBOT_CACHE",
    "SUPPORTBOT_LOG",
    "SUPPORTBOT_LOG_FORMAT",
    "SUPPORTBOT_METRICS_PORT",
    "SUPPORTBOT_FAULT",
)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the environment decides. Printing it shows no secret."""

    bot_token: str = field(repr=False)
    app_token: str = field(repr=False)
    signing_secret: str = field(repr=False)
    api_url: str
    database_url: str = field(repr=False)
    staff_channel: str
    staff_language: Language
    admins: frozenset[str]
    on_call: str
    port: int
    content: Path
    cache: Path
    log_level: str
    log_format: str = "text"
    metrics_port: int = 0
    """Of `/healthz`, `/readyz` and `/metrics`; 0: not served."""
    fault: str = ""
    """Where a test breaks this process: `bot.fault_points`."""
    rating_minutes: int | None = RATING_MINUTES
    """How long after resolving the customer is asked how it was; None: never."""
    retention_days: int | None = None
    """How long after its end a request keeps its words; None: for ever."""
    undo_seconds: float = UNDO_SECONDS
    """How long a staff reply can be taken back before it is sent; 0 sends at once."""
    largest_file_mb: int = LARGEST_FILE_MB
    """Larger files are not copied from one thread to the other but linked to; 0 copies none."""

    smtp_url: str = field(default="", repr=False)
    """The mail server; empty: no e-mail."""
    mail_from: str = ""

    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    """With `client_id`: other workspaces may install the app (`bot.slack.installing`)."""
    token_keys: tuple[str, ...] = field(default=(), repr=False)
    """Newest first; they seal those workspaces' tokens."""
    workspace: str = ""
    """Team id of our own workspace, where the app is installed there like anywhere else."""

    @property
    def several(self) -> bool:
        """Workspaces install the app by themselves; else there is ours, with `bot_token`."""
        return bool(self.client_id)

    def require_slack(self) -> None:
        """Raise `SetupFault` unless there is enough to connect."""
        problems = [*self._token_problems(), *self._installing_problems()]
        if self.app_token and not self.app_token.startswith("xapp-"):
            problems.append("SLACK_APP_TOKEN is no app-level token: it must begin with xapp-")
        if not self.app_token and not self.signing_secret:
            problems.append(
                "set SLACK_APP_TOKEN (Socket Mode, xapp-…) or SLACK_SIGNING_SECRET (signed HTTP)"
            )
        if not self.staff_channel:
            problems.append(
                "SUPPORTBOT_STAFF_CHANNEL is not set: copy the id (C…) of the channel where staff"
                " work from its details in Slack"
            )
        if problems:
            raise SetupFault(*problems)

    def _token_problems(self) -> list[str]:
        if not self.bot_token and self.several:
            return []
        if not self.bot_token:
            return [
                "SLACK_BOT_TOKEN is not set: copy the Bot User OAuth Token (xoxb-…) from your"
                " Slack app's page OAuth & Permissions"
            ]
        if self.bot_token.startswith("xoxb-"):
            return []
        why = ""
        if self.bot_token.startswith("xapp-"):
            why = " (this one is an app-level token)"
        if self.bot_token.startswith("xoxe"):
            why = (
                " (this one ends after twelve hours: leave it out, set SLACK_CLIENT_ID and"
                " install the app in your own workspace, too; README says how)"
            )
        return [f"SLACK_BOT_TOKEN is no bot token: it must begin with xoxb-{why}"]

    def _installing_problems(self) -> list[str]:
        problems = []
        if bool(self.client_id) != bool(self.client_secret):
            unset = "SLACK_CLIENT_SECRET" if self.client_id else "SLACK_CLIENT_ID"
            problems.append(
                f"{unset} is not set: both stand on your app's page Basic Information, under"
                " App Credentials"
            )
        if self.several and not self.token_keys:
            problems.append(
                "SUPPORTBOT_TOKEN_KEYS is not set: `supportbot workspaces new-key` prints a key;"
                " keep it apart from the database"
            )
        if self.several and not self.bot_token and not self.workspace:
            problems.append(
                "set SLACK_BOT_TOKEN, or SUPPORTBOT_WORKSPACE to the id (T…) of the workspace"
                " where staff work: it stands in the address of Slack in a browser"
            )
        return problems


def load_settings(environment: Mapping[str, str], here: Path) -> Settings:
    """Read and check the variables. Raises `SetupFault` with every problem found."""
    problems = _unknown(environment)

    def read(name: str, default: str = "") -> str:
        return environment.get(name, "").strip() or default

    language = read("SUPPORTBOT_STAFF_LANGUAGE", "en")
    if language not in LANGUAGES:
        problems.append(
            f"SUPPORTBOT_STAFF_LANGUAGE is {language!r}: write one of {', '.join(LANGUAGES)}"
        )
    port = DEFAULT_PORT
    written = read("SUPPORTBOT_PORT", str(DEFAULT_PORT))
    if written.isdecimal() and 0 < int(written) < 65536:
        port = int(written)
    else:
        problems.append(f"SUPPORTBOT_PORT is {written!r}: write a number from 1 to 65535")
    undo = UNDO_SECONDS
    written = read("SUPPORTBOT_UNDO_SECONDS", f"{UNDO_SECONDS:g}")
    if re.fullmatch(r"\d{1,3}(\.\d+)?", written) and float(written) <= _LONGEST_UNDO:
        undo = float(written)
    else:
        problems.append(
            f"SUPPORTBOT_UNDO_SECONDS is {written!r}: write a number from 0 to {_LONGEST_UNDO:g}"
        )
    largest = LARGEST_FILE_MB
    written = read("SUPPORTBOT_LARGEST_FILE_MB", str(LARGEST_FILE_MB))
    if written.isdecimal() and int(written) <= 1000:
        largest = int(written)
    else:
        problems.append(
            f"SUPPORTBOT_LARGEST_FILE_MB is {written!r}: write megabytes from 0 to 1000,"
            " the largest file that Slack takes"
        )
    rating: int | None = None
    written = read("SUPPORTBOT_RATING_MINUTES", str(RATING_MINUTES))
    if re.fullmatch(r"\d{1,5}", written):
        rating = int(written)
    elif written != "off":
        problems.append(
            f"SUPPORTBOT_RATING_MINUTES is {written!r}: write a number of minutes, or off"
        )
    retention: int | None = None
    written = read("SUPPORTBOT_RETENTION_DAYS")
    if written.isdecimal() and _LEAST_RETENTION <= int(written) <= _MOST_RETENTION:
        retention = int(written)
    elif written:
        problems.append(
            f"SUPPORTBOT_RETENTION_DAYS is {written!r}: write days from {_LEAST_RETENTION} to"
            f" {_MOST_RETENTION}, or leave it out to keep everything"
        )
    level = read("SUPPORTBOT_LOG", "INFO").upper()
    if level not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        problems.append(f"SUPPORTBOT_LOG is {level!r}: write DEBUG, INFO, WARNING or ERROR")
    log_format = read("SUPPORTBOT_LOG_FORMAT", "text").lower()
    if log_format not in ("text", "json"):
        problems.append(f"SUPPORTBOT_LOG_FORMAT is {log_format!r}: write text or json")
    metrics_port = 0
    wanted_port = read("SUPPORTBOT_METRICS_PORT")
    if wanted_port.isdecimal() and int(wanted_port) < 65536:
        metrics_port = int(wanted_port)
    elif wanted_port:
        problems.append(
            f"SUPPORTBOT_METRICS_PORT is {wanted_port!r}: write a number from 1 to 65535"
        )
    api_url = read("SLACK_API_URL", SLACK_API)
    if not api_url.startswith(("http://", "https://")):
        problems.append(f"SLACK_API_URL is {api_url!r}: write an http(s) address ending in /api/")
    staff_channel = read("SUPPORTBOT_STAFF_CHANNEL")
    if staff_channel.startswith("#"):
        problems.append(
            f"SUPPORTBOT_STAFF_CHANNEL is {staff_channel!r}: write the channel's id (C…), not its"
            " name; it stands at the end of the channel's details in Slack"
        )
    on_call = read("SUPPORTBOT_ON_CALL")
    if on_call and not re.fullmatch(r"[UW][A-Z0-9]{2,}", on_call):
        problems.append(
            f"SUPPORTBOT_ON_CALL is {on_call!r}: write one user id (U…); it stands in the person's"
            " Slack profile under ⋮ → Copy member ID"
        )
    workspace = read("SUPPORTBOT_WORKSPACE")
    if workspace and not re.fullmatch(r"T[A-Z0-9]{2,}", workspace):
        problems.append(
            f"SUPPORTBOT_WORKSPACE is {workspace!r}: write the id of one workspace (T…); it stands"
            " in the address of Slack in a browser"
        )
    smtp_url, mail_from = read("SUPPORTBOT_SMTP_URL"), read("SUPPORTBOT_MAIL_FROM")
    problems += _mail_problems(smtp_url, mail_from)
    if problems:
        raise SetupFault(*problems)
    cache = read("SUPPORTBOT_CACHE") or str(
        Path(environment.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "supportbot"
    )
    return Settings(
        bot_token=read("SLACK_BOT_TOKEN"),
        app_token=read("SLACK_APP_TOKEN"),
        signing_secret=read("SLACK_SIGNING_SECRET"),
        api_url=api_url if api_url.endswith("/") else api_url + "/",
        database_url=read("SUPPORTBOT_DATABASE_URL", "sqlite:///supportbot.db"),
        staff_channel=staff_channel,
        staff_language=language_of(language),
        on_call=on_call,
        admins=frozenset(read("SUPPORTBOT_ADMINS").replace(",", " ").split()),
        port=port,
        content=Path(read("SUPPORTBOT_CONTENT")) if read("SUPPORTBOT_CONTENT") else here,
        cache=Path(cache),
        log_level=level,
        log_format=log_format,
        metrics_port=metrics_port,
        fault=read("SUPPORTBOT_FAULT"),
        undo_seconds=undo,
        largest_file_mb=largest,
        rating_minutes=rating,
        retention_days=retention,
        smtp_url=smtp_url,
        mail_from=mail_from,
        client_id=read("SLACK_CLIENT_ID"),
        client_secret=read("SLACK_CLIENT_SECRET"),
        token_keys=tuple(read("SUPPORTBOT_TOKEN_KEYS").replace(",", " ").split()),
        workspace=workspace,
    )


def _mail_problems(url: str, sender: str) -> list[str]:
    """What is wrong with the mail server; the address is not repeated: a password stands in it."""
    if not url:
        return []
    problems = []
    try:
        parts = urlsplit(url)
        fits = parts.scheme in ("smtp", "smtps") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if not fits:
        problems.append(
            "SUPPORTBOT_SMTP_URL is no address of a mail server: write"
            " smtp://user:password@host:587 or smtps://…, with special characters as %40"
        )
    if not re.fullmatch(r"[!-;=?A-~]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", sender):
        problems.append(
            f"SUPPORTBOT_MAIL_FROM is {sender!r}: write the address that customers see as the"
            " sender, such as support@example.com"
        )
    return problems


def _unknown(environment: Mapping[str, str]) -> list[str]:
    """A misspelt setting would silently be its default: it is named instead."""
    problems = []
    ours = [name.removeprefix(_PREFIX) for name in VARIABLES if name.startswith(_PREFIX)]
    for name in sorted(environment):
        if name.startswith(_PREFIX) and name not in VARIABLES:
            near = difflib.get_close_matches(name.removeprefix(_PREFIX), ours, n=1)
            hint = f"did you mean {_PREFIX}{near[0]}?" if near else "README lists the settings"
            problems.append(f"{name} is no setting of supportbot: {hint}")
    return problems
