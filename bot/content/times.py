"""Moments, stretches of time and promises in people's words: what templates call for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from bot.content.blocks import Mrkdwn
from bot.desk.deadlines import Calendar
from bot.desk.meaning import Language
from bot.desk.requests import Request

_DAYS: Mapping[Language, tuple[str, ...]] = {
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "ja": ("月", "火", "水", "木", "金", "土", "日"),
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
}


@dataclass(frozen=True, slots=True)
class Times:
    """In one language; `t` is the words file."""

    language: Language
    t: Callable[..., Mrkdwn]

    def for_templates(self) -> dict[str, Callable[..., Any]]:
        return {
            "at": self.at,
            "at_or_today": self.at_or_today,
            "day": self.day,
            "date_name": self.date_name,
            "span": self.span,
            "duration": self.duration,
            "target": self.target,
            "working_hours": self.working_hours,
            "promised": self.promised,
        }

    def at(self, moment: datetime, time_zone: str) -> str:
        """`Wed 18 Nov 14:10` on the clocks of that zone."""
        return f"{self.day(moment, time_zone)} {_local(moment, time_zone):%H:%M}"

    def at_or_today(self, moment: datetime, time_zone: str, today: datetime) -> str:
        """The time alone if it is on the same day, there, as `today`."""
        local = _local(moment, time_zone)
        if local.date() == _local(today, time_zone).date():
            return f"{local:%H:%M}"
        return self.at(moment, time_zone)

    def day(self, moment: datetime, time_zone: str) -> str:
        return self.date_name(_local(moment, time_zone).date())

    def date_name(self, day: date) -> str:
        """`Wed 18 Nov`."""
        name = _DAYS[self.language][day.weekday()]
        if self.language == "en":
            return f"{name} {day:%d %b}"
        if self.language == "ja":
            return f"{day.month}月{day.day}日({name})"
        return f"{day.month}月{day.day}日 {name}"

    def short_day(self, day: date) -> str:
        """`18 Nov`, to stand below a bar."""
        return f"{day.day} {day:%b}" if self.language == "en" else f"{day.month}/{day.day}"

    def span(self, start: datetime, end: datetime, time_zone: str) -> str:
        """`Wed 18 Nov 09:00–12:30`; the second day is named where it is another."""
        if _local(start, time_zone).date() == _local(end, time_zone).date():
            return f"{self.at(start, time_zone)}–{_local(end, time_zone):%H:%M}"
        return f"{self.at(start, time_zone)} – {self.at(end, time_zone)}"

    def duration(self, minutes: int) -> Mrkdwn:
        """`35 min`, `2 h`, `2 h 10 min`."""
        hours, rest = divmod(max(minutes, 1), 60)
        form = "both" if hours and rest else "hours" if hours else "minutes"
        return self.t(f"duration.{form}", h=str(hours), m=str(rest))

    def target(self, minutes: int, around_the_clock: bool) -> Mrkdwn:
        """`2 h`, or `8 business hours`."""
        amount = self.duration(minutes)
        return amount if around_the_clock else self.t("duration.business", amount=amount)

    def working_hours(self, calendar: Calendar) -> str:
        """`Mon–Fri 09:00–18:00`."""
        return f"{self._days(sorted(calendar.days))} {calendar.opens}–{calendar.closes}"

    def _days(self, days: Sequence[int]) -> str:
        names = _DAYS[self.language]
        in_a_row = all(second - first == 1 for first, second in pairwise(days))
        if in_a_row and len(days) > 2:
            return f"{names[days[0]]}–{names[days[-1]]}"
        return ("、" if self.language != "en" else ", ").join(names[day] for day in days)

    def promised(self, request: Request, time_zone: str, *, staff: bool = False) -> Mrkdwn | str:
        """How the promise of a first answer stands; empty where there is none to speak of."""
        side = "staff" if staff else "customer"
        if request.clock == "none":
            return ""
        assert request.promised_minutes is not None
        due = self.at(request.respond_by, time_zone) if request.respond_by else ""
        return self.t(
            f"promise.{side}.{request.clock}",
            at=due,
            took=self.duration(request.answered_after or 0),
            target=self.target(request.promised_minutes, request.around_the_clock),
        )


def _local(moment: datetime, time_zone: str) -> datetime:
    return moment.astimezone(ZoneInfo(time_zone))
