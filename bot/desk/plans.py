"""Support plans and what they promise: values read from `knowledge/plans.yml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.desk.deadlines import Calendar
from bot.desk.meaning import Language
from bot.desk.requests import Severity


@dataclass(frozen=True, slots=True)
class Target:
    """The promised time to a first response: `minutes` of business time, or of the clock."""

    minutes: int
    around_the_clock: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """One support plan; `rank` orders plans from the smallest up."""

    key: str
    rank: int
    names: Mapping[Language, str]
    aliases: tuple[str, ...]
    technical: bool
    """May open technical requests; the others get documents, community and an upgrade offer."""
    through_sales: bool
    """Bought through sales instead of the console."""
    targets: Mapping[Severity, Target]
    includes: Mapping[Language, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class PlanBook:
    """All plans, smallest first, with the working calendar."""

    plans: tuple[Plan, ...]
    default: str
    business_days: tuple[int, ...]
    """0 is Monday."""
    opens: str
    closes: str
    holidays: frozenset[str]
    """ISO dates."""

    def plan(self, key: str) -> Plan:
        """The plan of that key or alias; the default plan where nothing matches."""
        wanted = key.strip().casefold()
        for plan in self.plans:
            if wanted == plan.key or wanted in plan.aliases:
                return plan
        return next(plan for plan in self.plans if plan.key == self.default)

    def knows(self, key: str) -> bool:
        wanted = key.strip().casefold()
        return any(wanted == plan.key or wanted in plan.aliases for plan in self.plans)

    def calendar(self, time_zone: str) -> Calendar:
        return Calendar(
            time_zone=time_zone,
            days=self.business_days,
            opens=self.opens,
            closes=self.closes,
            holidays=self.holidays,
        )

    def lost_by_going_to(self, current: str, target: str, language: Language) -> tuple[str, ...]:
        """What `current` includes and `target` does not, in the words of `language`."""
        kept = set(self.plan(target).includes[language])
        return tuple(item for item in self.plan(current).includes[language] if item not in kept)
