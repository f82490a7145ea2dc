from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.desk.conversation import Conversation
from bot.desk.decisions import AskField, RaiseSeverity, Say
from bot.desk.drafts import advance, answer_field, cancel
from bot.desk.forms import RAISE
from bot.desk.raising import begin, higher, wanted_severity
from bot.desk.requests import Request, Severity
from tests.desk.small_desk import PLANS, around

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
REQUEST = Request(
    id=1, account_id=1, requester="U1", requester_name="Leo", channel="C1", thread_ts="1.0",
    intent="get_cluster_support", queue="support", severity="S3", state="new", summary="slow",
    language="en", opened_at=NOON, updated_at=NOON,
)  # fmt: skip


@pytest.mark.parametrize(
    ("queue", "present", "above"),
    [
        ("support", "S4", ("S1", "S2", "S3")),
        ("support", "S2", ("S1",)),
        ("support", "S1", ()),
        ("billing", "S4", ("S2", "S3")),
        ("billing", "S2", ()),
    ],
)
def test_billing_has_no_s1_and_s1_nothing_above(
    queue: str, present: Severity, above: tuple[str, ...]
) -> None:
    request = replace(REQUEST, queue=queue, severity=present)
    assert higher(request, PLANS.highest(queue)) == above


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("please change the severity from S3 to S2", "S2"),
        ("this is sev 1 now", "S1"),
        ("重大度を S1 に上げてください", "S1"),
        ("严重程度改为 S4", "S4"),
        ("S1, no, S2", "S2"),
        ("please escalate", None),
        ("it is S3, I know", None),
        ("the files in bucket-s1 are fine", None),
    ],
)
def test_the_wanted_severity_is_the_last_other_one_that_is_named(
    text: str, wanted: str | None
) -> None:
    assert wanted_severity(text, REQUEST) == wanted


def test_severity_and_reason_are_asked_for_one_by_one() -> None:
    draft = begin(REQUEST, ("S1", "S2"), None, "please escalate", "C1:1")
    turn = advance(Conversation(), draft, around(), push=True)
    assert turn.decisions == (AskField(RAISE, "severity", "severity", ("S1", "S2")),)
    turn = answer_field(turn.conversation, "severity", "S2", around())
    assert turn.decisions == (AskField(RAISE, "reason", "long_text"),)
    turn = answer_field(turn.conversation, "reason", "payments fail", around())
    assert turn.decisions == (RaiseSeverity("SUP-1001", "S2", "payments fail"),)
    assert turn.conversation.drafts == ()


def test_a_named_severity_needs_only_the_reason_and_cancel_leaves_all_as_it_is() -> None:
    draft = begin(REQUEST, ("S1", "S2"), "S1", "make it S1", "C1:1")
    turn = advance(Conversation(), draft, around(), push=True)
    assert turn.decisions == (AskField(RAISE, "reason", "long_text"),)
    turn = cancel(turn.conversation, around())
    assert turn.decisions == (Say("draft.cancelled", {"intent": RAISE}),)
    assert turn.conversation.drafts == ()
