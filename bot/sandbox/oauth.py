"""Installing the app in further organisations: Slack's OAuth v2, and the tokens it hands out.

A person opens the authorize address, allows or refuses, and is sent back with a code; the app
exchanges the code for a bot token. With token rotation a bot token ends after twelve hours and
comes with a refresh token that is good for one exchange. The bot token before stays good until
its own end.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urlsplit

from bot.sandbox.errors import ActRefusedError, ApiError
from bot.sandbox.manifest import Manifest
from bot.sandbox.records import Installation, Json, Person
from bot.sandbox.workspace import Workspace

CODE_SECONDS = 600.0
TOKEN_SECONDS = 43_200
"""Of a bot token that rotates."""


@dataclass(slots=True)
class _Code:
    organisation: str
    person: str
    redirect_uri: str
    scope: str
    born: float
    is_used: bool = False


@dataclass(slots=True)
class _Token:
    organisation: str
    ends_at: float = float("inf")
    is_revoked: bool = False


@dataclass(slots=True)
class OAuth:
    """`client_id` and `client_secret` are the app's; addresses and rotation may be changed."""

    workspace: Workspace
    manifest: Manifest
    client_id: str = "1.2"
    client_secret: str = "sandbox-client-secret"  # noqa: S105 - it opens nothing but this sandbox
    redirect_urls: list[str] = field(init=False)
    rotates_tokens: bool = field(init=False)
    refreshes: list[str] = field(default_factory=list)
    """How each exchange of a refresh token ended: `ok`, or Slack's word for the error."""
    _codes: dict[str, _Code] = field(default_factory=dict)
    _tokens: dict[str, _Token] = field(default_factory=dict)
    _refresh_tokens: dict[str, str] = field(default_factory=dict)
    """Refresh token → organisation, until it is exchanged."""

    def __post_init__(self) -> None:
        self.redirect_urls = list(self.manifest.redirect_urls)
        self.rotates_tokens = self.manifest.rotates_tokens

    # The person

    def checked(self, query: Json) -> str:
        """Where the person of this authorize address will be sent. Raises ActRefusedError."""
        if query.get("client_id") != self.client_id:
            raise ActRefusedError("Invalid client_id parameter")
        if not query.get("scope"):
            raise ActRefusedError("Invalid permissions requested: no scope")
        wanted = set(str(query["scope"]).split(","))
        if self.manifest.scopes is not None and not wanted <= self.manifest.scopes:
            raise ActRefusedError("Invalid permissions requested")
        address = str(query.get("redirect_uri") or next(iter(self.redirect_urls), ""))
        if not address.startswith(tuple(self.redirect_urls) or "\0"):
            raise ActRefusedError("redirect_uri did not match any configured URIs")
        return address

    def consent(self, person: Person, authorize_url: str, *, allow: bool = True) -> str:
        """Allow the app in the person's organisation or refuse; returns the address that follows.

        Raises ActRefusedError with what Slack's page says.
        """
        query = dict(parse_qsl(urlsplit(authorize_url).query))
        address = self.checked(query)
        answer = {"state": query.get("state", "")}
        if not allow:
            answer["error"] = "access_denied"
        else:
            code = secrets.token_hex(12)
            asked_for = str(query.get("redirect_uri") or "")
            self._codes[code] = _Code(
                person.organisation, person.id, asked_for, query["scope"], self.workspace.clock()
            )
            answer["code"] = code
        return f"{address}?{urlencode(answer)}"

    # The app

    def access(self, arguments: Json) -> Json:
        """`oauth.v2.access`. Raises ApiError."""
        if arguments.get("client_id") != self.client_id:
            raise ApiError("invalid_client_id")
        if arguments.get("client_secret") != self.client_secret:
            raise ApiError("bad_client_secret")
        if arguments.get("grant_type") == "refresh_token":
            return self._refreshed(str(arguments.get("refresh_token") or ""))
        return self._exchanged(arguments)

    def _exchanged(self, arguments: Json) -> Json:
        code = self._codes.get(str(arguments.get("code") or ""))
        if code is None or self.workspace.clock() - code.born > CODE_SECONDS:
            raise ApiError("invalid_code")
        if code.is_used:
            raise ApiError("code_already_used")
        if str(arguments.get("redirect_uri") or "") != code.redirect_uri:
            raise ApiError("bad_redirect_uri")
        code.is_used = True
        app = self.workspace.install(self.workspace.organisations[code.organisation])
        person = {"id": code.person, "scope": "", "access_token": None, "token_type": None}
        return {**self._granted(app), "scope": code.scope, "authed_user": person}

    def _refreshed(self, refresh_token: str) -> Json:
        organisation = self._refresh_tokens.pop(refresh_token, "")
        self.refreshes.append("ok" if organisation else "invalid_refresh_token")
        if not organisation:
            raise ApiError("invalid_refresh_token")
        return self._granted(self.workspace.installation_at(organisation))

    def _granted(self, app: Installation) -> Json:
        team = self.workspace.organisations[app.organisation]
        answer: Json = {
            "app_id": app.app_id,
            "team": {"id": team.id, "name": team.name},
            "enterprise": None,
            "is_enterprise_install": False,
            "token_type": "bot",
            "bot_user_id": app.bot_user,
            "scope": ",".join(sorted(self.manifest.scopes or ())),
        }
        if not self.rotates_tokens:
            return answer | {"access_token": self._lasting_token(team.id)}
        token = f"xoxe.xoxb-1-{secrets.token_hex(20)}"
        self._tokens[token] = _Token(team.id, self.workspace.clock() + TOKEN_SECONDS)
        refresh_token = f"xoxe-1-{secrets.token_hex(20)}"
        self._refresh_tokens[refresh_token] = team.id
        rotation = {"refresh_token": refresh_token, "expires_in": TOKEN_SECONDS}
        return answer | rotation | {"access_token": token}

    def _lasting_token(self, organisation: str) -> str:
        """Installing once more gives the token that is there already."""
        for known, token in self._tokens.items():
            if token.organisation == organisation and not token.is_revoked:
                return known
        made = f"xoxb-{secrets.token_hex(20)}"
        self._tokens[made] = _Token(organisation)
        return made

    # Tokens

    def installation_of(self, token: str) -> Installation:
        """Raises ApiError as Slack does for a token that is not good any more."""
        found = self._tokens.get(token)
        if found is None:
            raise ApiError("invalid_auth")
        app = self.workspace.installation_at(found.organisation)
        if app.organisation != found.organisation or not app.is_installed:
            raise ApiError("account_inactive")
        if found.is_revoked:
            raise ApiError("token_revoked")
        if self.workspace.clock() >= found.ends_at:
            raise ApiError("token_expired")
        return app

    def tokens_of(self, organisation: str) -> list[str]:
        """Bot tokens that are good now, and refresh tokens: what nobody must find elsewhere."""
        now = self.workspace.clock()
        good = [
            text
            for text, token in self._tokens.items()
            if token.organisation == organisation and not token.is_revoked and token.ends_at > now
        ]
        return good + [text for text, team in self._refresh_tokens.items() if team == organisation]

    def expire(self, organisation: str) -> None:
        """Twelve hours pass for the bot tokens of one organisation."""
        for token in self._tokens.values():
            if token.organisation == organisation:
                token.ends_at = self.workspace.clock()

    def revoke(self, organisation: str) -> None:
        """Every token of the organisation, and with the last one the app is gone there."""
        for token in self._tokens.values():
            if token.organisation == organisation:
                token.is_revoked = True
        self._refresh_tokens = {
            text: team for text, team in self._refresh_tokens.items() if team != organisation
        }
        self.workspace.uninstall(organisation)
