"""What has to be done without anybody asking: boards of new channels, answers to be corrected,
the weekly report, old words to be taken out.

Every replica does it; the outbox's unique keys make it happen once.
"""

from __future__ import annotations

import logging

from sqlalchemy.exc import IntegrityError

from bot.fault_points import passing
from bot.service.boards import post_board, take_down
from bot.service.house import House
from bot.service.posting import Posting
from bot.service.recalls import tell_of_recalls
from bot.service.retention import Retention
from bot.service.weekly import expect_weekly_report
from bot.storage.accounts import SHADOW
from bot.storage.unit_of_work import look, work

log = logging.getLogger(__name__)

EVERY = 1.0
"""Seconds between rounds: a channel linked on the command line gets its board at once."""


class Upkeep:
    """One round of it is one call."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._retention = Retention(house)
        self._begun = False

    def round(self) -> None:
        if not self._begun:
            expect_weekly_report(self._house)
            self._begun = True
        now = self._house.clock()
        with look(self._house.database, now) as uow:
            waiting = [row.channel for row in uow.accounts.channels_without_board()]
            watched = [row.channel for row in uow.accounts.boards_too_many()]
        for channel in waiting:
            self._board(channel)
        for channel in watched:
            self._unboard(channel)
        tell_of_recalls(self._house)
        self._retention.take_out_some()

    def _board(self, channel: str) -> None:
        now = self._house.clock()
        try:
            with work(self._house.database, now) as uow:
                row = uow.accounts.channel(channel)
                if row is not None and not row.board_key:
                    posting = Posting(uow, self._house, f"board:{channel}:{now.timestamp():.6f}")
                    post_board(uow, self._house, posting, channel, row.account_id)
                passing("upkeep.committing")
        except IntegrityError:
            log.info("another replica posts the board of %s", channel)
        self._house.owed.ring()

    def _unboard(self, channel: str) -> None:
        """The channel was switched to being watched on the command line."""
        try:
            with work(self._house.database, self._house.clock()) as uow:
                row = uow.accounts.channel(channel)
                if row is not None and row.board_key and row.mode == SHADOW:
                    take_down(Posting(uow, self._house, f"unboard:{row.board_key}"), row)
        except IntegrityError:
            log.info("another replica takes down the board of %s", channel)
        self._house.owed.ring()
