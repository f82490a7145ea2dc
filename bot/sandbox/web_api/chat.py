"""chat.*: posting, ephemeral posting, updating, deleting, links to messages."""

from __future__ import annotations

from dataclasses import dataclass

from bot.sandbox.block_kit import check_message_blocks, with_ids
from bot.sandbox.errors import ApiError
from bot.sandbox.records import Channel, Json, Message
from bot.sandbox.web_api.call import Call
from bot.sandbox.wire import message_json

TEXT_MOST = 40_000
UPDATED_TEXT_MOST = 4_000
METADATA_MOST = 8_000
"""Characters of a message's metadata as JSON."""
ATTACHMENTS_MOST = 100


@dataclass(frozen=True, slots=True)
class Content:
    """None: the caller did not say."""

    text: str | None
    blocks: list[Json] | None
    attachments: list[Json] | None


def read_content(call: Call, most: int) -> Content:
    text = call.arguments.get("text")
    blocks = call.structure("blocks", "invalid_blocks_format")
    attachments = call.structure("attachments", "invalid_attachments")
    if call.arguments.get("markdown_text") is not None:
        if text or blocks:
            raise ApiError("markdown_text_conflict")
        text = call.text("markdown_text")
        blocks = [{"type": "markdown", "text": text}]
    if text is not None and len(str(text)) > most:
        raise ApiError("msg_too_long")
    if attachments is not None and len(attachments) > ATTACHMENTS_MOST:
        raise ApiError("too_many_attachments")
    if blocks is not None:
        refuse_bad_blocks(blocks)
        blocks = with_ids(blocks)
    return Content(None if text is None else str(text), blocks, attachments)


def refuse_bad_blocks(blocks: object) -> None:
    findings = check_message_blocks(blocks)
    if findings:
        raise ApiError("invalid_blocks", errors=findings, response_metadata={"messages": findings})


def _require_something(content: Content) -> None:
    if not (content.text or content.blocks or content.attachments):
        raise ApiError("no_text")


def _metadata(call: Call) -> Json | None:
    metadata = call.structure("metadata", "invalid_metadata_format")
    if metadata is None or metadata == {}:
        return {} if metadata == {} else None
    well_formed = (
        isinstance(metadata, dict)
        and isinstance(metadata.get("event_type"), str)
        and isinstance(metadata.get("event_payload"), dict)
    )
    if not well_formed:
        raise ApiError("invalid_metadata_format")
    if len(str(metadata)) > METADATA_MOST:
        raise ApiError("metadata_too_large")
    return dict(metadata)


def _destination(call: Call) -> Channel:
    """A channel by id, or a person's id for the direct conversation."""
    person = call.workspace.people.get(call.required("channel"))
    if person is not None:
        return call.workspace.direct_channel(person)
    channel = call.channel()
    may_post_outside = not channel.is_private and call.platform.manifest.grants("chat:write.public")
    if not call.is_inside(channel) and (
        call.platform.manifest.scopes is None or not may_post_outside
    ):
        raise ApiError("not_in_channel")
    if channel.is_archived:
        raise ApiError("is_archived")
    return channel


def _thread(call: Call, channel: Channel) -> str:
    thread_ts = call.text("thread_ts")
    if thread_ts and call.workspace.messages.get(channel.id, thread_ts) is None:
        raise ApiError("thread_not_found")
    return thread_ts


def _post(call: Call, channel: Channel, content: Content, only_for: str = "") -> Message:
    customises = call.platform.manifest.grants("chat:write.customize")
    thread_ts = _thread(call, channel)
    return call.workspace.messages.post(
        channel,
        call.bot.id,
        content.text or "",
        thread_ts=thread_ts,
        blocks=content.blocks,
        attachments=content.attachments,
        metadata=_metadata(call) or None,
        subtype="bot_message" if customises and call.text("username") else "",
        bot_id=call.app.bot_id,
        username=call.text("username") if customises else "",
        icon=(call.text("icon_emoji") or call.text("icon_url")) if customises else "",
        is_broadcast=bool(thread_ts) and call.flag("reply_broadcast"),
        only_for=only_for,
    )


def post_message(call: Call) -> Json:
    channel = _destination(call)
    content = read_content(call, TEXT_MOST)
    _require_something(content)
    message = _post(call, channel, content)
    return {
        "channel": channel.id,
        "ts": message.ts,
        "message": message_json(call.workspace, message, with_thread=False),
    }


def post_ephemeral(call: Call) -> Json:
    channel = _destination(call)
    person = call.person()
    if person.id not in channel.members:
        raise ApiError("user_not_in_channel")
    content = read_content(call, TEXT_MOST)
    _require_something(content)
    return {"message_ts": _post(call, channel, content, only_for=person.id).ts}


def _own_message(call: Call, refusal: str) -> Message:
    channel = call.own_channel()
    if channel.is_archived:
        raise ApiError("is_archived")
    message = call.message(channel, "ts")
    if message.bot_id != call.app.bot_id:
        raise ApiError(refusal)
    return message


def update(call: Call) -> Json:
    """Fields left out stay as they were; an empty list of blocks removes them."""
    message = _own_message(call, "cant_update_message")
    content = read_content(call, UPDATED_TEXT_MOST)
    if content.text is None and content.blocks is None and content.attachments is None:
        raise ApiError("no_text")
    if content.text == "" and not (content.blocks or message.blocks or content.attachments):
        raise ApiError("no_text")
    call.workspace.messages.edit(
        message,
        call.bot.id,
        text=content.text,
        blocks=content.blocks,
        attachments=content.attachments,
        metadata=_metadata(call),
    )
    return {
        "channel": message.channel,
        "ts": message.ts,
        "text": message.text,
        "message": message_json(call.workspace, message, with_thread=False),
    }


def delete(call: Call) -> Json:
    message = _own_message(call, "cant_delete_message")
    channel, ts = message.channel, message.ts
    call.workspace.messages.delete(message, call.bot.id)
    return {"channel": channel, "ts": ts}


def get_permalink(call: Call) -> Json:
    channel = call.channel()
    message = call.message(channel, "message_ts")
    address = f"{call.workspace.public_url}/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.is_reply:
        address += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": address}
