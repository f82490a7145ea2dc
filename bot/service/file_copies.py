"""Files copied from one thread into the other: read, uploaded anew, shared once.

A copy is an outbox entry like any other, with the method `file.copy`. Only the sharing at its end
cannot be repeated without care: the id of the upload is saved before, and after an unknown outcome
the thread is searched for it.
"""

from __future__ import annotations

import logging
import tempfile
from dataclasses import dataclass
from datetime import timedelta

from bot.content.templates import Rendered
from bot.desk.arrivals import Attachment
from bot.desk.errors import GiveUp, TryLater
from bot.desk.meaning import language_of
from bot.desk.retries import MOST_ATTEMPTS
from bot.service.house import House
from bot.service.ports import FileInfo, Slack, SlackGateway
from bot.storage.lanes import Lanes
from bot.storage.tables import Outbox

log = logging.getLogger(__name__)

TRANSFER = timedelta(minutes=10)
"""Lease while a file is carried: the largest one over a slow line."""
_IN_MEMORY = 1_000_000
"""Bytes; larger files wait on disk between download and upload."""


@dataclass(frozen=True, slots=True)
class SayInstead(Exception):
    """The file cannot be copied: this is posted in its place."""

    rendered: Rendered
    for_staff: bool
    """Said to staff; otherwise the customer reads it and staff must hear of it, too."""
    name: str


def copy_payload(
    file: Attachment, channel: str, speaker: str, language: str, *, for_staff: bool
) -> dict[str, object]:
    """What an entry needs to know."""
    return {
        "file": file.id,
        "from": channel,
        "name": file.name,
        "speaker": speaker,
        "language": language,
        "for_staff": for_staff,
    }


class FileCopies:
    """Performs the entries; talks to Slack outside any transaction."""

    def __init__(self, house: House, slack: Slack, lanes: Lanes[Outbox]) -> None:
        self._house = house
        self._slack = slack
        self._lanes = lanes

    def copy(self, slack: SlackGateway, row: Outbox, thread_ts: str, lease: timedelta) -> str:
        """Share the copy; returns its ts, empty when Slack has not said.

        Raises `SayInstead`, and what calls to Slack raise.
        """
        uploaded = str(row.payload.get("_uploaded") or "")
        if uploaded:
            # An earlier attempt came to the sharing: perhaps it is there already.
            found = slack.find_shared(row.channel, thread_ts, uploaded, row.created_at)
            if found:
                return found
        else:
            try:
                uploaded = self._upload(slack, row, lease)
            except TryLater:
                if row.attempts < MOST_ATTEMPTS:
                    raise
                # What is said later in the thread does not wait for one file for ever.
                raise self._instead(
                    row, FileInfo(name=str(row.payload["name"])), "no_access"
                ) from None
        comment = f"📎 {row.payload['speaker']}"
        slack.share(uploaded, str(row.payload["name"]), row.channel, thread_ts, comment)
        return slack.find_shared(row.channel, thread_ts, uploaded, row.created_at)

    def remove(self, slack: SlackGateway, uploaded: str) -> None:
        """Delete a copy of ours, also when it is gone already."""
        try:
            slack.call("files.delete", {"file": uploaded})
        except GiveUp as error:
            if str(error).rpartition(" ")[2] not in ("file_not_found", "file_deleted"):
                raise

    def _upload(self, slack: SlackGateway, row: Outbox, lease: timedelta) -> str:
        # Read where it was written, given where it is to be seen: perhaps two workspaces.
        source = self._slack.at(channel=str(row.payload.get("from") or ""))
        file = source.file(str(row.payload["file"]))
        if file is None:
            raise self._instead(row, FileInfo(name=str(row.payload["name"])), "no_access")
        if file.deleted:
            raise self._instead(row, file, "deleted")
        if file.elsewhere:
            raise self._instead(row, file, "elsewhere")
        if file.size > self._house.largest_file:
            raise self._instead(row, file, "too_large")
        self._save(row, TRANSFER)
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as content:
            try:
                is_there = source.fetch(file, self._house.largest_file, content)
            except GiveUp as error:
                log.warning("file of outbox id=%s not read: %s", row.id, error)
                raise self._instead(row, file, "too_large") from error
            if not is_there:
                raise self._instead(row, file, "no_access")
            size = content.tell()
            content.seek(0)
            uploaded = slack.upload(file.name, size, content)
        row.payload = {**row.payload, "name": file.name, "_uploaded": uploaded}
        self._save(row, lease, payload=row.payload)
        return uploaded

    def _save(self, row: Outbox, lease: timedelta, **values: object) -> None:
        """Note on our own row how far we are. Raises `LostLease`."""
        self._lanes.renew(row, self._house.clock(), lease, **values)

    def _instead(self, row: Outbox, file: FileInfo, reason: str) -> SayInstead:
        for_staff = bool(row.payload.get("for_staff"))
        rendered = self._house.content.templates.message(
            "file_not_copied",
            language_of(str(row.payload.get("language") or "")),
            name=file.name or str(row.payload.get("name") or "file"),
            speaker=str(row.payload.get("speaker") or ""),
            reason=reason,
            # What lies in the staff's channel opens for nobody else.
            link=file.permalink if for_staff else "",
            megabytes=self._house.largest_file // 1_000_000,
        )
        return SayInstead(rendered, for_staff, file.name)
