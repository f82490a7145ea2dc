"""Requests that are decided: submitted → approved or declined → done.

    submitted → approved → done
         └────→ declined

Which requests are such a process is data: `intents/processes/*.yml`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from bot.desk.errors import NotAllowed

Stage = Literal["submitted", "approved", "declined", "done"]
Step = Literal["approve", "decline", "finish"]
STEPS: tuple[Step, ...] = ("approve", "decline", "finish")

_AFTER: Mapping[tuple[Stage, Step], Stage] = {
    ("submitted", "approve"): "approved",
    ("submitted", "decline"): "declined",
    ("approved", "finish"): "done",
}
_REOPENED: Mapping[Stage, Stage] = {
    "submitted": "submitted",
    "approved": "approved",
    "declined": "submitted",
    "done": "approved",
}
"""A request that is opened again goes back before the step that ended it."""


@dataclass(frozen=True, slots=True)
class Process:
    """One kind of request that is decided."""

    key: str
    intent: str
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Field → the values with which a request is of this kind; empty for all of the intent."""
    same_by: tuple[str, ...] = ()
    """Fields that make two requests of one account the same matter."""
    runs_days: int | None = None
    """Days that what was approved lasts, unless staff choose another end; None: it has no end."""
    warn_days: int = 0
    sets_plan: bool = False

    def holds(self, intent: str, fields: Mapping[str, str]) -> bool:
        return intent == self.intent and all(
            fields.get(name, "") in values for name, values in self.when.items()
        )

    def same_matter(self, one: Mapping[str, str], other: Mapping[str, str]) -> bool:
        return all(one.get(name, "") == other.get(name, "") for name in self.same_by)


def process_of(
    processes: Iterable[Process], intent: str, fields: Mapping[str, str]
) -> Process | None:
    """The process of a request, or None for one that is simply worked on."""
    return next((process for process in processes if process.holds(intent, fields)), None)


def stage_after(stage: Stage, step: Step) -> Stage:
    """Raises `NotAllowed` (`not_now.<step>`) where the step does not lead on from there."""
    try:
        return _AFTER[stage, step]
    except KeyError:
        raise NotAllowed(f"not_now.{step}") from None


def read_day(written: str) -> date | None:
    """An ISO date, or None when nothing was written. Raises `NotAllowed` for anything else."""
    try:
        return date.fromisoformat(written) if written.strip() else None
    except ValueError:
        raise NotAllowed("not_now.no_date", day=written[:20]) from None


def reopened(stage: Stage) -> Stage:
    return _REOPENED[stage]


def end_of(day: date, closes: str, time_zone: str) -> datetime:
    """The end of a last day: when the customer's working hours are over (`closes` is HH:MM)."""
    return datetime.combine(day, time.fromisoformat(closes), ZoneInfo(time_zone))


def offered_end(process: Process, now: datetime, time_zone: str) -> date | None:
    """The last day that the form offers, in the customer's calendar."""
    if process.runs_days is None:
        return None
    return now.astimezone(ZoneInfo(time_zone)).date() + timedelta(days=process.runs_days)
