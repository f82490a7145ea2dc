"""Why an answer is due when it is due: the whole stretch of time, piece by piece. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from bot.desk.deadlines import Calendar, Interval, Promise, merged

Reason = Literal["night", "weekend", "holiday"]
"""Why time outside business hours was not counted."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Time that counted; `total` is the sum up to its end."""

    start: datetime
    end: datetime
    total: timedelta


@dataclass(frozen=True, slots=True)
class Skipped:
    """Time that did not count because the office was closed, with all the reasons in it."""

    start: datetime
    end: datetime
    reasons: tuple[Reason, ...]
    holidays: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class Paused:
    """Time in which we waited for the customer; `end` None: we still do."""

    start: datetime
    end: datetime | None


Piece = Counted | Skipped | Paused


def explain(promise: Promise) -> tuple[Piece, ...]:
    """The pieces from the opening to the due time, or to the pause that still lasts.

    They touch each other: where one ends the next begins.
    """
    pieces: list[Piece] = []
    total = timedelta()
    at = promise.start.astimezone(UTC)
    for interval in promise.counted():
        pieces += _gap(at, interval.start, promise)
        total += interval.end - interval.start
        pieces.append(Counted(interval.start, interval.end, total))
        at = interval.end
    if promise.paused and total < timedelta(minutes=promise.minutes):
        pieces += _gap(at, None, promise)
    return tuple(pieces)


def _gap(start: datetime, end: datetime | None, promise: Promise) -> Iterator[Piece]:
    """What lies between two counted intervals; `end` None: until the open pause."""
    for pause in merged(promise.pauses):
        begins, ends = (
            moment.astimezone(UTC) if moment is not None else None
            for moment in (pause.start, pause.end)
        )
        assert begins is not None
        if (end is not None and begins >= end) or (ends is not None and ends <= start):
            continue
        if begins > start:
            yield _closed(Interval(start, begins), promise.calendar)
        yield Paused(max(begins, start), ends if end is None or ends is None else min(ends, end))
        if ends is None:
            return
        start = ends
    if end is not None and start < end:
        yield _closed(Interval(start, end), promise.calendar)


def _closed(gap: Interval, calendar: Calendar) -> Skipped:
    zone = ZoneInfo(calendar.time_zone)
    first, last = (moment.astimezone(zone) for moment in (gap.start, gap.end))
    # A gap that ends at the stroke of midnight does not reach into the new day.
    until = (last - timedelta(microseconds=1)).date()
    reasons: dict[Reason, None] = {}
    holidays: list[date] = []
    day = first.date()
    while day <= until:
        if day.isoformat() in calendar.holidays:
            reasons["holiday"] = None
            holidays.append(day)
        elif day.weekday() not in calendar.days:
            reasons["weekend"] = None
        else:
            reasons["night"] = None
        day += timedelta(days=1)
    return Skipped(gap.start, gap.end, tuple(reasons), tuple(holidays))
