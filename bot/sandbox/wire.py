"""How the workspace's records look on Slack's wire."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from bot.sandbox.records import Channel, File, Json, Message, Organisation, Person, View

if TYPE_CHECKING:
    from bot.sandbox.workspace import Workspace


def team_json(team: Organisation) -> Json:
    return {
        "id": team.id,
        "name": team.name,
        "domain": team.domain,
        "url": f"https://{team.domain}.example/",
        "email_domain": f"{team.domain}.example",
    }


def user_json(person: Person, seen_from: str, *, with_email: bool) -> Json:
    """`seen_from` is the organisation that asks: strangers' locale and role are kept from it."""
    is_stranger = person.organisation != seen_from
    profile: Json = {
        "real_name": person.real_name,
        "display_name": person.display_name,
        "real_name_normalized": person.real_name,
        "display_name_normalized": person.display_name,
        "avatar_hash": person.id.lower(),
        "team": person.organisation,
    }
    if with_email and not person.is_bot:
        profile["email"] = person.email
    user: Json = {
        "id": person.id,
        "team_id": person.organisation,
        "name": person.name,
        "deleted": person.is_deleted,
        "color": person.colour,
        "real_name": person.real_name,
        "tz": person.tz,
        "profile": profile,
        "is_bot": person.is_bot,
        "is_app_user": False,
        "is_restricted": False,
        "is_ultra_restricted": False,
        "updated": 0,
    }
    if is_stranger:
        user["is_stranger"] = False
    else:
        user |= {"is_admin": person.is_admin, "is_owner": False, "locale": person.locale}
    return user


def channel_json(workspace: Workspace, channel: Channel) -> Json:
    app = workspace.installation_in(channel)
    bot = app.bot_user
    shared: Json = {
        "is_shared": channel.is_ext_shared,
        "is_ext_shared": channel.is_ext_shared,
        "is_org_shared": False,
        "is_pending_ext_shared": False,
    }
    if channel.is_im:
        other = [member for member in channel.members if member != bot]
        return {
            "id": channel.id,
            "created": channel.created,
            "is_im": True,
            "is_archived": channel.is_archived,
            "user": other[0] if other else bot,
            "is_user_deleted": False,
            "context_team_id": app.organisation,
            **shared,
        }
    return {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "created": channel.created,
        "creator": channel.creator,
        "is_channel": not channel.is_private,
        "is_group": channel.is_private,
        "is_im": False,
        "is_mpim": False,
        "is_private": channel.is_private,
        "is_archived": channel.is_archived,
        "is_general": False,
        "is_member": bot in channel.members,
        "context_team_id": app.organisation,
        "conversation_host_id": channel.organisation,
        "shared_team_ids": [channel.organisation, *channel.shared_with],
        "connected_team_ids": list(channel.shared_with),
        "topic": {"value": channel.topic, "creator": channel.creator, "last_set": 0},
        "purpose": {"value": channel.purpose, "creator": channel.creator, "last_set": 0},
        "num_members": len(channel.members),
        **shared,
    }


def message_json(
    workspace: Workspace, message: Message, *, with_metadata: bool = True, with_thread: bool = True
) -> Json:
    """A message as in `conversations.history` and inside events.

    `with_thread=False` leaves out what Slack counts at reading time (replies, reactions).
    """
    author = workspace.people.get(message.user)
    body: Json = {"type": "message", "user": message.user, "text": message.text, "ts": message.ts}
    if message.subtype:
        body["subtype"] = message.subtype
    if author is not None:
        body["team"] = author.organisation
        if author.organisation != _seen_from(workspace, message.channel):
            body |= {"user_team": author.organisation, "source_team": author.organisation}
    if message.client_msg_id:
        body["client_msg_id"] = message.client_msg_id
    if message.blocks:
        body["blocks"] = message.blocks
    if message.attachments:
        body["attachments"] = message.attachments
    if message.bot_id:
        body |= {"bot_id": message.bot_id, "app_id": workspace.app.app_id}
        body["bot_profile"] = bot_json(workspace, message.bot_id)
    if message.username:
        body["username"] = message.username
    if message.icon:
        body["icons"] = {"emoji" if message.icon.startswith(":") else "image_48": message.icon}
    if message.metadata and with_metadata:
        body["metadata"] = message.metadata
    if message.edited:
        body["edited"] = {"user": message.edited.user, "ts": message.edited.ts}
    if message.files:
        known = (workspace.files.get(file) for file in message.files)
        body["files"] = [
            file_json(workspace, file, sent_to=message.channel) for file in known if file
        ]
    if message.subtype == "thread_broadcast":
        root = workspace.messages.get(message.channel, message.thread_ts)
        body["root"] = {"ts": message.thread_ts, "user": root.user if root else ""}
    if message.thread_ts:
        body["thread_ts"] = message.thread_ts
        root = workspace.messages.get(message.channel, message.thread_ts)
        if message.is_reply and root is not None:
            body["parent_user_id"] = root.user
    if with_thread:
        body |= _counted(workspace, message)
    return body


