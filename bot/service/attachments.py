"""The names of attached files, asked of Slack before a message is handled.

From another organisation Slack sends the id of a file and nothing else.
"""

from __future__ import annotations

import logging
from dataclasses import replace

from bot.desk.arrivals import Arrival, Attachment, MessagePosted
from bot.desk.errors import SupportbotError
from bot.service.ports import SlackGateway

log = logging.getLogger(__name__)

_MOST = 10
"""Files that people may attach to one message in Slack."""


class Attachments:
    def __init__(self, slack: SlackGateway) -> None:
        self._slack = slack

    def named(self, arrival: Arrival) -> Arrival:
        """The same message with its files' names, as far as Slack tells them."""
        if not isinstance(arrival, MessagePosted) or all(file.name for file in arrival.files):
            return arrival
        return replace(arrival, files=tuple(map(self._named, arrival.files[:_MOST])))

    def _named(self, file: Attachment) -> Attachment:
        if file.name or not file.id:
            return file
        try:
            found = self._slack.file(file.id)
        except SupportbotError as error:
            log.warning("name of file %s not read: %s", file.id, error)
            return file
        return replace(file, name=found.name) if found else file
