"""When a first response is due: pure arithmetic over business hours, holidays and time zones."""

from __future__ import annotations

from collections.abc import Iterator
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


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch of time that was counted towards a target; aware UTC."""

    start: datetime
    end: datetime


def counted(
    start: datetime, minutes: int, calendar: Calendar, *, around_the_clock: bool = False
) -> tuple[Interval, ...]:
    """The intervals that add up to `minutes` from `start` (aware); the last end is the due time.

    Business minutes run only within the calendar's hours in the customer's time zone, and are
    counted in elapsed time, so a change to summer time neither adds nor swallows an hour.
    """
    left = timedelta(minutes=minutes)
    if around_the_clock:
        return (Interval(start.astimezone(UTC), (start + left).astimezone(UTC)),)
    intervals: list[Interval] = []
    for opening, closing in _openings(start, calendar):
        piece = min(closing - opening, left)
        intervals.append(Interval(opening, opening + piece))
        left -= piece
        if not left:
            return tuple(intervals)
    raise ValueError(f"the calendar for {calendar.time_zone} has no working hours left to count")


def due(
    start: datetime, minutes: int, calendar: Calendar, *, around_the_clock: bool = False
) -> datetime:
    """When `minutes` are over, aware UTC."""
    return counted(start, minutes, calendar, around_the_clock=around_the_clock)[-1].end


def _openings(start: datetime, calendar: Calendar) -> Iterator[tuple[datetime, datetime]]:
    first = start.astimezone(ZoneInfo(calendar.time_zone)).date()
    begin = start.astimezone(UTC)
    for offset in range(_HORIZON_DAYS):
        hours = calendar.opening(first + timedelta(days=offset))
        if hours is None:
            continue
        opening, closing = (moment.astimezone(UTC) for moment in hours)
        if closing > begin:
            yield max(opening, begin), closing
