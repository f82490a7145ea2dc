"""auth, users, team, bots, api, apps: who is who."""

from __future__ import annotations

from bot.sandbox.errors import ApiError
from bot.sandbox.records import Json, Person
from bot.sandbox.web_api.call import Call, next_cursor, page
from bot.sandbox.wire import bot_json, team_json, user_json


def api_test(call: Call) -> Json:
    return {"args": {name: value for name, value in call.arguments.items() if name != "token"}}


def auth_test(call: Call) -> Json:
    workspace = call.workspace
    return {
        "url": f"{workspace.public_url}/",
        "team": workspace.organisations[call.team].name,
        "user": call.bot.name,
        "team_id": call.team,
        "user_id": call.bot.id,
        "bot_id": call.app.bot_id,
        "is_enterprise_install": False,
    }


def auth_revoke(call: Call) -> Json:
    """The bot user is deactivated with its token, and leaves its channels."""
    if call.flag("test"):
        return {"revoked": False}
    call.platform.oauth.revoke(call.team)
    return {"revoked": True}


def oauth_v2_access(call: Call) -> Json:
    return call.platform.oauth.access(call.arguments)


def open_connection(call: Call) -> Json:
    return {"url": call.platform.open_link()}


def _user(call: Call, person: Person) -> Json:
    return user_json(
        person,
        call.team,
        with_email=call.platform.manifest.grants("users:read.email"),
    )


def user_info(call: Call) -> Json:
    return {"user": _user(call, call.person())}


def user_list(call: Call) -> Json:
    shown, cursor = page(call, list(call.workspace.people.values()))
    return {"members": [_user(call, person) for person in shown], **next_cursor(cursor)}


def team_info(call: Call) -> Json:
    """The vendor's team, or a connected one."""
    team = call.workspace.organisations.get(call.text("team") or call.team)
    if team is None:
        raise ApiError("team_not_found")
    return {"team": team_json(team)}


def bot_info(call: Call) -> Json:
    if call.text("bot") not in ("", call.app.bot_id):
        raise ApiError("bot_not_found")
    return {"bot": bot_json(call.workspace, call.app.bot_id)}
