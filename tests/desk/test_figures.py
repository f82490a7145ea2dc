"""The figures of a week."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from bot.desk.figures import (
    Asked,
    Customer,
    OpenQuestion,
    Promises,
    Rated,
    Remark,
    figures_of,
    spread,
)
from bot.desk.requests import Request

SINCE = datetime(2026, 11, 16, tzinfo=UTC)
UNTIL = datetime(2026, 11, 19, 12, tzinfo=UTC)
REQUEST = Request(
    id=1,
    account_id=1,
    requester="U1",
    requester_name="Leo",
    channel="C1",
    thread_ts="1.0",
    intent="get_cluster_support",
    queue="support",
    severity="S2",
    state="new",
    summary="slow",
    language="en",
    opened_at=SINCE + timedelta(hours=1),
    updated_at=SINCE,
)
ASKED = Asked("how?", "en", "answer", "", SINCE, became_request=False)


def figures(requests: list[Request], asked: list[Asked] | None = None):  # type: ignore[no-untyped-def]
    return figures_of(
        requests, {1: Customer("Borealis", "premium")}, asked or [], {}, SINCE, UNTIL, "UTC"
    )


def test_requests_are_counted_by_what_they_are() -> None:
    found = figures(
        [REQUEST, replace(REQUEST, intent="request_poc", queue="sales"), replace(REQUEST, id=3)]
    )
    assert found.opened == found.still_open == 3
    assert found.by_intent == (("get_cluster_support", 2), ("request_poc", 1))
    assert found.by_queue == (("support", 2), ("sales", 1))
    assert found.by_account == (("Borealis", 3),)


def test_every_day_is_there_also_an_empty_one() -> None:
    found = figures([REQUEST, replace(REQUEST, opened_at=SINCE + timedelta(days=2))])
    assert found.by_day == (
        (date(2026, 11, 16), 1),
        (date(2026, 11, 17), 0),
        (date(2026, 11, 18), 1),
        (date(2026, 11, 19), 0),
    )


def test_promises_kept_missed_and_overdue() -> None:
    answered = SINCE + timedelta(hours=2)
    found = figures(
        [
            replace(REQUEST, promise="kept", responded_at=answered, state="waiting"),
            replace(REQUEST, promise="missed", responded_at=answered, state="resolved"),
            replace(REQUEST, respond_by=UNTIL - timedelta(minutes=1)),
            replace(REQUEST, respond_by=UNTIL + timedelta(minutes=1)),
        ]
    )
    assert (found.kept, found.missed, found.overdue) == (1, 1, 1)
    assert found.kept_share == 0.5
    assert found.first_response.count == 2
    assert found.first_response.median == timedelta(hours=1)


def test_nothing_happened() -> None:
    found = figures([])
    assert found.kept_share is None
    assert found.first_response.median is None
    assert found.by_intent == ()


def test_the_ninetieth_percentile_is_a_duration_that_occurred() -> None:
    minutes = [timedelta(minutes=number) for number in range(1, 11)]
    assert spread(minutes).median == timedelta(minutes=5)
    assert spread(minutes).ninetieth == timedelta(minutes=9)


def test_questions_and_what_became_of_them() -> None:
    found = figures(
        [],
        [
            ASKED,
            replace(ASKED, became_request=True, vote="yes"),
            replace(ASKED, band="unknown", question="is there\na dark mode?", at=UNTIL),
            replace(ASKED, band="answer", vote="no", question="why so slow"),
            replace(ASKED, band="suggest", question="which"),
        ],
    )
    assert (found.asked, found.answered_alone, found.suggested, found.unknown) == (5, 2, 1, 1)
    assert (found.helped, found.not_helped) == (1, 1)


def test_promises_are_told_by_plan_and_severity_by_queue_and_by_customer() -> None:
    found = figures(
        [
            replace(REQUEST, promise="kept", severity="S1"),
            replace(REQUEST, promise="kept", severity="S1"),
            replace(REQUEST, promise="missed", queue="billing"),
            replace(REQUEST, promise=""),
        ]
    )
    assert found.promises_by_plan == (
        Promises(("premium", "S2"), 0, 1),
        Promises(("premium", "S1"), 2, 0),
    )
    assert found.promises_by_queue == (Promises(("billing",), 0, 1), Promises(("support",), 2, 0))
    assert found.promises_by_account == (Promises(("Borealis",), 2, 1),)


def test_how_satisfied_customers_were_and_what_they_wrote() -> None:
    password = "pass" + "word: " + "hunter2hunter2"
    found = figures_of(
        [], {1: Customer("Borealis", "premium")}, [], {}, SINCE, UNTIL, "UTC",
        rated=[
            Rated(5, "", 1, "SUP-1001"),
            Rated(2, f"slow,\n  {password}", 1, "SUP-1002"),
            Rated(None, "", 1, "SUP-1003"),
            Rated(4, "fine", 2, "SUP-1004"),
        ],
    ).satisfaction  # fmt: skip
    assert (found.asked, found.answered, found.average) == (4, 3, 3.67)
    assert found.by_score == ((5, 1), (4, 1), (3, 0), (2, 1), (1, 0))
    lowest, other = found.remarks
    assert (lowest.score, lowest.account, lowest.number) == (2, "Borealis", "SUP-1002")
    assert lowest.words.startswith("slow, ")
    assert "hunter2" not in lowest.words
    assert other == Remark(4, "fine", "?", "SUP-1004")


def test_nobody_was_asked() -> None:
    found = figures([]).satisfaction
    assert (found.asked, found.answered, found.average, found.remarks) == (0, 0, None, ())


def test_of_many_open_questions_the_first_are_told() -> None:
    many = [OpenQuestion(f"how {number}?", 1) for number in range(30)]
    found = figures_of([], {}, [], {}, SINCE, UNTIL, "UTC", unanswered=many)
    assert found.unanswered == tuple(many[:20])
