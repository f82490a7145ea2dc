"""The names of attached files, asked of Slack before a message is handled.

From another organisation Slack sends the id of a file and nothing else.
"""

from __future__ import annotations

import logging
from dataclasses import replace

from bot.desk.arrivals import Arrival, Attachment, MessagePosted
from bot.desk.errors import SupportbotError
from bot.service.ports import Slack, SlackGateway

log = logging.getLogger(__name__)

_MOST = 10
"""Files that people may attach to one message in Slack."""


class Attachments:
    def __init__(self, slack: Slack) -> None:
        self._slack = slack

    def named(self, arrival: Arrival) -> Arrival:
        """The same message with its files' names, as far as Slack tells them."""
        if not isinstance(arrival, MessagePosted) or all(file.name for file in arrival.files):
            return arrival
        try:
            slack = self._slack.at(arrival.workspace)
        except SupportbotError as error:
            log.warning("names of files not read: %s", error)
            return arrival
        return replace(arrival, files=tuple(_named(slack, one) for one in arrival.files[:_MOST]))


def _named(slack: SlackGateway, file: Attachment) -> Attachment:
    if file.name or not file.id:
        return file
    try:
        found = slack.file(file.id)
    except SupportbotError as error:
        log.warning("name of file %s not read: %s", file.id, error)
        return file
    return replace(file, name=found.name) if found else file
