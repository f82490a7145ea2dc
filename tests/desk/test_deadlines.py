from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.desk.deadlines import Calendar, counted, due

WEEKDAYS = (0, 1, 2, 3, 4)


def office(zone: str = "Europe/Berlin", *holidays: str) -> Calendar:
    return Calendar(zone, WEEKDAYS, "09:00", "18:00", frozenset(holidays))


def local(zone: str, written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("asked", "hours", "expected"),
    [
        ("2026-11-18 10:00", 4, "2026-11-18 14:00"),
        ("2026-11-18 07:15", 4, "2026-11-18 13:00"),
        ("2026-11-18 16:00", 4, "2026-11-19 11:00"),
        ("2026-11-18 18:00", 1, "2026-11-19 10:00"),
        ("2026-11-18 09:00", 9, "2026-11-18 18:00"),
        ("2026-11-20 17:30", 1, "2026-11-23 09:30"),
        ("2026-11-21 12:00", 2, "2026-11-23 11:00"),
        ("2026-11-18 12:00", 26, "2026-11-23 11:00"),
    ],
    ids=[
        "within the day",
        "before opening the clock waits",
        "the rest runs the next morning",
        "at closing time the day is over",
        "a whole day ends at closing time",
        "Friday evening runs into Monday",
        "nothing is counted on a Saturday",
        "three days with a weekend between",
    ],
)
def test_business_hours_are_counted_only_while_the_office_is_open(
    asked: str, hours: int, expected: str
) -> None:
    zone = "Europe/Berlin"
    assert due(local(zone, asked), hours * 60, office()) == local(zone, expected)


def test_a_holiday_is_no_working_day() -> None:
    friday_evening = local("Europe/Berlin", "2026-12-24 17:00")
    calendar = office("Europe/Berlin", "2026-12-25", "2026-12-28")
    assert due(friday_evening, 120, calendar) == local("Europe/Berlin", "2026-12-29 10:00")


def test_hours_are_those_of_the_customers_time_zone() -> None:
    sunday_evening_utc = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)  # Monday 08:30 in Tokyo
    assert due(sunday_evening_utc, 60, office("Asia/Tokyo")) == local(
        "Asia/Tokyo", "2026-11-23 10:00"
    )
    assert due(sunday_evening_utc, 60, office("America/New_York")) == local(
        "America/New_York", "2026-11-23 10:00"
    )


def test_the_due_time_is_aware_utc() -> None:
    for around_the_clock in (True, False):
        moment = due(
            local("Asia/Tokyo", "2026-11-18 10:00"),
            30,
            office("Asia/Tokyo"),
            around_the_clock=around_the_clock,
        )
        assert moment.utcoffset() == timedelta(0)


def test_around_the_clock_knows_no_nights_and_no_holidays() -> None:
    saturday_night = local("Asia/Tokyo", "2026-11-21 23:45")
    calendar = office("Asia/Tokyo", "2026-11-21", "2026-11-22")
    found = due(saturday_night, 30, calendar, around_the_clock=True)
    assert found == local("Asia/Tokyo", "2026-11-22 00:15")


@pytest.mark.parametrize(
    ("asked", "expected_utc"),
    [
        ("2026-03-27 17:00", datetime(2026, 3, 30, 8, 0, tzinfo=UTC)),
        ("2026-10-23 17:00", datetime(2026, 10, 26, 9, 0, tzinfo=UTC)),
    ],
    ids=["the clocks go forward", "the clocks go back"],
)
def test_opening_time_follows_the_clocks_over_a_summer_time_weekend(
    asked: str, expected_utc: datetime
) -> None:
    assert due(local("Europe/Berlin", asked), 120, office()) == expected_utc


@pytest.mark.parametrize(
    ("asked", "expected_utc"),
    [
        ("2026-03-29 01:00", datetime(2026, 3, 29, 2, 0, tzinfo=UTC)),
        ("2026-10-25 01:00", datetime(2026, 10, 25, 1, 0, tzinfo=UTC)),
    ],
    ids=["the hour that does not exist", "the hour that comes twice"],
)
def test_a_change_of_summer_time_neither_adds_nor_swallows_an_hour(
    asked: str, expected_utc: datetime
) -> None:
    sundays_too = Calendar("Europe/Berlin", tuple(range(7)), "00:30", "12:00", frozenset())
    assert due(local("Europe/Berlin", asked), 120, sundays_too) == expected_utc


def test_the_clock_can_explain_itself() -> None:
    asked = local("Europe/Berlin", "2026-11-20 16:30")
    pieces = counted(asked, 180, office())
    assert [(piece.start, piece.end) for piece in pieces] == [
        (asked, local("Europe/Berlin", "2026-11-20 18:00")),
        (
            local("Europe/Berlin", "2026-11-23 09:00"),
            local("Europe/Berlin", "2026-11-23 10:30"),
        ),
    ]


def test_a_calendar_without_a_working_day_is_an_error_and_no_endless_loop() -> None:
    never = Calendar("Asia/Tokyo", (), "09:00", "18:00", frozenset())
    with pytest.raises(ValueError, match="Asia/Tokyo has no working hours"):
        due(datetime(2026, 11, 18, tzinfo=UTC), 60, never)


@settings(deadline=None)  # the machine may be busy; the arithmetic is not what is timed
@given(
    start=st.integers(0, 6 * 365 * 24 * 60).map(
        lambda minute: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
    ),
    minutes=st.integers(1, 5000),
    zone=st.sampled_from(["UTC", "Asia/Kolkata", "America/St_Johns", "Australia/Lord_Howe"]),
)
def test_what_is_counted_adds_up_and_lies_in_working_hours(
    start: datetime, minutes: int, zone: str
) -> None:
    calendar = office(zone, "2026-01-01", "2027-01-01")
    pieces = counted(start, minutes, calendar)
    assert sum((piece.end - piece.start for piece in pieces), timedelta()) == timedelta(
        minutes=minutes
    )
    assert pieces[0].start >= start
    for piece in pieces:
        opens, closes = (moment.astimezone(ZoneInfo(zone)) for moment in (piece.start, piece.end))
        day: date = opens.date()
        assert day.weekday() in WEEKDAYS
        assert day.isoformat() not in calendar.holidays
        assert time(9) <= opens.time() <= closes.time() <= time(18)
        assert closes.date() == day
