"""When a first response is due: pure arithmetic over business hours, holidays and time zones.

The clock of a request runs from its opening. It stands still outside business hours (unless the
target runs around the clock) and during pauses, while the customer is asked for something.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

# A target of a few business days lies within weeks even across long holidays; a calendar with no
# working day at all must not loop for ever.
_HORIZON_DAYS = 400


@dataclass(frozen=True, slots=True)
class Calendar:
    """Working time of one customer. `days` counts from Monday = 0; `holidays` are ISO dates."""

    time_zone: str
    days: tuple[int, ...]
    opens: str
    closes: str
    holidays: frozenset[str]

    def opening(self, day: date) -> tuple[datetime, datetime] | None:
        """The aware start and end of that day's working hours, or None."""
        if day.weekday() not in self.days or day.isoformat() in self.holidays:
            return None
        zone = ZoneInfo(self.time_zone)
        return (
            datetime.combine(day, time.fromisoformat(self.opens), zone),
            datetime.combine(day, time.fromisoformat(self.closes), zone),
        )

    @property
    def minutes_a_day(self) -> int:
        opens, closes = (time.fromisoformat(clock) for clock in (self.opens, self.closes))
        return (closes.hour - opens.hour) * 60 + closes.minute - opens.minute


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch of time that was counted towards a target; aware UTC."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Pause:
    """The clock stands still while the customer is asked for something; `end` None: until now."""

    start: datetime
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Promise:
    """How the clock of one request runs: everything needed to count, but no moment of "now"."""

    start: datetime
    """When the request was opened, aware."""
    minutes: int
    calendar: Calendar
    around_the_clock: bool = False
    pauses: tuple[Pause, ...] = ()

    @property
    def paused(self) -> bool:
        return any(pause.end is None for pause in self.pauses)

    def due(self, share: float = 1.0) -> datetime | None:
        """When that share of the minutes is over, aware UTC; None if a pause comes first."""
        wanted = timedelta(minutes=self.minutes) * share
        found = _fill(self._working(), wanted)
        return found[-1].end if found and _total(found) == wanted else None

    def counted(self) -> tuple[Interval, ...]:
        """The intervals that add up to the minutes, or to less while a pause lasts."""
        return tuple(_fill(self._working(), timedelta(minutes=self.minutes)))

    def used(self, until: datetime) -> timedelta:
        """How much of the clock ran from the opening until a moment (beyond the minutes too)."""
        total = timedelta()
        for interval in self._working():
            if interval.start >= until:
                break
            total += min(interval.end, until) - interval.start
        return total

    def _working(self) -> Iterator[Interval]:
        """Everything that counts, in order: endless around the clock, a year of business hours."""
        begin = self.start.astimezone(UTC)
        pauses = merged(self.pauses)
        held_up = sum(
            ((pause.end - pause.start) for pause in pauses if pause.end is not None), timedelta()
        )
        if self.around_the_clock:
            horizon = timedelta(days=_HORIZON_DAYS, minutes=self.minutes) + held_up
            yield from _without(Interval(begin, begin + horizon), pauses)
            return
        for opening, closing in _openings(self.start, self.calendar, held_up.days):
            yield from _without(Interval(opening, closing), pauses)


def counted(
    start: datetime, minutes: int, calendar: Calendar, *, around_the_clock: bool = False
) -> tuple[Interval, ...]:
    """The intervals that add up to `minutes` from `start` (aware); the last end is the due time.

    Business minutes run only within the calendar's hours in the customer's time zone, and are
    counted in elapsed time, so a change to summer time neither adds nor swallows an hour.
    """
    found = Promise(start, minutes, calendar, around_the_clock).counted()
    if _total(found) != timedelta(minutes=minutes):
        raise ValueError(
            f"the calendar for {calendar.time_zone} has no working hours left to count"
        )
    return found


def due(
    start: datetime, minutes: int, calendar: Calendar, *, around_the_clock: bool = False
) -> datetime:
    """When `minutes` are over, aware UTC."""
    return counted(start, minutes, calendar, around_the_clock=around_the_clock)[-1].end


def days_later(start: datetime, days: int, calendar: Calendar) -> datetime:
    """The same time of day so many business days later (outside hours: from the next opening)."""
    return due(start, days * calendar.minutes_a_day, calendar)


def merged(pauses: Sequence[Pause]) -> tuple[Pause, ...]:
    """The same pauses in order and without overlaps; what follows an open one is part of it."""
    found: list[Pause] = []
    for pause in sorted(pauses, key=lambda one: one.start):
        last = found[-1] if found else None
        if last is None or (last.end is not None and pause.start > last.end):
            found.append(pause)
        elif last.end is not None:
            end = None if pause.end is None else max(last.end, pause.end)
            found[-1] = Pause(last.start, end)
    return tuple(found)


def _without(interval: Interval, pauses: Sequence[Pause]) -> Iterator[Interval]:
    """What is left of an interval; `pauses` in order and without overlaps."""
    begin = interval.start
    for pause in pauses:
        if pause.start >= interval.end:
            break
        if pause.start > begin:
            yield Interval(begin, pause.start.astimezone(UTC))
        if pause.end is None:
            return
        begin = max(begin, pause.end.astimezone(UTC))
    if begin < interval.end:
        yield Interval(begin, interval.end)


def _fill(working: Iterator[Interval], wanted: timedelta) -> list[Interval]:
    """The first of the intervals, cut so that they add up to what is wanted, if they reach."""
    intervals: list[Interval] = []
    left = wanted
    for interval in working:
        piece = min(interval.end - interval.start, left)
        intervals.append(Interval(interval.start, interval.start + piece))
        left -= piece
        if not left:
            break
    return intervals


def _total(intervals: Sequence[Interval]) -> timedelta:
    return sum((interval.end - interval.start for interval in intervals), timedelta())


def _openings(
    start: datetime, calendar: Calendar, further_days: int
) -> Iterator[tuple[datetime, datetime]]:
    first = start.astimezone(ZoneInfo(calendar.time_zone)).date()
    begin = start.astimezone(UTC)
    for offset in range(_HORIZON_DAYS + further_days):
        hours = calendar.opening(first + timedelta(days=offset))
        if hours is None:
            continue
        opening, closing = (moment.astimezone(UTC) for moment in hours)
        if closing > begin:
            yield max(opening, begin), closing
