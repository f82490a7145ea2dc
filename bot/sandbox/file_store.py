"""Files: uploaded by people, or by the app in Slack's two steps."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bot.sandbox.records import Channel, File

if TYPE_CHECKING:
    from bot.sandbox.workspace import Workspace


class FileStore:
    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._files: dict[str, File] = {}

    def get(self, file_id: str) -> File | None:
        return self._files.get(file_id)

    def everything(self) -> Iterator[File]:
        yield from self._files.values()

    def add(self, uploader: str, name: str, content: bytes, *, is_complete: bool = True) -> File:
        """A file nobody sees yet: `share` puts it into a channel."""
        with self._workspace.lock:
            file = File(
                id=self._workspace.new_id("F"),
                name=name,
                title=name,
                mimetype=mimetypes.guess_type(name)[0] or "text/plain",
                uploader=uploader,
                created=int(self._workspace.clock()),
                content=content,
                is_complete=is_complete,
            )
            self.restore(file)
            return file

    def restore(self, file: File) -> None:
        self._files[file.id] = file

    def share(self, file: File, channel: Channel) -> None:
        """Call it before posting the message that carries the file."""
        with self._workspace.lock:
            if channel.id not in file.channels:
                file.channels.append(channel.id)
            self._workspace.feed.publish(
                "file_shared",
                channel=channel.id,
                person=file.uploader,
                detail={"file": file.id, "name": file.name},
            )

    def delete(self, file: File) -> None:
        with self._workspace.lock:
            file.is_deleted = True
            file.content = b""
