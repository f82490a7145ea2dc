"""Bringing in what Slack could not deliver: after an outage longer than its tries, a gap between
two sockets, a database that was away.

Every channel that is ours and every thread of a live request is a place with a mark: up to there
it was read. All of them are read at the start and whenever something may have been missed, else
one by one every five minutes. What is found goes through the same door as what is delivered, and
the inbox's key of a message makes it once. Slack counts these reads (some apps have one a minute):
one page is one step, steps are paced, and a refusal puts the place off for as long as it says.

Where something may have been missed, a thread is read as a whole: old messages of it may have been
edited or deleted meanwhile (`missed_changes.py`).
"""

from __future__ import annotations

import logging
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.desk.arrivals import (
    Arrival,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    OwnMessageSeen,
)
from bot.desk.errors import GiveUp, TryLater
from bot.fault_points import passing
from bot.service.house import House
from bot.service.intake import Intake
from bot.service.missed_changes import edits_not_known, not_shown
from bot.service.ports import Slack
from bot.service.present_channels import staff_channels
from bot.storage.places import Wanted
from bot.storage.tables import Place
from bot.storage.unit_of_work import look, work

log = logging.getLogger(__name__)

EVERY = timedelta(minutes=5)
THREADS_EVERY = timedelta(minutes=30)
"""Threads and DMs. There are many; after an outage they are read at once like everything."""
OVERLAP = timedelta(minutes=2)
"""Read again before the mark: Slack's history lags, and its clock is not ours."""
OLDEST = timedelta(days=7)
"""Whoever waited longer has asked again or found another way."""
LIVE_REQUEST = timedelta(days=2)
LIVE_CONVERSATION = timedelta(hours=2)
PER_MINUTE = 40
"""Reads; Slack allows fifty to most apps, and looking for our own posts counts there too."""
IDLE = 2.0
"""Seconds between looks for a place that is due."""
REFRESH = timedelta(seconds=30)
"""Between looks for new channels and threads to follow."""
AWAY = 10.0
"""Seconds to leave Slack alone when it does not answer."""


@dataclass(slots=True)
class _Reading:
    """A place being read, page by page."""

    place: Place
    began: datetime
    news_since: datetime
    """What was written before came in long ago, or is nothing to us."""
    since: datetime
    """From there on is read."""
    cursor: str = ""
    found: list[Arrival] = field(default_factory=list)
    is_read: bool = False
    doubtful: list[str] = field(default_factory=list)
    """ts of messages that were perhaps deleted."""
    gone: list[str] = field(default_factory=list)


