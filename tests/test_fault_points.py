"""The list of fault points is the code's, and they strike when and where they are told to."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import fault_points
from bot.desk.errors import SetupFault
from bot.fault_points import BESIDES, POINTS, Crash, arm, arm_as_told, crash, disarm, passing

CODE = Path(fault_points.__file__).parent


@pytest.fixture(autouse=True)
def unarmed() -> Iterator[None]:
    yield
    disarm()


def test_every_point_lies_on_the_way_and_every_place_is_listed() -> None:
    passed = [
        point
        for file in CODE.rglob("*.py")
        for point in re.findall(r'passing\("([\w.]+)"\)', file.read_text(encoding="utf-8"))
    ]
    assert set(passed) == {*POINTS, *BESIDES}
    assert len(POINTS) >= 14


def test_unarmed_a_point_does_nothing() -> None:
    passing("intake.saved")


def test_it_strikes_the_time_it_was_told_and_only_then() -> None:
    arm("intake.saved", crash, nth=2)
    passing("intake.saved")
    passing("intake.saving")
    with pytest.raises(Crash):
        passing("intake.saved")
    passing("intake.saved")


def test_a_frozen_thread_goes_on_later() -> None:
    arm_as_told("intake.saved:1:freeze=0.05")
    began = time.monotonic()
    passing("intake.saved")
    assert time.monotonic() - began >= 0.05


@pytest.mark.parametrize(
    "written", ["nowhere", "intake.saved:x", "intake.saved:1:explode", "intake.saved:1:freeze=long"]
)
def test_what_cannot_be_done_is_said(written: str) -> None:
    with pytest.raises(SetupFault, match="SUPPORTBOT_FAULT"):
        arm_as_told(written)
