"""A clock that stands still at night, on holidays and while the customer is asked something."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.desk.deadlines import Calendar, Pause, Promise, days_later, merged
from bot.desk.timelines import Counted, Paused, Piece, Skipped, explain

# Public holidays of Japan in the second half of 2026 (Mountain Day to Labour Thanksgiving Day).
JAPAN = frozenset(
    {"2026-08-11", "2026-09-21", "2026-09-22", "2026-09-23", "2026-10-12", "2026-11-03",
     "2026-11-23"}
)  # fmt: skip
EVERY_DAY = tuple(range(7))


def office(zone: str = "Asia/Tokyo", holidays: frozenset[str] = frozenset()) -> Calendar:
    return Calendar(zone, (0, 1, 2, 3, 4), "09:00", "18:00", holidays)


def at(written: str, zone: str = "Asia/Tokyo") -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=ZoneInfo(zone))


def pause(start: str, end: str = "", zone: str = "Asia/Tokyo") -> Pause:
    return Pause(at(start, zone), at(end, zone) if end else None)


def hours(written: str, target: float, *pauses: Pause, **more: object) -> Promise:
    calendar = more.pop("calendar", office())
    return Promise(at(written), int(target * 60), calendar, pauses=pauses, **more)  # type: ignore[arg-type]


# --- when ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("promise", "expected"),
    [
        (hours("2026-11-18 10:00", 4, pause("2026-11-18 11:00", "2026-11-18 13:00")), "18 16:00"),
        (hours("2026-11-18 16:00", 4, pause("2026-11-18 17:00", "2026-11-19 10:00")), "19 13:00"),
        (hours("2026-11-18 10:00", 4, pause("2026-11-18 19:00", "2026-11-19 07:00")), "18 14:00"),
        (hours("2026-11-18 10:00", 4, pause("2026-11-18 10:00", "2026-11-18 10:30")), "18 14:30"),
        (hours("2026-11-18 10:00", 4, pause("2026-11-18 14:00", "2026-11-18 15:00")), "18 14:00"),
        (
            hours(
                "2026-11-18 10:00", 2,
                pause("2026-11-18 11:00", "2026-11-18 11:45"),
                pause("2026-11-18 11:30", "2026-11-18 12:00"),
            ),
            "18 13:00",
        ),
        (
            hours(
                "2026-11-21 23:00", 2, pause("2026-11-22 00:00", "2026-11-22 05:00"),
                around_the_clock=True,
            ),
            "22 06:00",
        ),
    ],
    ids=[
        "two hours of the customer's thinking are added",
        "a pause over night costs only its office hours",
        "a pause at night costs nothing",
        "a pause from the first minute",
        "a pause that begins when the time is over changes nothing",
        "two pauses that overlap count once",
        "around the clock a pause counts at night and at the weekend",
    ],
)  # fmt: skip
def test_a_pause_moves_the_due_time_by_what_it_covers(promise: Promise, expected: str) -> None:
    assert promise.due() == at(f"2026-11-{expected}")


def test_while_a_pause_lasts_nothing_is_due_and_what_was_used_is_kept() -> None:
    promise = hours("2026-11-18 10:00", 4, pause("2026-11-18 11:30"))
    assert promise.due() is None
    assert promise.paused
    assert promise.used(at("2026-11-19 12:00")) == timedelta(hours=1.5)
    assert promise.due(0.25) == at("2026-11-18 11:00"), "a quarter was over before"


def test_a_quarter_is_left_when_three_quarters_of_the_counted_time_are_over() -> None:
    promise = hours("2026-11-18 16:00", 4)
    assert promise.due(0.75) == at("2026-11-19 10:00")
    assert promise.due(1.25) == at("2026-11-19 12:00")


def test_japans_holidays_are_skipped_where_they_are_configured() -> None:
    friday = "2026-09-18 16:00"  # before the three days of Silver Week
    assert hours(friday, 4).due() == at("2026-09-21 11:00")
    assert hours(friday, 4, calendar=office(holidays=JAPAN)).due() == at("2026-09-24 11:00")


@pytest.mark.parametrize(
    ("opened", "expected_utc"),
    [
        ("2026-03-06 16:00", datetime(2026, 3, 9, 15, 0, tzinfo=UTC)),
        ("2026-10-30 16:00", datetime(2026, 11, 2, 16, 0, tzinfo=UTC)),
    ],
    ids=["clocks go forward on 8 March", "clocks go back on 1 November"],
)
def test_new_york_keeps_office_hours_over_a_change_of_summer_time(
    opened: str, expected_utc: datetime
) -> None:
    zone = "America/New_York"
    assert Promise(at(opened, zone), 240, office(zone)).due() == expected_utc


def test_around_the_clock_an_hour_is_an_hour_when_the_clocks_change() -> None:
    zone = "America/New_York"
    before = at("2026-11-01 00:30", zone)
    promise = Promise(before, 120, office(zone), around_the_clock=True)
    assert promise.due() == at("2026-11-01 01:30", zone).replace(fold=1).astimezone(UTC)


def test_a_zone_with_a_half_hour_opens_on_the_half_hour_of_utc() -> None:
    zone = "Asia/Kolkata"
    promise = Promise(
        datetime(2026, 11, 18, 1, 0, tzinfo=UTC), 60, office(zone),
        pauses=(pause("2026-11-18 09:15", "2026-11-18 09:45", zone),),
    )  # fmt: skip
    assert promise.due() == datetime(2026, 11, 18, 5, 0, tzinfo=UTC)  # 10:30 in Kolkata


@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [
        ("2026-11-18 15:20", 3, "2026-11-24 15:20"),
        ("2026-11-20 20:00", 3, "2026-11-26 18:00"),
        ("2026-11-21 12:00", 1, "2026-11-24 18:00"),
        ("2026-11-18 15:20", 7, "2026-11-30 15:20"),
    ],
    ids=["over a weekend and a holiday", "after hours", "from a Saturday", "seven"],
)
def test_business_days_later_is_the_same_time_of_day(start: str, days: int, expected: str) -> None:
    assert days_later(at(start), days, office(holidays=JAPAN)) == at(expected)


# --- why ----------------------------------------------------------------------------------------


def told(pieces: tuple[Piece, ...], zone: str = "Asia/Tokyo") -> list[str]:
    def clock(moment: datetime | None) -> str:
        return f"{moment.astimezone(ZoneInfo(zone)):%d %H:%M}" if moment else "…"

    lines = []
    for piece in pieces:
        span = f"{clock(piece.start)}-{clock(piece.end)}"
        match piece:
            case Counted(total=total):
                lines.append(f"{span} counted, {total.total_seconds() / 3600:g} h")
            case Skipped(reasons=reasons):
                lines.append(f"{span} {'+'.join(reasons)}")
            case Paused():
                lines.append(f"{span} paused")
    return lines


def test_the_explanation_names_nights_weekends_holidays_and_pauses() -> None:
    promise = hours(
        "2026-11-20 08:00", 12,
        pause("2026-11-20 11:00", "2026-11-20 12:30"),
        pause("2026-11-24 17:00", "2026-11-25 09:30"),
        calendar=office(holidays=JAPAN),
    )  # fmt: skip
    assert told(explain(promise)) == [
        "20 08:00-20 09:00 night",
        "20 09:00-20 11:00 counted, 2 h",
        "20 11:00-20 12:30 paused",
        "20 12:30-20 18:00 counted, 7.5 h",
        "20 18:00-24 09:00 night+weekend+holiday",
        "24 09:00-24 13:30 counted, 12 h",
    ]
    gap = next(one for one in explain(promise) if isinstance(one, Skipped) and one.holidays)
    assert gap.holidays == (date(2026, 11, 23),)


def test_a_pause_that_lasts_ends_the_explanation() -> None:
    promise = hours("2026-11-18 16:00", 8, pause("2026-11-18 20:00"))
    assert told(explain(promise)) == [
        "18 16:00-18 18:00 counted, 2 h",
        "18 18:00-18 20:00 night",
        "18 20:00-… paused",
    ]


# --- what always holds --------------------------------------------------------------------------

ZONES = ("UTC", "Asia/Tokyo", "Asia/Kolkata", "America/New_York", "Australia/Lord_Howe")
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


@st.composite
def promises(draw: st.DrawFn) -> Promise:
    minute = st.integers(0, 400 * 24 * 60)
    start = BEGIN + timedelta(minutes=draw(minute))
    pauses = []
    for begins, lasts in draw(
        st.lists(st.tuples(st.integers(0, 9000), st.integers(0, 4000)), max_size=4)
    ):
        first = start + timedelta(minutes=begins)
        pauses.append(Pause(first, first + timedelta(minutes=lasts)))
    zone = draw(st.sampled_from(ZONES))
    days = draw(st.sampled_from([(0, 1, 2, 3, 4), EVERY_DAY, (0, 3)]))
    opens, closes = draw(
        st.sampled_from([("09:00", "18:00"), ("01:30", "23:30"), ("00:00", "12:00")])
    )
    return Promise(
        start, draw(st.integers(1, 3000)), Calendar(zone, days, opens, closes, JAPAN),
        draw(st.booleans()), tuple(pauses),
    )  # fmt: skip


def covers(pauses: tuple[Pause, ...], moment: datetime) -> bool:
    return any(one.start <= moment and (one.end is None or moment < one.end) for one in pauses)


FEW = settings(deadline=None, max_examples=60)  # the machine may be busy


@FEW
@given(promises())
def test_what_is_counted_adds_up_in_order_and_never_in_a_pause(promise: Promise) -> None:
    pieces = promise.counted()
    assert sum((one.end - one.start for one in pieces), timedelta()) == timedelta(
        minutes=promise.minutes
    )
    assert all(a.end <= b.start for a, b in itertools.pairwise(pieces))
    for one in pieces:
        for moment in (one.start, one.start + (one.end - one.start) / 2):
            assert not covers(promise.pauses, moment)
    due = promise.due()
    assert due == pieces[-1].end
    assert promise.used(due) == timedelta(minutes=promise.minutes)


@FEW
@given(promises(), st.integers(1, 600))
def test_a_longer_target_is_never_due_earlier_and_time_used_never_shrinks(
    promise: Promise, more: int
) -> None:
    longer = Promise(
        promise.start, promise.minutes + more, promise.calendar, promise.around_the_clock,
        promise.pauses,
    )  # fmt: skip
    first, second = promise.due(), longer.due()
    assert first is not None
    assert second is not None
    assert first < second
    assert promise.used(first) <= promise.used(second)


@FEW
@given(promises(), st.integers(0, 5000), st.integers(1, 3000))
def test_one_more_pause_never_makes_it_due_earlier(
    promise: Promise, begins: int, lasts: int
) -> None:
    first = promise.start + timedelta(minutes=begins)
    added = Pause(first, first + timedelta(minutes=lasts))
    longer = Promise(
        promise.start, promise.minutes, promise.calendar, promise.around_the_clock,
        (*promise.pauses, added),
    )  # fmt: skip
    before, after = promise.due(), longer.due()
    assert before is not None
    assert after is not None
    assert before <= after
    if added.start >= before:
        assert before == after


@FEW
@given(promises(), st.integers(0, 8000))
def test_an_open_pause_stops_the_clock_where_it_begins(promise: Promise, begins: int) -> None:
    first = promise.start + timedelta(minutes=begins)
    stopped = Promise(
        promise.start, promise.minutes, promise.calendar, promise.around_the_clock,
        (*promise.pauses, Pause(first)),
    )  # fmt: skip
    due = promise.due()
    assert due is not None
    assert stopped.due() == (due if due <= first else None)
    assert stopped.used(first + timedelta(days=9)) == promise.used(first)


@FEW
@given(promises())
def test_the_explanation_covers_every_minute_from_the_opening_to_the_due_time(
    promise: Promise,
) -> None:
    pieces = explain(promise)
    assert pieces[0].start == promise.start
    assert all(a.end == b.start for a, b in itertools.pairwise(pieces))
    assert pieces[-1].end == promise.due()
    assert isinstance(pieces[-1], Counted)
    assert pieces[-1].total == timedelta(minutes=promise.minutes)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 9)), max_size=6))
def test_merged_pauses_cover_the_same_moments_in_order(spans: list[tuple[int, int]]) -> None:
    def minute(number: int) -> datetime:
        return BEGIN + timedelta(minutes=number)

    pauses = tuple(Pause(minute(start), minute(start + length)) for start, length in spans)
    joined = merged(pauses)
    for number in range(62):
        assert covers(pauses, minute(number)) == covers(joined, minute(number))
    for first, second in itertools.pairwise(joined):
        assert first.end is not None
        assert first.end < second.start
