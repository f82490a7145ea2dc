"""`supportbot check`: what is missing or wrong before you run, one line each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from bot.content.folder import Content, load_content
from bot.content.problems import ContentError
from bot.desk.errors import SetupFault, TryLater
from bot.settings import Settings
from bot.slack.manifest import compare_manifest


def check(settings: Settings, *, intents: bool = False) -> int:
    """Run every check and print its outcome; 1 when something is to be mended."""
    report = _Report()
    content = report.run("content", lambda: load_content(settings.content), _size)
    report.run("dialogue words", lambda: _dialogue(settings))
    report.run("documents", lambda: _documents(settings))
    report.run("database", lambda: _database(settings))
    report.run("manifest", lambda: _manifest(settings.content / "app.yml"))
    report.run("settings", settings.require_slack)
    if settings.several and settings.token_keys:
        report.run("workspaces", lambda: _workspaces(settings))
    if settings.bot_token or settings.several:
        report.run("Slack", lambda: _slack(settings))
    if intents and content is not None:
        from bot.confusions import print_confusions  # learns: slow, and seldom asked for

        print_confusions(content.catalogue, settings)
    return 1 if report.failed else 0


class _Report:
    """Prints a line per check and remembers whether one failed."""

    def __init__(self) -> None:
        self.failed = False

    def run(self, name: str, step: Callable[[], Any], about: Callable[[Any], str] = str) -> Any:
        try:
            found = step()
        except (SetupFault, ContentError, TryLater) as error:
            self.failed = True
            for line in str(error).splitlines():
                print(f"✗ {name}: {line}")
            return None
        print(f"✓ {name}" + (f": {about(found)}" if found is not None else ""))
        return found


def _size(content: Content) -> str:
    phrases = sum(1 for _ in content.catalogue.examples())
    return (
        f"{len(content.catalogue.intents)} intents, {phrases} phrases,"
        f" {len(content.plans.plans)} plans, {len(content.templates.names())} templates,"
        f" {len(content.saved_replies)} saved replies"
    )


def _dialogue(settings: Settings) -> None:
    from bot.understanding.acts import load_acts

    load_acts(settings.content / "intents" / "dialogue.yml")


def _documents(settings: Settings) -> str:
    from bot.answers.library import Library

    library = Library.from_folder(settings.content / "knowledge", cache=settings.cache)
    return f"{len(library.index)} sections of our own articles"


def _database(settings: Settings) -> str:
    from bot.storage.database import Database, shown
    from bot.storage.revision import HEAD, require_current

    database = Database(settings.database_url)
    revision = database.revision()
    if revision == HEAD:
        return f"{shown(database.url)} at revision {HEAD}"
    if revision is None and database.embedded:
        return f"{shown(database.url)} will be created by the first command that needs it"
    require_current(database)
    return f"{shown(database.url)} was brought to revision {HEAD}"


def _manifest(file: Path) -> str:
    try:
        manifest = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SetupFault(f"{file} cannot be read ({error.strerror})") from error
    except yaml.YAMLError as error:
        raise SetupFault(f"{file} is not valid YAML: {error}") from error
    problems = compare_manifest(manifest)
    if problems:
        raise SetupFault(*(f"{file.name}: {problem}" for problem in problems))
    return "listeners, events, commands and scopes agree"


def _workspaces(settings: Settings) -> str:
    """Every stored token can be opened with the keys that are set."""
    from bot.connecting import open_accesses
    from bot.storage.database import Database, utc_now
    from bot.storage.revision import HEAD

    database = Database(settings.database_url)
    if database.revision() != HEAD:
        return "none yet"
    accesses = open_accesses(settings, database, utc_now)
    found = accesses.check() if accesses is not None else []
    return f"{len(found)} have installed the app: {', '.join(found)}" if found else "none yet"


def _slack(settings: Settings) -> str:
    from bot.connecting import our_token, who_are_we
    from bot.desk.errors import GiveUp
    from bot.slack.gateway import Gateway, web_client
    from bot.slack.manifest import missing_scopes

    gateway = Gateway(web_client(our_token(settings), settings.api_url))
    identity = who_are_we(gateway, settings)
    missing = missing_scopes(gateway.granted_scopes())
    if missing:
        raise SetupFault(
            f"the token lacks the scopes {', '.join(missing)}: paste app.yml into your app's"
            " manifest again and reinstall the app"
        )
    if settings.staff_channel:
        try:
            name = gateway.channel_name(settings.staff_channel)
        except GiveUp as error:
            raise SetupFault(
                f"SUPPORTBOT_STAFF_CHANNEL {settings.staff_channel} cannot be seen ({error}):"
                f" invite @{identity.name} there, and check the id"
            ) from error
        return f"{identity.name} in {identity.team}, staff channel #{name}"
    return f"{identity.name} in {identity.team}"
