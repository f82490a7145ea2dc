"""conversations.*: channels, their members, and what was said in them."""

from __future__ import annotations

from bot.sandbox.errors import ApiError
from bot.sandbox.records import Channel, Json, Message
from bot.sandbox.web_api.call import Call, next_cursor, page
from bot.sandbox.wire import channel_json, message_json

TIGHT_HISTORY_LIMIT = 15
"""Objects a call, for commercial apps outside Slack's Marketplace."""
_TYPE_NAMES = {"channel": "public_channel", "group": "private_channel", "im": "im"}


def info(call: Call) -> Json:
    return {"channel": channel_json(call.workspace, call.channel(right="read"))}


def _wanted(call: Call, channel: Channel) -> bool:
    types = call.text("types", "public_channel").replace(" ", "").split(",")
    if call.flag("exclude_archived") and channel.is_archived:
        return False
    return _TYPE_NAMES[channel.kind] in types


def list_all(call: Call) -> Json:
    """Public channels, and what the bot is in."""
    found = [
        channel
        for channel in call.workspace.channels.values()
        if _wanted(call, channel) and (not channel.is_private or call.is_inside(channel))
    ]
    return _channels(call, found)


def list_own(call: Call) -> Json:
    """users.conversations: what a person, by default the bot, is in."""
    person = call.person() if call.text("user") else call.bot
    found = [channel for channel in call.workspace.channels_of(person) if _wanted(call, channel)]
    return _channels(call, found)


def _channels(call: Call, found: list[Channel]) -> Json:
    shown, cursor = page(call, found)
    return {
        "channels": [channel_json(call.workspace, channel) for channel in shown],
        **next_cursor(cursor),
    }


def members(call: Call) -> Json:
    shown, cursor = page(call, call.channel(right="read").members)
    return {"members": shown, **next_cursor(cursor)}


def _in_window(call: Call, message: Message) -> bool:
    """Between `oldest` and `latest`; the two themselves only if `inclusive`."""
    try:
        oldest, latest = float(call.text("oldest") or 0), float(call.text("latest") or "inf")
    except ValueError:
        raise ApiError("invalid_ts_oldest") from None
    ts = float(message.ts)
    if call.flag("inclusive"):
        return oldest <= ts <= latest
    return oldest < ts < latest


def _has_arrived(call: Call, message: Message) -> bool:
    lag = call.platform.faults.history_lag
    return not lag or float(message.ts) <= call.workspace.clock() - lag


def _shown(call: Call, messages: list[Message]) -> Json:
    most = TIGHT_HISTORY_LIMIT if call.platform.limits.tight_history else 999
    shown, cursor = page(call, messages, default=min(100, most), most=most)
    with_metadata = call.flag("include_all_metadata")
    return {
        "messages": [
            message_json(call.workspace, message, with_metadata=with_metadata) for message in shown
        ],
        "has_more": bool(cursor),
        **next_cursor(cursor),
    }


def history(call: Call) -> Json:
    """Newest first, without replies (except broadcast ones)."""
    channel = call.own_channel(right="history")
    found = [
        message
        for message in call.workspace.messages.newest_first(channel.id)
        if message.at_top_level
        and not message.only_for
        and _in_window(call, message)
        and _has_arrived(call, message)
    ]
    return {**_shown(call, found), "pin_count": len(channel.pins)}


def replies(call: Call) -> Json:
    """The root, whatever the window, then its replies, oldest first."""
    channel = call.own_channel(right="history")
    messages = call.workspace.messages
    root = messages.get(channel.id, call.required("ts"))
    if root is not None and root.is_reply:
        root = messages.get(channel.id, root.thread_ts)
    if root is None or root.only_for or not _has_arrived(call, root):
        raise ApiError("thread_not_found")
    found = [
        reply
        for reply in messages.replies(channel.id, root.ts)
        if _in_window(call, reply) and _has_arrived(call, reply)
    ]
    return _shown(call, [root, *found])


def open_direct(call: Call) -> Json:
    """With one person only: the sandbox has no group conversations."""
    if call.text("channel"):
        channel = call.channel()
    else:
        users = call.required("users").split(",")
        if len(users) > 1:
            raise ApiError("not_enough_users")
        person = call.workspace.people.get(users[0])
        if person is None:
            raise ApiError("user_not_found")
        if person.is_deleted:
            raise ApiError("user_disabled")
        channel = call.workspace.direct_channel(person)
    shown = channel_json(call.workspace, channel)
    return {"channel": shown if call.flag("return_im") else {"id": channel.id}}


def join(call: Call) -> Json:
    channel = call.channel()
    if channel.is_private:
        raise ApiError("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise ApiError("is_archived")
    call.workspace.join(channel, call.bot)
    return {"channel": channel_json(call.workspace, channel)}
