"""The JSON of interactions: block actions, views, commands, shortcuts.

Where a person of another organisation acts, `team` differs by kind, as it does in Slack: a button
names the installing team, a submission the person's own. `user.team_id` is always the person's.
"""

from __future__ import annotations

from bot.sandbox.records import Channel, Json, Message, Person, View
from bot.sandbox.side_doors import ResponseDoor
from bot.sandbox.web_api.call import Platform
from bot.sandbox.wire import message_json, view_json

_TOKEN = "verification-token-of-the-sandbox"  # noqa: S105 - deprecated field, checked by nobody


class Payloads:
    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._workspace = platform.workspace

    def message_action(
        self,
        who: Person,
        where: Channel,
        message: Message,
        action: Json,
        state: dict[str, Json],
        door: ResponseDoor,
    ) -> Json:
        container: Json = {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": where.id,
            "is_ephemeral": bool(message.only_for),
        }
        if message.thread_ts:
            container["thread_ts"] = message.thread_ts
        payload = self._head("block_actions", who, where) | {
            "container": container,
            "channel": _place(where),
            "state": {"values": state},
            "response_url": self._response_url(door),
            "actions": [action],
        }
        if not message.only_for:
            payload["message"] = message_json(self._workspace, message)
        return payload

    def view_action(self, who: Person, view: View, action: Json) -> Json:
        return self._head("block_actions", who) | {
            "container": {"type": "view", "view_id": view.id},
            "view": view_json(self._workspace, view),
            "actions": [action],
        }

    def view_submission(self, who: Person, view: View) -> Json:
        return self._head("view_submission", who) | {
            "team": self._team(who.organisation),
            "view": view_json(self._workspace, view),
            "response_urls": [],
        }

    def view_closed(self, who: Person, view: View, is_cleared: bool) -> Json:
        payload = self._head("view_closed", who) | {
            "team": self._team(who.organisation),
            "view": view_json(self._workspace, view),
            "is_cleared": is_cleared,
        }
        del payload["trigger_id"]
        return payload

    def message_shortcut(
        self, who: Person, where: Channel, message: Message, callback_id: str, door: ResponseDoor
    ) -> Json:
        return self._head("message_action", who, where) | {
            "callback_id": callback_id,
            "message_ts": message.ts,
            "channel": _place(where),
            "message": message_json(self._workspace, message),
            "response_url": self._response_url(door),
            "action_ts": self._workspace.next_ts(),
        }

    def global_shortcut(self, who: Person, callback_id: str) -> Json:
        return self._head("shortcut", who) | {
            "callback_id": callback_id,
            "action_ts": self._workspace.next_ts(),
        }

    def command(
        self, who: Person, where: Channel, command: str, text: str, door: ResponseDoor
    ) -> Json:
        """Flat, as it is a form over HTTP."""
        app = self._workspace.installation_at(who.organisation)
        team = self._workspace.organisations[app.organisation]
        return {
            "token": _TOKEN,
            "team_id": team.id,
            "team_domain": team.domain,
            "channel_id": where.id,
            "channel_name": _place(where)["name"],
            "user_id": who.id,
            "user_name": who.name,
            "command": command,
            "text": text,
            "api_app_id": self._workspace.app.app_id,
            "is_enterprise_install": "false",
            "response_url": self._response_url(door),
            "trigger_id": self._platform.triggers.mint(who.id, app.organisation),
        }

    def _head(self, kind: str, who: Person, where: Channel | None = None) -> Json:
        workspace = self._workspace
        app = workspace.installation_at(who.organisation)
        if where is not None:
            app = workspace.installation_in(where)
        return {
            "type": kind,
            "team": self._team(app.organisation),
            "user": {
                "id": who.id,
                "username": who.name,
                "name": who.name,
                "team_id": who.organisation,
            },
            "api_app_id": self._workspace.app.app_id,
            "token": _TOKEN,
            "trigger_id": self._platform.triggers.mint(who.id, app.organisation),
            "enterprise": None,
            "is_enterprise_install": False,
        }

    def _team(self, organisation: str) -> Json:
        return {"id": organisation, "domain": self._workspace.organisations[organisation].domain}

    def _response_url(self, door: ResponseDoor) -> str:
        return f"{self._workspace.public_url}/response/{self._platform.response_urls.mint(door)}"


def _place(channel: Channel) -> Json:
    name = "directmessage" if channel.is_im else channel.name
    if channel.is_private and not channel.is_im:
        name = "privategroup"
    return {"id": channel.id, "name": name}
