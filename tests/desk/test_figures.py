"""The figures of a week."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from bot.desk.figures import Asked, figures_of, spread
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
    return figures_of(requests, {1: "Borealis"}, asked or [], {}, SINCE, UNTIL, "UTC")


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
    assert found.unanswered == ("is there a dark mode?", "why so slow")
