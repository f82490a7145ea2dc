"""The app's manifest: what the app may call, what it hears, what people can start.

Without a manifest everything is granted and subscribed, as in an app with every box ticked.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import yaml

from bot.sandbox.errors import SandboxError
from bot.sandbox.records import Json

_CHANNEL_READ = ("channels:read", "groups:read")
EVENT_SCOPES: dict[str, tuple[str, ...]] = {
    "message.channels": ("channels:history",),
    "message.groups": ("groups:history",),
    "message.im": ("im:history",),
    "app_mention": ("app_mentions:read",),
    "app_home_opened": (),
    "reaction_added": ("reactions:read",),
    "reaction_removed": ("reactions:read",),
    "pin_added": ("pins:read",),
    "pin_removed": ("pins:read",),
    "file_shared": ("files:read",),
    "channel_shared": _CHANNEL_READ,
    "channel_unshared": _CHANNEL_READ,
    "channel_id_changed": _CHANNEL_READ,
    "channel_archive": ("channels:read",),
    "channel_unarchive": ("channels:read",),
    "channel_rename": ("channels:read",),
    "group_archive": ("groups:read",),
    "group_unarchive": ("groups:read",),
    "group_rename": ("groups:read",),
    "channel_left": ("channels:read",),
    "group_left": ("groups:read",),
    "member_joined_channel": _CHANNEL_READ,
    "member_left_channel": _CHANNEL_READ,
    "user_change": ("users:read",),
    "app_uninstalled": (),
    "tokens_revoked": (),
}
"""Any one of the scopes will do; no scope means the subscription is enough."""


@dataclass(frozen=True, slots=True)
class Shortcut:
    callback_id: str
    is_message: bool
    name: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    scopes: frozenset[str] | None = None
    """None: all of them."""
    events: frozenset[str] | None = None
    """Names as subscribed to (`message.channels`, `app_mention`, …); None: all of them."""
    commands: frozenset[str] | None = None
    """With the slash; None: any."""
    shortcuts: tuple[Shortcut, ...] | None = None
    is_interactive: bool = True
    has_home: bool = True
    has_direct_messages: bool = True
    escapes_commands: frozenset[str] = frozenset()
    """Commands with `should_escape: true`."""
    redirect_urls: tuple[str, ...] = ()
    """Where people may be sent after they allowed or refused an installation."""
    rotates_tokens: bool = False
    """Bot tokens end after twelve hours and are refreshed."""

    def grants(self, *any_of: str) -> bool:
        return not any_of or self.scopes is None or bool(self.scopes.intersection(any_of))

    def hears(self, event: str) -> bool:
        """Subscribed to and allowed to see it. `event` as in the subscription."""
        if self.events is not None and event not in self.events:
            return False
        return self.grants(*EVENT_SCOPES.get(event, ()))

    @property
    def scope_header(self) -> str:
        if self.scopes is not None:
            return ",".join(sorted(self.scopes))
        return ",".join(sorted({scope for scopes in EVENT_SCOPES.values() for scope in scopes}))

    @classmethod
    def read(cls, path: Path) -> Self:
        try:
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise SandboxError(f"Manifest {path} cannot be read: {error.strerror}.") from error
        except yaml.YAMLError as error:
            raise SandboxError(f"Manifest {path} is not YAML: {error}") from error
        if not isinstance(content, dict):
            raise SandboxError(f"Manifest {path} must be a mapping at the top.")
        return cls.parse(content)

    @classmethod
    def parse(cls, content: Json) -> Self:
        features, settings = content.get("features") or {}, content.get("settings") or {}
        scopes = ((content.get("oauth_config") or {}).get("scopes") or {}).get("bot") or []
        subscribed = (settings.get("event_subscriptions") or {}).get("bot_events") or []
        commands = features.get("slash_commands") or []
        home = features.get("app_home") or {}
        return cls(
            scopes=frozenset(scopes),
            events=frozenset(subscribed),
            commands=frozenset(item["command"] for item in commands),
            shortcuts=tuple(
                Shortcut(item["callback_id"], item.get("type") == "message", item.get("name", ""))
                for item in features.get("shortcuts") or []
            ),
            redirect_urls=tuple((content.get("oauth_config") or {}).get("redirect_urls") or ()),
            rotates_tokens=bool(settings.get("token_rotation_enabled")),
            is_interactive=bool((settings.get("interactivity") or {}).get("is_enabled")),
            has_home=bool(home.get("home_tab_enabled")),
            has_direct_messages=bool(home.get("messages_tab_enabled", True))
            and not home.get("messages_tab_read_only_enabled", False),
            escapes_commands=frozenset(
                item["command"] for item in commands if item.get("should_escape")
            ),
        )