def _counted(workspace: Workspace, message: Message) -> Json:
    body: Json = {}
    if message.reactions:
        body["reactions"] = [
            {"name": name, "users": list(users), "count": len(users)}
            for name, users in message.reactions.items()
        ]
    replies = workspace.messages.replies(message.channel, message.ts)
    if replies:
        authors = list(dict.fromkeys(reply.user for reply in replies))
        body |= {
            "reply_count": len(replies),
            "reply_users": authors,
            "reply_users_count": len(authors),
            "latest_reply": replies[-1].ts,
        }
    channel = workspace.channels.get(message.channel)
    if channel is not None and message.ts in channel.pins:
        body["pinned_to"] = [channel.id]
    return body


def _seen_from(workspace: Workspace, channel: str) -> str:
    """The organisation whose installation reads there."""
    return workspace.installation_in(workspace.channels.get(channel)).organisation


def bot_json(workspace: Workspace, bot_id: str) -> Json:
    every = (workspace.app, *workspace.further.values())
    app = next((one for one in every if one.bot_id == bot_id), workspace.app)
    return {
        "id": app.bot_id,
        "deleted": not app.is_installed,
        "name": app.name,
        "updated": 0,
        "app_id": app.app_id,
        "user_id": app.bot_user,
        "team_id": app.organisation,
        "icons": {},
    }


def file_json(workspace: Workspace, file: File, *, sent_to: str = "", whole: bool = False) -> Json:
    """In a Slack Connect channel a stranger's file comes as a stub: ask `files.info` for it."""
    uploader = workspace.people.get(file.uploader)
    channel = workspace.channels.get(sent_to)
    reader = _seen_from(workspace, sent_to)
    from_outside = uploader is not None and uploader.organisation != reader
    if file.is_deleted:
        return {"id": file.id, "mode": "tombstone"}
    if not whole and from_outside and channel is not None and channel.is_ext_shared:
        return {"id": file.id, "mode": "file_access", "file_access": "check_file_info"}
    address = f"{workspace.public_url}/files-pri/{workspace.vendor.id}-{file.id}"
    name = quote(file.name)
    return {
        "id": file.id,
        "created": file.created,
        "timestamp": file.created,
        "name": file.name,
        "title": file.title,
        "mimetype": file.mimetype,
        "filetype": file.name.rpartition(".")[2].lower() if "." in file.name else "text",
        "user": file.uploader,
        "user_team": uploader.organisation if uploader else "",
        "size": len(file.content),
        "mode": "hosted",
        "is_external": False,
        "is_public": False,
        "file_access": "visible",
        "url_private": f"{address}/{name}",
        "url_private_download": f"{address}/download/{name}",
        "permalink": f"{workspace.public_url}/files/{file.uploader}/{file.id}/{name}",
        "channels": list(file.channels),
        **({"alt_txt": file.alt_text} if file.alt_text else {}),
    }


def view_json(workspace: Workspace, view: View) -> Json:
    payload = view.payload
    app = workspace.installation_at(workspace.people[view.person].organisation)
    return {
        "id": view.id,
        "team_id": app.organisation,
        "app_id": app.app_id,
        "app_installed_team_id": app.organisation,
        "bot_id": app.bot_id,
        "type": view.type,
        "title": payload.get("title"),
        "submit": payload.get("submit"),
        "close": payload.get("close"),
        "blocks": payload.get("blocks", []),
        "private_metadata": payload.get("private_metadata", ""),
        "callback_id": payload.get("callback_id", ""),
        "external_id": payload.get("external_id", ""),
        "state": {"values": view.state},
        "hash": view.hash,
        "clear_on_close": bool(payload.get("clear_on_close", False)),
        "notify_on_close": bool(payload.get("notify_on_close", False)),
        "previous_view_id": view.previous_id or None,
        "root_view_id": view.root_id,
    }
