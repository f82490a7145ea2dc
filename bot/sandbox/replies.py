"""Answers that are not Web API calls: a command's own answer, and response addresses."""

from __future__ import annotations

from bot.sandbox.block_kit import check_message_blocks, with_ids
from bot.sandbox.errors import ApiError
from bot.sandbox.records import Json, Message
from bot.sandbox.side_doors import ResponseDoor
from bot.sandbox.workspace import Workspace


def post_command_answer(workspace: Workspace, door: ResponseDoor, answer: Json) -> None:
    """An empty answer shows nothing."""
    if answer.get("text") or answer.get("blocks"):
        _post(workspace, door, answer, answer.get("response_type", "ephemeral"))


def answer_through_url(workspace: Workspace, door: ResponseDoor, answer: Json) -> None:
    """What a POST to a response address does. Raises ApiError with Slack's word for a bad body."""
    message = workspace.messages.get(door.channel, door.message_ts) if door.message_ts else None
    if answer.get("delete_original"):
        if message is not None:
            workspace.messages.delete(message, message.user)
        return
    text, blocks = _content(answer)
    if answer.get("replace_original") and message is not None:
        workspace.messages.edit(message, message.user, text=text, blocks=blocks, mark_edited=False)
        return
    _post(workspace, door, answer, answer.get("response_type", "ephemeral"))


def _content(answer: Json) -> tuple[str, list[Json]]:
    text, blocks = str(answer.get("text") or ""), answer.get("blocks") or []
    findings = check_message_blocks(blocks)
    if findings:
        raise ApiError("invalid_blocks", response_metadata={"messages": findings})
    if not text and not blocks:
        raise ApiError("no_text")
    return text, with_ids(blocks)


def _post(workspace: Workspace, door: ResponseDoor, answer: Json, kind: str) -> Message:
    channel = workspace.channels.get(door.channel)
    if channel is None:
        raise ApiError("channel_not_found")
    text, blocks = _content(answer)
    app = workspace.installation_in(channel)
    return workspace.messages.post(
        channel,
        app.bot_user,
        text,
        thread_ts=str(answer.get("thread_ts") or door.thread_ts),
        blocks=blocks,
        bot_id=app.bot_id,
        only_for="" if kind == "in_channel" else door.person,
    )
