from __future__ import annotations

import pytest

from tests.desk.small_desk import PLANS


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("standard", "standard"),
        (" Standard ", "standard"),
        ("developer", "standard"),
        ("FREE", "basic"),
        ("platinum", "basic"),
        ("", "basic"),
    ],
)
def test_a_plan_is_found_by_key_or_alias_and_else_it_is_the_default(written: str, key: str) -> None:
    assert PLANS.plan(written).key == key


def test_only_keys_and_aliases_are_known() -> None:
    assert PLANS.knows("Premium")
    assert PLANS.knows("free")
    assert not PLANS.knows("platinum")
    assert not PLANS.knows("")


def test_a_downgrade_loses_what_the_lower_plan_does_not_include() -> None:
    assert PLANS.lost_by_going_to("premium", "standard", "en") == ("nights", "fastest")
    assert PLANS.lost_by_going_to("standard", "premium", "en") == ()


def test_the_calendar_has_the_houses_hours_in_the_customers_time_zone() -> None:
    calendar = PLANS.calendar("Asia/Tokyo")
    assert (calendar.time_zone, calendar.opens, calendar.closes) == ("Asia/Tokyo", "09:00", "18:00")
    assert calendar.holidays == {"2026-12-25"}
