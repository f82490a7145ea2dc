"""What the code listens to and calls, against what `app.yml` subscribes to and asks for.

Event and method scopes are from Slack's reference of each event and method.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from bot.service.commands import COMMANDS
from bot.slack.listeners import EVENTS, GLOBAL_SHORTCUT, MESSAGE_SHORTCUT, STAFF_SHORTCUTS

EVENT_SCOPES: Mapping[str, tuple[str, ...]] = {
    "app_home_opened": (),
    "app_mention": ("app_mentions:read",),
    "app_uninstalled": (),
    "channel_archive": ("channels:read",),
    "channel_id_changed": ("channels:read", "groups:read"),
    "channel_left": ("channels:read",),
    "channel_shared": ("channels:read", "groups:read"),
    "channel_unshared": ("channels:read", "groups:read"),
    "channel_unarchive": ("channels:read",),
    "file_shared": ("files:read",),
    "group_archive": ("groups:read",),
    "group_left": ("groups:read",),
    "group_unarchive": ("groups:read",),
    "member_joined_channel": ("channels:read", "groups:read"),
    "message.channels": ("channels:history",),
    "message.groups": ("groups:history",),
    "message.im": ("im:history",),
    "reaction_added": ("reactions:read",),
    "reaction_removed": ("reactions:read",),
    "tokens_revoked": (),
    "user_change": ("users:read",),
}
METHOD_SCOPES: Mapping[str, tuple[str, ...]] = {
    "auth.test": (),
    "chat.delete": ("chat:write",),
    "chat.postEphemeral": ("chat:write",),
    "chat.postMessage": ("chat:write",),
    "chat.update": ("chat:write",),
    "conversations.history": ("channels:history", "groups:history", "im:history"),
    "conversations.info": ("channels:read", "groups:read", "im:read"),
    "conversations.replies": ("channels:history", "groups:history", "im:history"),
    "files.completeUploadExternal": ("files:write",),
    "files.delete": ("files:write",),
    "files.getUploadURLExternal": ("files:write",),
    "files.info": ("files:read",),
    "pins.add": ("pins:write",),
    "reactions.add": ("reactions:write",),
    "reactions.remove": ("reactions:write",),
    "users.info": ("users:read",),
    "views.open": (),
    "views.publish": (),
    "views.update": (),
}


def needed_scopes() -> frozenset[str]:
    """Every scope without which an event is not sent or a call is refused."""
    tables = (*EVENT_SCOPES.values(), *METHOD_SCOPES.values(), ("commands",))
    return frozenset(scope for scopes in tables for scope in scopes)


def missing_scopes(granted: Collection[str]) -> list[str]:
    """Empty as well when it is not known what was granted."""
    return sorted(needed_scopes() - set(granted)) if granted else []


def compare_manifest(manifest: Mapping[str, Any]) -> list[str]:
    """Differences between the manifest and the code, in words; empty when they agree."""
    problems: list[str] = []
    settings = _part(manifest, "settings")
    features = _part(manifest, "features")
    subscribed = set(_part(settings, "event_subscriptions").get("bot_events") or ())
    listened = {event for event in EVENT_SCOPES if event.partition(".")[0] in EVENTS}
    problems += _differences("settings.event_subscriptions.bot_events", listened, subscribed)
    commands = {entry.get("command") for entry in features.get("slash_commands") or ()}
    problems += _differences("features.slash_commands", set(COMMANDS), commands)
    shortcuts = {entry.get("callback_id") for entry in features.get("shortcuts") or ()}
    wanted = {GLOBAL_SHORTCUT, MESSAGE_SHORTCUT, *STAFF_SHORTCUTS}
    problems += _differences("features.shortcuts", wanted, shortcuts)
    scopes = set(_part(_part(manifest, "oauth_config"), "scopes").get("bot") or ())
    problems += [
        f"oauth_config.scopes.bot lacks {scope}" for scope in sorted(needed_scopes() - scopes)
    ]
    if not _part(settings, "interactivity").get("is_enabled"):
        problems.append("settings.interactivity.is_enabled must be true: buttons need it")
    if not _part(features, "app_home").get("home_tab_enabled"):
        problems.append("features.app_home.home_tab_enabled must be true")
    return problems


def _part(mapping: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = mapping.get(name) if isinstance(mapping, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _differences(place: str, wanted: set[str], found: set[Any]) -> list[str]:
    return [f"{place} lacks {name}" for name in sorted(wanted - found)] + [
        f"{place} has {name}, which nothing listens to" for name in sorted(map(str, found - wanted))
    ]
