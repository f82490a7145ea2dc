"""Slack in several workspaces: each call by the installation that it is for."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.authorize import Authorize
from slack_sdk.errors import SlackApiError

from bot.desk.errors import GiveUp, OutcomeUnknown, SetupFault, TryLater
from bot.service.house import House
from bot.service.places import team_for
from bot.service.ports import Page
from bot.service.workspaces import lost
from bot.slack.access import Access, Accesses
from bot.slack.gateway import Gateway, web_client
from bot.slack.home_names import as_at_home, as_named_there
from bot.storage.unit_of_work import look, work

log = logging.getLogger(__name__)

_GONE = frozenset({"account_inactive", "token_revoked"})
"""Slack says of the token that it will never be good again."""
_EXPIRED = "token_expired"


class Workspaces:
    """`bot.service.ports.Slack` over the stored installations."""

    def __init__(self, house: House, accesses: Accesses, api_url: str) -> None:
        self._house = house
        self._accesses = accesses
        self._api_url = api_url

    def at(self, workspace: str = "", channel: str = "") -> Gateway:
        team = workspace or self._team_of(channel) or self._house.identity.team
        try:
            access = self._accesses.of(team)
        except SetupFault as fault:
            # Mended by a person; nothing is lost until then.
            raise TryLater(str(fault)) from fault
        if access is not None:
            return InstalledGateway(self._house, access, self._api_url)
        if team == self._house.identity.team:
            raise TryLater(f"our own workspace {team} has removed the app: install it again")
        raise GiveUp(f"workspace {team} has not installed the app")

    def _team_of(self, channel: str) -> str:
        if not channel:
            return ""
        with look(self._house.database, self._house.clock()) as uow:
            return team_for(uow, self._house, channel, "")


class InstalledGateway(Gateway):
    """Slack as one workspace's installation of the app."""

    def __init__(self, house: House, access: Access, api_url: str) -> None:
        super().__init__(web_client(access.token, api_url))
        self._house = house
        self._access = access

    def call(self, method: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        return super().call(method, as_named_there(self._house, arguments, self._access.bot_user))

    def past(self, channel: str, thread_ts: str, since: datetime, cursor: str) -> Page:
        page = super().past(channel, thread_ts, since, cursor)
        arrivals = [
            as_at_home(self._house, one, self._access.team, self._access.bot_user)
            for one in page.arrivals
        ]
        return Page(arrivals, page.cursor)

    def _refused(self, method: str, error: SlackApiError) -> TryLater | OutcomeUnknown | GiveUp:
        found = super()._refused(method, error)
        name = str(found).rpartition(" ")[2]
        if not isinstance(found, GiveUp) or not self._access.version:
            return found
        if name == _EXPIRED:
            with work(self._house.database, self._house.clock()) as uow:
                uow.workspaces.expired(self._access.team, self._access.version)
            return TryLater(f"{method}: the token of {self._access.team} is being refreshed")
        if name in _GONE:
            lost(self._house, self._access.team, self._access.version)
        return found


class InstalledAuthorize(Authorize):
    """Who Bolt acts as for a request. Nothing is asked of Slack: that could fail before the save.

    What comes from a workspace that removed the app is acknowledged and dropped, except that it
    did so.
    """

    def __init__(self, accesses: Accesses) -> None:
        self._accesses = accesses

    def __call__(self, *, team_id: str | None, **_more: Any) -> AuthorizeResult | None:
        access = self._accesses.of(team_id or "")
        if access is None:
            return None
        return AuthorizeResult(
            enterprise_id=None,
            team_id=access.team,
            bot_user_id=access.bot_user,
            bot_id=access.bot,
            bot_token=access.token,
        )
