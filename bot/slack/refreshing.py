"""Tokens that end after twelve hours: a new one in time, fetched by one replica at a time.

A refresh token is good for one exchange, and Slack may answer two exchanges at once with two pairs
of which one is dead. So whoever refreshes takes the row for a minute first. Between Slack's answer
and our commit the new pair exists only here: a process killed there leaves a refresh token that is
used up. The bot token before is good until its end, two hours later, so staff are told at once and
nothing stops until then; only installing the app again mends it.
"""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta
from http.client import HTTPException
from urllib.error import URLError

from slack_sdk import WebClient
from slack_sdk.errors import SlackTokenRotationError
from slack_sdk.oauth.installation_store import Bot
from slack_sdk.oauth.token_rotation import TokenRotator

from bot.desk.errors import SetupFault
from bot.fault_points import passing
from bot.service.house import House
from bot.service.posting import Posting
from bot.service.workspaces import tell_staff
from bot.slack.access import Accesses
from bot.storage.sealing import Tokens
from bot.storage.tables import Workspace
from bot.storage.unit_of_work import look, work

log = logging.getLogger(__name__)
AHEAD = timedelta(hours=2)
"""Before its end a token is refreshed: as long do we have to mend what goes wrong."""
LEASE = timedelta(minutes=1)
"""One call with its time-out of ten seconds, and room for a machine that stands still."""
AGAIN = timedelta(minutes=1)
"""After a call that failed."""
HOPELESS = timedelta(minutes=30)
"""After Slack refused the refresh token: perhaps the replica that used it up still stores."""
_REFUSED = frozenset({"invalid_refresh_token", "token_revoked", "invalid_grant"})


class Refresher:
    """`round` is called every second on every replica."""

    def __init__(
        self,
        house: House,
        accesses: Accesses,
        client: WebClient,
        client_id: str,
        client_secret: str,
    ) -> None:
        self._house = house
        self._accesses = accesses
        self._rotator = TokenRotator(
            client_id=client_id, client_secret=client_secret, client=client
        )

    def round(self) -> int:
        """Refresh what is due and nobody else's; how many tokens are new."""
        now = self._house.clock()
        with look(self._house.database, now) as uow:
            due = uow.workspaces.to_refresh(AHEAD)
        return sum(self._refresh(row) for row in due)

    def _refresh(self, row: Workspace) -> bool:
        now = self._house.clock()
        with work(self._house.database, now) as uow:
            if not uow.workspaces.begin_refresh(row, now + LEASE):
                return False
        passing("refreshing.begun")
        if self._house.clock() - now > LEASE / 2:
            # A machine that stood still: somebody else may be at it by the time of our call.
            return False
        try:
            tokens, ends = self._exchange(row)
        except SetupFault as fault:
            self._failed(row, "the key does not fit", AGAIN)
            log.error("%s", fault)
            return False
        except SlackTokenRotationError as error:
            self._refused(row, error)
            return False
        except (URLError, HTTPException, OSError) as error:
            self._failed(row, type(error).__name__, AGAIN)
            return False
        passing("refreshing.answered")
        with work(self._house.database, self._house.clock()) as uow:
            sealed = self._accesses.seal(row.team, tokens)
            kept = uow.workspaces.refreshed(row, sealed, ends)
        log.info("token of workspace %s refreshed%s", row.team, "" if kept else ", too late")
        self._house.owed.ring()
        return kept

    def _exchange(self, row: Workspace) -> tuple[Tokens, datetime]:
        tokens = self._accesses.tokens(row)
        installed = Bot(
            team_id=row.team,
            bot_token=tokens.bot,
            bot_id=row.bot,
            bot_user_id=row.bot_user,
            bot_refresh_token=tokens.refresh,
            bot_token_expires_at=0,
            installed_at=0.0,
        )
        found = self._rotator.perform_bot_token_rotation(bot=installed)
        if found is None or found.bot_token_expires_at is None:
            raise OSError("the answer held no bot token")
        lasts = timedelta(seconds=found.bot_token_expires_at - time.time())
        ends = self._house.clock() + lasts
        return Tokens(found.bot_token, found.bot_refresh_token or tokens.refresh), ends

    def _refused(self, row: Workspace, error: SlackTokenRotationError) -> None:
        # Of a proxy's page the SDK makes an error without Slack's word for it.
        data = getattr(error.api_error.response, "data", None)
        name = str(data.get("error")) if isinstance(data, dict) else "no answer of Slack"
        self._failed(row, name, HOPELESS if name in _REFUSED else AGAIN)

    def _failed(self, row: Workspace, reason: str, wait: timedelta) -> None:
        """Note it; staff hear of it once for each token, and only where waiting may not help."""
        log.warning("token of workspace %s not refreshed: %s", row.team, reason)
        now = self._house.clock()
        with work(self._house.database, now) as uow:
            if not uow.workspaces.not_refreshed(row, now + wait, reason):
                return
            if reason not in _REFUSED:
                return
            posting = Posting(uow, self._house, f"stuck:{row.team}:{row.version}")
            ends = f"{row.expires_at:%Y-%m-%d %H:%M} UTC"
            tell_staff(
                self._house, posting, "workspace.stuck", name=row.name, reason=reason, day=ends
            )
        self._house.owed.ring()
