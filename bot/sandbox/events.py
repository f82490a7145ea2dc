"""Which events a change makes for the app, and how their envelopes look.

The app hears of channels its bot is a member of, and only what its manifest subscribes to.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from bot.sandbox.feed import Change
from bot.sandbox.manifest import Manifest
from bot.sandbox.records import Channel, Installation, Json
from bot.sandbox.wire import channel_json, user_json, view_json
from bot.sandbox.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Event:
    subscription: str
    """The name in the manifest, as `message.channels`."""
    body: Json


_MESSAGE_SUBSCRIPTIONS = {
    "channel": "message.channels",
    "group": "message.groups",
    "im": "message.im",
}


class EventWriter:
    """Turns changes into event payloads. `send` must not block."""

    def __init__(
        self,
        workspace: Workspace,
        manifest: Manifest,
        send: Callable[[Json], None],
        order: random.Random,
    ) -> None:
        self._workspace = workspace
        self._manifest = manifest
        self._send = send
        self._order = order

    def __call__(self, change: Change) -> None:
        """Runs under the workspace's lock, in the thread that made the change."""
        channel = self._workspace.channels.get(change.channel)
        events = events_of(self._workspace, change, channel)
        if len(events) > 1 and self._order.random() < 0.5:
            events.reverse()
        for event in events:
            if self._manifest.hears(event.subscription):
                app = installation_for(self._workspace, change, channel)
                self._send(envelope(self._workspace, event.body, channel, app))


def installation_for(workspace: Workspace, change: Change, channel: Channel | None) -> Installation:
    """The one that hears of it: an app that is in both organisations gets one event only."""
    if channel is not None:
        return workspace.installation_in(channel)
    if change.detail.get("organisation") in workspace.further:
        return workspace.further[change.detail["organisation"]]
    person = workspace.people.get(change.person)
    return workspace.installation_at(person.organisation) if person else workspace.app


def events_of(workspace: Workspace, change: Change, channel: Channel | None) -> list[Event]:
    if channel is None:
        return _without_channel(workspace, change)
    if change.only_for:  # ephemeral messages make no events
        return []
    bot = workspace.installation_in(channel).bot_user
    if bot not in channel.members and not _bot_left(workspace, change):
        return []
    if change.kind.startswith("message_"):
        return _message_events(workspace, change, channel)
    if change.kind.startswith(("reaction_", "pin_")):
        return [_mark_event(change, channel)]
    return _channel_events(workspace, change, channel)


def _bot_left(workspace: Workspace, change: Change) -> bool:
    return change.kind == "member_left" and workspace.people[change.person].is_bot


def _stamp(change: Change) -> str:
    return f"{change.at:.6f}"


def _without_channel(workspace: Workspace, change: Change) -> list[Event]:
    match change.kind:
        case "home_opened":
            return [_home_opened(workspace, change, "home")]
        case "person_changed":
            person = workspace.people[change.person]
            user = user_json(person, workspace.vendor.id, with_email=False)
            body: Json = {"type": "user_change", "user": user, "event_ts": _stamp(change)}
            return [Event("user_change", body)]
        case "app_uninstalled":
            return [Event("app_uninstalled", {"type": "app_uninstalled"})]
        case "tokens_revoked":
            gone = installation_for(workspace, change, None)
            tokens = {"oauth": [], "bot": [gone.bot_user]}
            return [Event("tokens_revoked", {"type": "tokens_revoked", "tokens": tokens})]
        case _:
            return []


def _home_opened(workspace: Workspace, change: Change, tab: str) -> Event:
    body: Json = {
        "type": "app_home_opened",
        "user": change.person,
        "channel": change.detail.get("direct", ""),
        "tab": tab,
        "event_ts": _stamp(change),
    }
    home = workspace.views.homes.get(change.person)
    if home is not None and tab == "home":
        body["view"] = view_json(workspace, home)
    return Event("app_home_opened", body)


def _message_events(workspace: Workspace, change: Change, channel: Channel) -> list[Event]:
    subscription = _MESSAGE_SUBSCRIPTIONS[channel.kind]
    place: Json = {"channel": channel.id, "channel_type": channel.kind}
    message: Json = change.detail["message"]
    if change.kind == "message_posted":
        body = _as_event(message) | place | {"event_ts": message["ts"]}
        events = [Event(subscription, body)]
        bot = workspace.installation_in(channel).bot_user
        if _mentions(bot, body) and not channel.is_im:
            mention = {key: value for key, value in body.items() if key != "channel_type"}
            mention.pop("subtype", None)
            events.append(Event("app_mention", mention | {"type": "app_mention"}))
        return events
    hidden: Json = {
        "type": "message",
        "hidden": True,
        "ts": _stamp(change),
        "event_ts": _stamp(change),
        "previous_message": _as_event(change.detail["previous"]),
        **place,
    }
    if change.kind == "message_changed":
        hidden |= {"subtype": "message_changed", "message": _as_event(message)}
    else:
        hidden |= {"subtype": "message_deleted", "deleted_ts": message["ts"]}
    return [Event(subscription, hidden)]


