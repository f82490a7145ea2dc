"""The figures of a stretch of time: what came in, how soon it was answered, what was kept. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.desk.requests import Request
from bot.desk.shadows import Shadow, Watched, compare


@dataclass(frozen=True, slots=True)
class Asked:
    """One question answered, or not, from the documentation."""

    question: str
    language: str
    band: str
    """answer, suggest or unknown."""
    vote: str
    """yes, no or empty."""
    at: datetime
    became_request: bool
    """A request was opened in the same thread."""


@dataclass(frozen=True, slots=True)
class Spread:
    """The middle and the far end of some durations; None when there are none."""

    count: int
    median: timedelta | None
    ninetieth: timedelta | None
    """Nine of ten are at most this long."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What `supportbot report` and the weekly post show. Counts are of requests opened within."""

    since: datetime
    until: datetime
    opened: int
    still_open: int
    overdue: int
    by_intent: tuple[tuple[str, int], ...]
    """Most first, as all of these."""
    by_queue: tuple[tuple[str, int], ...]
    by_severity: tuple[tuple[str, int], ...]
    by_account: tuple[tuple[str, int], ...]
    by_day: tuple[tuple[date, int], ...]
    """Every day of the stretch, also those without a request."""
    first_response: Spread
    """By the clock on the wall, from opening to the first answer of staff."""
    resolution: Spread
    kept: int
    missed: int
    asked: int
    answered_alone: int
    """Questions answered from the documentation in whose thread no request was opened."""
    suggested: int
    unknown: int
    helped: int
    not_helped: int
    shadows: tuple[tuple[str, Shadow], ...]
    """Each watched channel's id, and how the bot would have done there beside staff."""
    unanswered: tuple[str, ...]
    """The questions nothing was found for, or whose answer did not help; newest first."""

    @property
    def kept_share(self) -> float | None:
        """Of the promises that are decided; None when there are none."""
        decided = self.kept + self.missed
        return self.kept / decided if decided else None


MOST_UNANSWERED = 20


def figures_of(
    requests: Sequence[Request],
    accounts: dict[int, str],
    asked: Sequence[Asked],
    watched: Mapping[str, Sequence[Watched]],
    since: datetime,
    until: datetime,
    time_zone: str,
) -> Figures:
    """Figures of the requests opened and the questions asked from `since` up to `until` (aware).

    `accounts` gives the names by id, `watched` the messages of channels in shadow mode by channel;
    days are those of `time_zone`.
    """
    zone = ZoneInfo(time_zone)
    open_now = [one for one in requests if one.open]
    return Figures(
        since=since,
        until=until,
        opened=len(requests),
        still_open=len(open_now),
        overdue=sum(
            one.respond_by is not None and one.responded_at is None and one.respond_by < until
            for one in open_now
        ),
        by_intent=_most(one.intent for one in requests),
        by_queue=_most(one.queue for one in requests),
        by_severity=tuple(sorted(_most(one.severity for one in requests))),
        by_account=_most(accounts.get(one.account_id, "?") for one in requests),
        by_day=_days((one.opened_at.astimezone(zone).date() for one in requests),
                     since.astimezone(zone).date(), until.astimezone(zone).date()),
        first_response=spread(
            one.responded_at - one.opened_at for one in requests if one.responded_at is not None
        ),
        resolution=spread(
            one.closed_at - one.opened_at for one in requests if one.closed_at is not None
        ),
        kept=sum(one.promise == "kept" for one in requests),
        missed=sum(one.promise == "missed" for one in requests),
        asked=len(asked),
        answered_alone=sum(one.band == "answer" and not one.became_request for one in asked),
        suggested=sum(one.band == "suggest" for one in asked),
        unknown=sum(one.band == "unknown" for one in asked),
        helped=sum(one.vote == "yes" for one in asked),
        not_helped=sum(one.vote == "no" for one in asked),
        shadows=tuple((channel, compare(some)) for channel, some in sorted(watched.items())),
        unanswered=_unanswered(asked),
    )  # fmt: skip


def spread(durations: Iterable[timedelta]) -> Spread:
    """Median and ninetieth percentile, each the duration at that rank (nearest rank)."""
    ordered = sorted(durations)
    if not ordered:
        return Spread(0, None, None)
    return Spread(len(ordered), _ranked(ordered, 50), _ranked(ordered, 90))


def _ranked(ordered: Sequence[timedelta], percent: int) -> timedelta:
    return ordered[-(-len(ordered) * percent // 100) - 1]


def _most(names: Iterable[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(Counter(names).items(), key=lambda one: (-one[1], one[0])))


def _days(days: Iterable[date], first: date, last: date) -> tuple[tuple[date, int], ...]:
    counted = Counter(days)
    every = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return tuple((day, counted[day]) for day in every)


def _unanswered(asked: Sequence[Asked]) -> tuple[str, ...]:
    said = (one for one in asked if one.question)  # not taken out since
    open_ends = [one for one in said if one.band == "unknown" or one.vote == "no"]
    newest = sorted(open_ends, key=lambda one: one.at, reverse=True)
    texts = (" ".join(one.question.split())[:200] for one in newest)
    return tuple(dict.fromkeys(texts))[:MOST_UNANSWERED]