class CatchUp:
    """One step is at most one call to Slack; one thread of a process steps."""

    def __init__(self, house: House, slack: Slack, intake: Intake) -> None:
        self._house = house
        self._slack = slack
        self._intake = intake
        self._reading: _Reading | None = None
        self._refreshed: datetime | None = None
        self._began = house.clock()
        self._calls: deque[datetime] = deque(maxlen=PER_MINUTE)
        house.missed.set()

    def step(self) -> float:
        """Read one page if a place is due; returns the seconds until the next step."""
        now = self._house.clock()
        if self._house.missed.is_set():
            self._house.missed.clear()
            self._follow(now)
            with work(self._house.database, now) as uow:
                uow.places.all_due()
        elif self._refreshed is None or now - self._refreshed > REFRESH:
            self._follow(now)
        if self._reading is None:
            self._reading = self._next(now)
        if self._reading is None:
            return IDLE
        pause = self._pause(now)
        return pause if pause > 0 else self._read(self._reading, now)

    def _follow(self, now: datetime) -> None:
        with look(self._house.database, now) as uow:
            staff = staff_channels(uow, self._house)
            wanted: Wanted = {
                **uow.places.threads_of_conversations(now - LIVE_CONVERSATION),
                **uow.places.threads_of_requests(now - LIVE_REQUEST),
                **uow.places.direct_conversations(now - OLDEST),
                **{(channel, ""): self._began for channel in staff if channel},
                **uow.places.linked_channels(),
            }
        with work(self._house.database, now) as uow:
            uow.places.follow(wanted, now + THREADS_EVERY)
        self._refreshed = now

    def _next(self, now: datetime) -> _Reading | None:
        with look(self._house.database, now) as uow:
            place = uow.places.due()
        if place is None:
            return None
        with work(self._house.database, now) as uow:
            taken = uow.places.take(place, now + _again_in(place))
        if not taken:
            return None
        news_since = max(place.read_until - OVERLAP, place.ours_since, now - OLDEST)
        since = news_since
        if place.whole and place.thread_ts:
            root = datetime.fromtimestamp(float(place.thread_ts), UTC)
            since = min(news_since, max(root, now - OLDEST))
        return _Reading(place, now, news_since, since)

    def _pause(self, now: datetime) -> float:
        """Seconds until the pace allows another call."""
        if len(self._calls) < PER_MINUTE:
            return 0.0
        return 60.0 - (now - self._calls[0]).total_seconds()

    def _read(self, reading: _Reading, now: datetime) -> float:
        place = reading.place
        self._calls.append(now)
        try:
            if reading.doubtful:
                self._ask_about_one(reading)
            else:
                self._read_page(reading)
        except TryLater as error:
            if error.retry_after is None:
                self._drop(reading, now + timedelta(seconds=AWAY))
                return AWAY
            log.info("catching up waits %.0f s: %s", error.retry_after, error)
            return error.retry_after
        except GiveUp as error:
            log.warning("cannot read %s %s: %s", place.channel, place.thread_ts, error)
            self._drop(reading, now + _again_in(place))
            return 0.0
        if reading.is_read and not reading.doubtful:
            self._reading = None
            self._take_in(reading)
        return 0.0

    def _read_page(self, reading: _Reading) -> None:
        place = reading.place
        slack = self._slack.at(channel=place.channel)
        page = slack.past(place.channel, place.thread_ts, reading.since, reading.cursor)
        reading.found.extend(page.arrivals)
        reading.cursor = page.cursor
        if page.cursor:
            return
        reading.is_read = True
        if place.whole and place.thread_ts:
            shown = {one.ts for one in reading.found if isinstance(one, MessagePosted)}
            between = (reading.since, reading.began - OVERLAP)
            with look(self._house.database, reading.began) as uow:
                reading.doubtful = not_shown(uow, place.channel, place.thread_ts, shown, between)

    def _ask_about_one(self, reading: _Reading) -> None:
        place, ts = reading.place, reading.doubtful[-1]
        slack = self._slack.at(channel=place.channel)
        if not slack.still_there(place.channel, place.thread_ts, ts):
            reading.gone.append(ts)
        reading.doubtful.pop()

    def _take_in(self, reading: _Reading) -> None:
        """Oldest first, as it would have come."""
        passing("catch_up.read")
        place = reading.place
        news_since = reading.news_since.timestamp()
        missed, edits = 0, []
        for arrival in sorted(reading.found, key=_ts):
            if isinstance(arrival, OwnMessageSeen):
                self._intake.own_message(arrival)
            elif isinstance(arrival, MessageEdited):
                edits.append(arrival)
            elif isinstance(arrival, MessagePosted) and _ts(arrival) >= news_since:
                missed += self._intake.save(arrival, f"past:{arrival.channel}:{arrival.ts}")
        changes = self._take_in_changes(reading, edits)
        with work(self._house.database, self._house.clock()) as uow:
            uow.places.read(place, reading.began)
            passing("catch_up.marked")
        self._house.measures.caught_up.inc(missed)
        if missed:
            self._house.undelivered.set()
            log.warning("caught up on %s messages of %s", missed, place.channel)
        if changes:
            log.warning("caught up on %s changed messages of %s", changes, place.channel)

    def _take_in_changes(self, reading: _Reading, edits: list[MessageEdited]) -> int:
        place = reading.place
        with look(self._house.database, self._house.clock()) as uow:
            edits = edits_not_known(uow, edits)
        taken = sum(
            self._intake.save(edit, f"past-edit:{edit.channel}:{edit.ts}:{edit.stamp}")
            for edit in edits
        )
        for ts in reading.gone:
            gone = MessageDeleted(
                user="", channel=place.channel, ts=ts, thread_ts=_below(place, ts)
            )
            taken += self._intake.save(gone, f"past-delete:{place.channel}:{ts}")
        return taken

    def _drop(self, reading: _Reading, again_at: datetime) -> None:
        self._reading = None
        with work(self._house.database, self._house.clock()) as uow:
            uow.places.put_off(reading.place, again_at)


def _again_in(place: Place) -> timedelta:
    is_channel = not place.thread_ts and not place.channel.startswith("D")
    return EVERY if is_channel else THREADS_EVERY


def _below(place: Place, ts: str) -> str:
    """Empty for the root itself, as in every arrival."""
    return "" if ts == place.thread_ts else place.thread_ts


def _ts(arrival: Arrival) -> float:
    return float(getattr(arrival, "ts", 0) or 0)
