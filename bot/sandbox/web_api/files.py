"""files.*: what was uploaded, and uploading in Slack's two steps."""

from __future__ import annotations

from bot.sandbox.errors import ApiError
from bot.sandbox.records import File, Json
from bot.sandbox.web_api.call import Call
from bot.sandbox.web_api.chat import refuse_bad_blocks
from bot.sandbox.wire import file_json

FILE_MOST = 1_073_741_824


def visible_file(call: Call, file_id: str) -> File:
    """A file shared where the bot is, or its own."""
    file = call.workspace.files.get(file_id)
    if file is None or not file.is_complete:
        raise ApiError("file_not_found")
    if file.is_deleted:
        raise ApiError("file_deleted")
    channels = (call.workspace.channels.get(channel) for channel in file.channels)
    reaches_bot = any(channel is not None and call.is_inside(channel) for channel in channels)
    if not reaches_bot and file.uploader != call.bot.id:
        raise ApiError("file_not_found")
    return file


def info(call: Call) -> Json:
    file = visible_file(call, call.required("file"))
    shown = file_json(call.workspace, file, whole=True)
    return {"file": shown, "comments": [], "content": None}


def get_upload_url(call: Call) -> Json:
    name = call.required("filename")
    call.number("length", 0, FILE_MOST)
    if not call.text("length"):
        raise ApiError("invalid_arguments")
    file = call.workspace.files.add(call.bot.id, name, b"", is_complete=False)
    file.alt_text = call.text("alt_txt")
    address = f"{call.workspace.public_url}/upload/{file.id}"
    return {"upload_url": address, "file_id": file.id}


def complete_upload(call: Call) -> Json:
    """With a channel, posts one message that carries the files."""
    wanted = call.structure("files")
    if not isinstance(wanted, list) or not wanted:
        raise ApiError("invalid_arguments")
    files: list[File] = []
    for item in wanted:
        file = call.workspace.files.get(str(item.get("id")))
        if file is None or file.uploader != call.bot.id:
            raise ApiError("file_not_found")
        file.title = item.get("title") or file.name
        file.is_complete = True
        files.append(file)
    if call.text("channel_id"):
        _share(call, files)
    shown = [file_json(call.workspace, file, whole=True) for file in files]
    return {"files": shown}


def _share(call: Call, files: list[File]) -> None:
    channel = call.own_channel("channel_id")
    if channel.is_archived:
        raise ApiError("is_archived")
    thread_ts = call.text("thread_ts")
    if thread_ts and call.workspace.messages.get(channel.id, thread_ts) is None:
        raise ApiError("thread_not_found")
    blocks = call.structure("blocks", "invalid_blocks_format")
    if blocks is not None:
        refuse_bad_blocks(blocks)
    for file in files:
        call.workspace.files.share(file, channel)
    call.workspace.messages.post(
        channel,
        call.bot.id,
        call.text("initial_comment"),
        thread_ts=thread_ts,
        blocks=blocks,
        subtype="file_share",
        bot_id=call.app.bot_id,
        files=[file.id for file in files],
    )


def delete(call: Call) -> Json:
    """An app may delete what it uploaded itself; the message stays and says so."""
    file = call.workspace.files.get(call.required("file"))
    if file is None:
        raise ApiError("file_not_found")
    if file.is_deleted:
        raise ApiError("file_deleted")
    if file.uploader != call.bot.id:
        raise ApiError("cant_delete_file")
    call.workspace.files.delete(file)
    return {}
