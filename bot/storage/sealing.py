"""Tokens as they stand in the database: sealed with keys that are kept elsewhere.

The first key seals, all of them open: a new key is put in front, everything is sealed anew
(`supportbot workspaces rotate-keys`), then the old key goes. What is sealed names its workspace,
so that it opens nothing when it is copied into another workspace's row.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from bot.desk.errors import SetupFault

_VARIABLE = "SUPPORTBOT_TOKEN_KEYS"
MAKE_ONE = "`supportbot workspaces new-key` prints one"


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a workspace gave us. Printing it shows no secret."""

    bot: str = field(repr=False)
    refresh: str = field(default="", repr=False)
    """Empty where tokens do not rotate."""


class TokenKeys:
    """Raises `SetupFault` for what is no key."""

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise SetupFault(f"{_VARIABLE} is not set: {MAKE_ONE}")
        made = []
        for place, key in enumerate(keys, start=1):
            try:
                made.append(Fernet(key))
            except ValueError:
                raise SetupFault(
                    f"{_VARIABLE}: entry {place} is no key (32 bytes in base64): {MAKE_ONE}"
                ) from None
        self._fernet = MultiFernet(made)

    def seal(self, team: str, tokens: Tokens) -> str:
        content = {"team": team, "bot": tokens.bot, "refresh": tokens.refresh}
        return self._fernet.encrypt(json.dumps(content).encode()).decode()

    def open(self, team: str, sealed: str) -> Tokens:
        """Raises `SetupFault` when none of the keys fits."""
        try:
            content = json.loads(self._fernet.decrypt(sealed.encode()))
        except InvalidToken:
            raise SetupFault(
                f"the tokens of workspace {team} cannot be read with {_VARIABLE}: add the key they"
                " were sealed with behind the newest one, separated by a comma; if it is lost, the"
                " app has to be installed there again"
            ) from None
        if content["team"] != team:
            raise SetupFault(
                f"the row of workspace {team} holds the tokens of {content['team']}: restore the"
                " table workspace, or have the app installed again in both"
            )
        return Tokens(content["bot"], content["refresh"])


def new_key() -> str:
    """A key for `SUPPORTBOT_TOKEN_KEYS`."""
    return Fernet.generate_key().decode()
