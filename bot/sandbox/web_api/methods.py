"""The methods served: who answers, how often they may be called, and the scopes they need."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from bot.sandbox.records import Json
from bot.sandbox.web_api import chat, conversations, files, marks, people, views
from bot.sandbox.web_api.call import Call

Caller = Literal["bot", "app", "anybody"]


@dataclass(frozen=True, slots=True)
class Method:
    answer: Callable[[Call], Json]
    tier: int
    """Slack's rate limit tier; 0 is unlimited, or limited in its own way (posting)."""
    scopes: tuple[str, ...] = ()
    """Any one of them; methods on one channel ask for that channel's own scope besides."""
    caller: Caller = "bot"
    """Whose token it takes; `anybody` needs none."""


_READ = ("channels:read", "groups:read", "im:read")
_HISTORY = ("channels:history", "groups:history", "im:history")
_WRITE = ("chat:write",)

METHODS: dict[str, Method] = {
    "api.test": Method(people.api_test, 4, caller="anybody"),
    "apps.connections.open": Method(people.open_connection, 1, caller="app"),
    "auth.revoke": Method(people.auth_revoke, 3),
    "auth.test": Method(people.auth_test, 0),
    "bots.info": Method(people.bot_info, 3, ("users:read",)),
    "chat.delete": Method(chat.delete, 3, _WRITE),
    "chat.getPermalink": Method(chat.get_permalink, 0),
    "chat.postEphemeral": Method(chat.post_ephemeral, 4, _WRITE),
    "chat.postMessage": Method(chat.post_message, 0, _WRITE),
    "chat.update": Method(chat.update, 3, _WRITE),
    "conversations.history": Method(conversations.history, 3, _HISTORY),
    "conversations.info": Method(conversations.info, 3, _READ),
    "conversations.join": Method(conversations.join, 3, ("channels:join",)),
    "conversations.list": Method(conversations.list_all, 2, _READ),
    "conversations.members": Method(conversations.members, 4, _READ),
    "conversations.open": Method(conversations.open_direct, 3, ("im:write",)),
    "conversations.replies": Method(conversations.replies, 3, _HISTORY),
    "files.completeUploadExternal": Method(files.complete_upload, 4, ("files:write",)),
    "files.delete": Method(files.delete, 3, ("files:write",)),
    "files.getUploadURLExternal": Method(files.get_upload_url, 4, ("files:write",)),
    "files.info": Method(files.info, 4, ("files:read",)),
    "oauth.v2.access": Method(people.oauth_v2_access, 4, caller="anybody"),
    "pins.add": Method(marks.pin, 2, ("pins:write",)),
    "pins.list": Method(marks.pins, 2, ("pins:read",)),
    "pins.remove": Method(marks.unpin, 2, ("pins:write",)),
    "reactions.add": Method(marks.react, 3, ("reactions:write",)),
    "reactions.get": Method(marks.reactions, 3, ("reactions:read",)),
    "reactions.remove": Method(marks.unreact, 2, ("reactions:write",)),
    "team.info": Method(people.team_info, 3, ("team:read",)),
    "users.conversations": Method(conversations.list_own, 3, _READ),
    "users.info": Method(people.user_info, 4, ("users:read",)),
    "users.list": Method(people.user_list, 2, ("users:read",)),
    "views.open": Method(views.open_view, 4),
    "views.publish": Method(views.publish, 4),
    "views.push": Method(views.push, 4),
    "views.update": Method(views.update, 4),
}