_COUNTED = ("reactions", "pinned_to", "reply_users")


def _as_event(message: Json) -> Json:
    return {key: value for key, value in message.items() if key not in _COUNTED}


def _mentions(bot: str, body: Json) -> bool:
    by_person = not body.get("bot_id") and body.get("subtype") in (
        None,
        "file_share",
        "thread_broadcast",
    )
    return by_person and f"<@{bot}>" in body["text"]


def _mark_event(change: Change, channel: Channel) -> Event:
    message: Json = change.detail["message"]
    if change.kind.startswith("reaction_"):
        return Event(
            change.kind,
            {
                "type": change.kind,
                "user": change.person,
                "reaction": change.detail["reaction"],
                "item": {"type": "message", "channel": channel.id, "ts": change.ts},
                "item_user": message["user"],
                "event_ts": _stamp(change),
            },
        )
    return Event(
        change.kind,
        {
            "type": change.kind,
            "user": change.person,
            "channel_id": channel.id,
            "item": {
                "type": "message",
                "channel": channel.id,
                "created": int(change.at),
                "created_by": change.person,
                "message": message,
            },
            "item_user": message["user"],
            "pin_count": len(channel.pins),
            "event_ts": _stamp(change),
        },
    )


def _channel_events(workspace: Workspace, change: Change, channel: Channel) -> list[Event]:
    family = "group" if channel.is_private else "channel"
    stamp = {"event_ts": _stamp(change)}
    by: Json = {"channel": channel.id, "user": change.person, **stamp}
    match change.kind:
        case "home_opened":
            return [_home_opened(workspace, change, "messages")]
        case "file_shared":
            body: Json = {
                "type": "file_shared",
                "channel_id": channel.id,
                "file_id": change.detail["file"],
                "user_id": change.person,
                "file": {"id": change.detail["file"]},
                **stamp,
            }
        case "member_joined" | "member_left":
            return [_membership(workspace, change, channel, family)]
        case "channel_renamed":
            shown = {"id": channel.id, "name": channel.name, "created": channel.created}
            body = {"type": f"{family}_rename", "channel": shown, **stamp}
        case "channel_archived":
            body = {"type": f"{family}_archive", **by}
        case "channel_unarchived":
            body = {"type": f"{family}_unarchive", **by}
        case "channel_shared":
            other = change.detail["organisation"]
            body = {"type": "channel_shared", "connected_team_id": other, "channel": channel.id}
            body |= stamp
        case "channel_unshared":
            body = {
                "type": "channel_unshared",
                "previously_connected_team_id": change.detail["organisation"],
                "channel": channel.id,
                "is_ext_shared": channel_json(workspace, channel)["is_ext_shared"],
                **stamp,
            }
        case "channel_id_changed":
            body = {
                "type": "channel_id_changed",
                "old_channel_id": change.detail["old_id"],
                "new_channel_id": channel.id,
                **stamp,
            }
        case _:
            return []
    return [Event(body["type"], body)]


def _membership(workspace: Workspace, change: Change, channel: Channel, family: str) -> Event:
    person = workspace.people[change.person]
    if change.kind == "member_left" and person.is_bot:
        kind = f"{family}_left"
        return Event(kind, {"type": kind, "channel": channel.id, "event_ts": _stamp(change)})
    kind = f"{change.kind}_channel"
    body: Json = {
        "type": kind,
        "user": person.id,
        "channel": channel.id,
        "channel_type": "G" if channel.is_private else "C",
        "team": person.organisation,
        "event_ts": _stamp(change),
    }
    if change.detail.get("inviter"):
        body["inviter"] = change.detail["inviter"]
    return Event(kind, body)


def envelope(workspace: Workspace, event: Json, channel: Channel | None, app: Installation) -> Json:
    """`team_id` and `authorizations` name the installation; the author's team is in the event."""
    installed = app.organisation
    return {
        "token": "verification-token-of-the-sandbox",
        "team_id": installed,
        "context_team_id": installed,
        "context_enterprise_id": None,
        "api_app_id": app.app_id,
        "event": event,
        "type": "event_callback",
        "event_id": new_event_id(),
        "event_time": int(workspace.clock()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": installed,
                "user_id": app.bot_user,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": channel is not None and channel.is_ext_shared,
        "event_context": f"4-{secrets.token_hex(12)}",
    }


def new_event_id() -> str:
    return f"Ev{secrets.token_hex(5).upper()}"
