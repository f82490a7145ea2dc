"""Support plans and what they promise: values read from `knowledge/plans.yml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

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
class LocalCalendar:
    """What is different for customers in these time zones: further holidays, other hours."""

    time_zones: frozenset[str]
    holidays: frozenset[str]
    business_days: tuple[int, ...] | None = None
    opens: str = ""
    closes: str = ""


@dataclass(frozen=True, slots=True)
class Staleness:
    """Business days of waiting for the customer until a nudge, and until it counts as resolved.

    None: never.
    """

    nudge_after: int | None = 3
    resolve_after: int | None = 7


@dataclass(frozen=True, slots=True)
class Intake:
    """What a request may be, whoever asks."""

    technical: frozenset[str] = frozenset()
    """Intents that need a plan with technical requests."""
    highest: Mapping[str, Severity] = field(default_factory=dict)
    """Queue → its most severe level, where that is not S1."""
    unpromised: frozenset[str] = frozenset()
    """Queues whose first answer has no target."""


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
    """ISO dates, for customers everywhere."""
    local: tuple[LocalCalendar, ...] = ()
    staleness: Staleness = Staleness()
    intake: Intake = Intake()
    reopen_within: int = 7
    """Days after its end in which a follow-up opens a request again; later it is a new one."""

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

    def highest(self, queue: str) -> Severity:
        """The most severe level that a request of this queue can have."""
        return self.intake.highest.get(queue, "S1")

    def target(self, plan: str, severity: Severity, queue: str) -> Target | None:
        """What is promised; None where nothing is."""
        promised = queue not in self.intake.unpromised
        return self.plan(plan).targets.get(severity) if promised else None

    def calendar(self, time_zone: str) -> Calendar:
        """The working time of a customer in that time zone."""
        here = next((one for one in self.local if time_zone in one.time_zones), None)
        if here is None:
            here = LocalCalendar(frozenset(), frozenset())
        return Calendar(
            time_zone=time_zone,
            days=here.business_days or self.business_days,
            opens=here.opens or self.opens,
            closes=here.closes or self.closes,
            holidays=self.holidays | here.holidays,
        )

    def lost_by_going_to(self, current: str, target: str, language: Language) -> tuple[str, ...]:
        """What `current` includes and `target` does not, in the words of `language`."""
        kept = set(self.plan(target).includes[language])
        return tuple(item for item in self.plan(current).includes[language] if item not in kept)
