from __future__ import annotations

from datetime import UTC, date, datetime
from typing import get_args

import pytest

from bot.desk.errors import NotAllowed
from bot.desk.processes import (
    Process,
    Stage,
    Step,
    end_of,
    offered_end,
    process_of,
    read_day,
    reopened,
    stage_after,
)

TABLE = """
           approve   decline   finish
submitted  approved  declined  -
approved   -         -         done
declined   -         -         -
done       -         -         -
"""
HEAD, *ROWS = [line.split() for line in TABLE.strip().splitlines()]
CELLS = [
    (row[0], step, following) for row in ROWS for step, following in zip(HEAD, row[1:], strict=True)
]
POC = Process("poc", "request_poc", {"kind": ("poc",)}, ("kind",), runs_days=14)
UPGRADE = Process("up", "upgrade_plan", same_by=("target",))


@pytest.mark.parametrize(("stage", "step", "following"), CELLS)
def test_a_process_is_this_table(stage: Stage, step: Step, following: str) -> None:
    if following == "-":
        with pytest.raises(NotAllowed, match=f"not_now.{step}"):
            stage_after(stage, step)
    else:
        assert stage_after(stage, step) == following


def test_the_table_has_a_cell_for_every_stage_and_step() -> None:
    assert {cell[:2] for cell in CELLS} == {
        (stage, step) for stage in get_args(Stage) for step in get_args(Step)
    }


def test_what_is_opened_again_stands_before_the_step_that_ended_it() -> None:
    assert {stage: reopened(stage) for stage in get_args(Stage)} == {
        "submitted": "submitted", "approved": "approved", "declined": "submitted",
        "done": "approved",
    }  # fmt: skip


def test_a_request_belongs_to_the_process_of_its_intent_and_fields() -> None:
    assert process_of((POC, UPGRADE), "request_poc", {"kind": "poc"}) is POC
    assert process_of((POC, UPGRADE), "request_poc", {"kind": "demo"}) is None
    assert process_of((POC, UPGRADE), "upgrade_plan", {}) is UPGRADE
    assert process_of((POC, UPGRADE), "get_cluster_support", {"kind": "poc"}) is None


def test_the_same_matter_is_the_same_target_and_not_merely_the_same_kind() -> None:
    assert UPGRADE.same_matter({"target": "premium", "contact": "x"}, {"target": "premium"})
    assert not UPGRADE.same_matter({"target": "premium"}, {"target": "enterprise"})


def test_it_ends_with_the_customers_working_day() -> None:
    late = datetime(2026, 11, 18, 20, tzinfo=UTC)
    assert offered_end(POC, late, "Asia/Tokyo") == date(2026, 12, 3)
    assert offered_end(POC, late, "Europe/Stockholm") == date(2026, 12, 2)
    assert offered_end(UPGRADE, late, "UTC") is None
    ends = end_of(date(2026, 12, 3), "18:00", "Asia/Tokyo")
    assert ends.astimezone(UTC) == datetime(2026, 12, 3, 9, tzinfo=UTC)


def test_a_day_is_a_date_or_nothing() -> None:
    assert read_day("2026-12-24") == date(2026, 12, 24)
    assert read_day(" ") is None
    for wrong in ("2026-13-01", "24.12.2026", "tomorrow"):
        with pytest.raises(NotAllowed, match=r"not_now\.no_date"):
            read_day(wrong)
