"""Installing the app in a workspace: Slack's OAuth flow by Bolt, stored in our database.

`/slack/install` sends a person to Slack with a state that is good once, for ten minutes and in
their browser; Slack sends them back to `/slack/oauth_redirect` with a code, which becomes a token.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from http.client import HTTPException
from typing import Any
from urllib.error import URLError
from urllib.parse import urljoin

from slack_bolt.error import BoltError
from slack_bolt.oauth import OAuthFlow
from slack_bolt.oauth.callback_options import CallbackOptions, FailureArgs, SuccessArgs
from slack_bolt.oauth.oauth_settings import OAuthSettings
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.oauth.installation_store import Installation, InstallationStore
from slack_sdk.oauth.state_store import OAuthStateStore

from bot.service.house import House
from bot.service.posting import Posting
from bot.service.workspaces import tell_staff
from bot.slack.access import Accesses
from bot.slack.gateway import web_client
from bot.slack.manifest import needed_scopes
from bot.storage.database import Database
from bot.storage.sealing import Tokens
from bot.storage.unit_of_work import UnitOfWork, work

log = logging.getLogger(__name__)
Clock = Callable[[], datetime]
INSTALL_PATH = "/slack/install"
REDIRECT_PATH = "/slack/oauth_redirect"
STATE_SECONDS = 600
"""From the click on the install page to the return from Slack."""


class StoredInstallations(InstallationStore):
    """Keeps what the flow brings home; reading is done by `bot.slack.access`.

    `house` is None before our own workspace has the app: nobody can be told then.
    """

    def __init__(
        self, accesses: Accesses, database: Database, house: House | None, clock: Clock
    ) -> None:
        self._accesses = accesses
        self._database = database
        self._house = house
        self._clock = clock

    @property
    def logger(self) -> logging.Logger:
        return log

    def save(self, installation: Installation) -> None:
        """Raises `BoltError` with what the person is to be told."""
        team = installation.team_id
        if installation.is_enterprise_install or not team or not installation.bot_token:
            raise BoltError("please install the app in one workspace, not in the organisation")
        if self._accesses.is_home(team):
            raise BoltError("the token of this workspace is set by whoever runs the app")
        now = self._clock()
        ends = installation.bot_token_expires_at
        expires_at = now + timedelta(seconds=ends - time.time()) if ends else None
        tokens = Tokens(installation.bot_token, installation.bot_refresh_token or "")
        with work(self._database, now) as uow:
            again = uow.workspaces.install(
                team,
                name=installation.team_name or team,
                url=str(installation.custom_values.get("url") or ""),
                bot_user=installation.bot_user_id or "",
                bot=installation.bot_id or "",
                sealed=self._accesses.seal(team, tokens),
                expires_at=expires_at,
                installed_by=installation.user_id or "",
            )
            self._tell(uow, installation, again)
        log.info("the app was installed in workspace %s", team)
        if self._house is not None:
            # What was written there while the app was away.
            self._house.missed.set()
            self._house.owed.ring()

    def _tell(self, uow: UnitOfWork, installation: Installation, again: bool) -> None:
        house = self._house
        if house is None or installation.team_id == house.identity.team:
            return
        posting = Posting(uow, house, f"installed:{uuid.uuid4()}")
        sentence = "workspace.back" if again else "workspace.installed"
        tell_staff(house, posting, sentence, name=installation.team_name or "?")


class States(OAuthStateStore):
    """In the database: whoever begins on one replica may end on another."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    @property
    def logger(self) -> logging.Logger:
        return log

    def issue(self, *_args: Any, **_more: Any) -> str:
        state, now = str(uuid.uuid4()), self._clock()
        with work(self._database, now) as uow:
            uow.workspaces.begin(state, now + timedelta(seconds=STATE_SECONDS))
        return state

    def consume(self, state: str) -> bool:
        with work(self._database, self._clock()) as uow:
            return uow.workspaces.end(state)


class Flow(OAuthFlow):
    """Bolt's, with the workspace's address; a broken connection is a failure like another."""

    def run_installation(self, code: str) -> Installation | None:
        try:
            installation = super().run_installation(code)
            if installation is not None and installation.bot_token:
                found = self.client.auth_test(token=installation.bot_token)
                installation.set_custom_value("url", str(found.get("url") or ""))
            return installation
        except (SlackApiError, URLError, HTTPException, OSError) as error:
            log.warning("a code could not be exchanged: %s", type(error).__name__)
            return None


def build_flow(
    accesses: Accesses,
    database: Database,
    house: House | None,
    clock: Clock,
    *,
    client_id: str,
    client_secret: str,
    api_url: str,
) -> Flow:
    """Both pages, for `slack_bolt.App(oauth_flow=…)` or by themselves."""
    settings = OAuthSettings(
        client_id=client_id,
        client_secret=client_secret,
        scopes=sorted(needed_scopes()),
        user_scopes=[],
        install_path=INSTALL_PATH,
        redirect_uri_path=REDIRECT_PATH,
        authorization_url=urljoin(api_url, "/oauth/v2/authorize"),
        installation_store=StoredInstallations(accesses, database, house, clock),
        state_store=States(database, clock),
        state_expiration_seconds=STATE_SECONDS,
    )
    flow = Flow(client=web_client("", api_url), logger=log, settings=settings)
    default = flow.default_callback_options

    def failed(args: FailureArgs) -> BoltResponse:
        # Ours say what to do; Bolt's own are names that its page explains.
        args.reason = str(args.error or args.reason)
        log.warning("an installation failed: %s", args.reason)
        return default.failure(args)

    def succeeded(args: SuccessArgs) -> BoltResponse:
        return default.success(args)

    options = CallbackOptions(success=succeeded, failure=failed)
    flow.success_handler, flow.failure_handler = options.success, options.failure
    return flow
