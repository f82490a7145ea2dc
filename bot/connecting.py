"""By which tokens we act in Slack, and who we are there: settings and database → identity."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime

from bot.desk.errors import GiveUp, SetupFault, TryLater
from bot.service.house import House, Identity
from bot.settings import Settings
from bot.slack.access import Accesses
from bot.slack.gateway import Gateway, web_client
from bot.slack.installing import INSTALL_PATH, Flow, build_flow
from bot.slack.transports import HttpTransport
from bot.storage.database import Database, utc_now
from bot.storage.revision import require_current
from bot.storage.sealing import TokenKeys

log = logging.getLogger(__name__)

_ATTEMPTS = 5


def open_database(settings: Settings) -> Database:
    """The database at the right revision. Raises `SetupFault`."""
    database = Database(settings.database_url)
    require_current(database)
    return database


def open_accesses(
    settings: Settings, database: Database, clock: Callable[[], datetime]
) -> Accesses | None:
    """The stored tokens, every one of them readable; None with one workspace.

    Raises `SetupFault`.
    """
    if not settings.several:
        return None
    accesses = Accesses(database, TokenKeys(settings.token_keys), clock)
    accesses.check()
    return accesses


def install_flow(
    settings: Settings,
    accesses: Accesses,
    database: Database,
    clock: Callable[[], datetime],
    house: House | None,
) -> Flow:
    return build_flow(
        accesses,
        database,
        house,
        clock,
        client_id=settings.client_id,
        client_secret=settings.client_secret,
        api_url=settings.api_url,
    )


def our_token(settings: Settings) -> str:
    """Of our own workspace, from wherever it stands. Raises `SetupFault`."""
    if settings.bot_token:
        return settings.bot_token
    database = open_database(settings)
    accesses = open_accesses(settings, database, utc_now)
    access = accesses.of(settings.workspace) if accesses is not None else None
    if access is None:
        raise _not_installed(settings)
    return access.token


def _not_installed(settings: Settings) -> SetupFault:
    return SetupFault(
        f"the app is not installed in SUPPORTBOT_WORKSPACE {settings.workspace}: `supportbot run`"
        f" serves the page {INSTALL_PATH} for it on port {settings.port}"
    )


def our_identity(settings: Settings, accesses: Accesses | None) -> Identity:
    """Who we are in our own workspace. Raises `SetupFault`."""
    if settings.bot_token:
        gateway = Gateway(web_client(settings.bot_token, settings.api_url))
        identity = who_are_we(gateway, settings)
        if accesses is not None:
            accesses.set_home(identity, settings.bot_token)
        return identity
    row = accesses.installed(settings.workspace) if accesses is not None else None
    if row is None:
        raise _not_installed(settings)
    return Identity(row.team, row.bot_user, row.bot, url=row.url)


def wait_for_our_installation(settings: Settings) -> None:
    """Serve the pages alone until our own workspace has the app.

    Raises `SetupFault`. Returns at once where there is nothing to wait for.
    """
    settings.require_slack()
    if settings.bot_token:
        return
    database = open_database(settings)
    accesses = open_accesses(settings, database, utc_now)
    assert accesses is not None
    try:
        if accesses.installed(settings.workspace):
            return
        flow = install_flow(settings, accesses, database, utc_now, None)
        pages = HttpTransport(None, settings.port, flow=flow)
        log.warning(
            "install the app in our own workspace %s first: %s on port %s",
            settings.workspace, INSTALL_PATH, settings.port,
        )  # fmt: skip
        pages.start()
        while not accesses.installed(settings.workspace):
            time.sleep(0.5)
        pages.stop()
    finally:
        database.close()


def who_are_we(gateway: Gateway, settings: Settings) -> Identity:
    """Ask Slack who the token belongs to. Raises `SetupFault` naming the token or the address."""
    for attempt in range(_ATTEMPTS):
        try:
            found = gateway.identity()
            return Identity(
                team=str(found.get("team_id", "")),
                user=str(found.get("user_id", "")),
                bot=str(found.get("bot_id", "")),
                name=str(found.get("user", "supportbot")),
                url=str(found.get("url", "")),
            )
        except GiveUp as error:
            raise SetupFault(
                f"Slack refused SLACK_BOT_TOKEN ({error}): copy it again from your app's page"
                " OAuth & Permissions, and install the app in the workspace"
            ) from error
        except TryLater as error:
            if attempt == _ATTEMPTS - 1:
                raise SetupFault(
                    f"{settings.api_url} does not answer ({error}): check the network and"
                    " SLACK_API_URL"
                ) from error
            log.warning("Slack does not answer yet: %s", error)
            time.sleep(error.retry_after or 0.5 * 2**attempt)
    raise AssertionError("unreachable")
