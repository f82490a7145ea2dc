"""reactions.* and pins.*: marks on messages."""

from __future__ import annotations

from bot.sandbox.errors import ApiError
from bot.sandbox.records import Json, Message
from bot.sandbox.web_api.call import Call
from bot.sandbox.wire import message_json


def _marked(call: Call) -> Message:
    return call.message(call.own_channel(), "timestamp")


def react(call: Call) -> Json:
    message = _marked(call)
    if not call.workspace.messages.react(message, call.bot.id, call.required("name").strip(":")):
        raise ApiError("already_reacted")
    return {}


def unreact(call: Call) -> Json:
    message = _marked(call)
    if not call.workspace.messages.unreact(message, call.bot.id, call.required("name").strip(":")):
        raise ApiError("no_reaction")
    return {}


def reactions(call: Call) -> Json:
    message = _marked(call)
    shown = message_json(call.workspace, message)
    return {"type": "message", "channel": message.channel, "message": shown}


def pin(call: Call) -> Json:
    if not call.workspace.messages.pin(_marked(call), call.bot.id):
        raise ApiError("already_pinned")
    return {}


def unpin(call: Call) -> Json:
    if not call.workspace.messages.unpin(_marked(call), call.bot.id):
        raise ApiError("no_pin")
    return {}


def pins(call: Call) -> Json:
    """The latest pin first."""
    channel = call.own_channel()
    pinned = [call.workspace.messages.get(channel.id, ts) for ts in reversed(channel.pins)]
    return {
        "items": [
            {
                "type": "message",
                "channel": channel.id,
                "created": int(float(message.ts)),
                "created_by": message.user,
                "message": message_json(call.workspace, message),
            }
            for message in pinned
            if message is not None
        ]
    }
