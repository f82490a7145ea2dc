"""The list of guards is true, and one taken away is noticed (all: `benchmarks/sabotage.py`)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from benchmarks.sabotage import ROOT, Guard, copy_to, guards, is_noticed

GUARDS = guards()


def test_there_are_enough_of_them() -> None:
    assert len({guard.guard for guard in GUARDS}) >= 12


@pytest.mark.parametrize("guard", GUARDS, ids=[guard.guard for guard in GUARDS])
def test_the_guard_stands_where_the_list_says_and_its_test_exists(guard: Guard) -> None:
    text = (ROOT / guard.file).read_text(encoding="utf-8")
    assert guard.taken_out_of(text) != text
    file, _, name = guard.test.partition("::")
    tests = (ROOT / file).read_text(encoding="utf-8")
    assert not name or re.search(rf"^def {re.escape(name)}\(", tests, re.MULTILINE)


def test_without_a_guard_its_test_fails(tmp_path: Path) -> None:
    copy_to(tmp_path)
    chosen = [guard for guard in GUARDS if "escaped" in guard.guard]
    assert len(chosen) == 1
    for guard in chosen:
        assert is_noticed(tmp_path, guard), guard.guard
