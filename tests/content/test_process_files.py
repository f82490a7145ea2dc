from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.content.folder import Content
from bot.content.problems import ContentError
from bot.content.processes import load_processes
from bot.desk.forms import Field, Form
from bot.desk.processes import process_of

SIZES = ("small", "large")
FORM = Form("plan", (Field("target", "choice", required=True, ask=True, options=SIZES),))
FORMS = {"change": FORM, "chat": None}
GOOD = "intent: change\nwhen: {target: [large]}\nsame_by: [target]\nruns_days: 14\nwarn_days: 3\n"


def read(folder: Path, text: str) -> None:
    (folder / "big.yml").write_text(text, encoding="utf-8")
    load_processes(folder, FORMS)


def test_a_process_is_read(tmp_path: Path) -> None:
    read(tmp_path, GOOD + "sets_plan: true\n")
    [process] = load_processes(tmp_path, FORMS)
    assert (process.key, process.intent, process.same_by) == ("big", "change", ("target",))
    assert (process.runs_days, process.warn_days, process.sets_plan) == (14, 3, True)
    assert process.holds("change", {"target": "large"})
    assert not process.holds("change", {"target": "small"})


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("same_by: [target]", r"big\.yml: intent: is missing"),
        ("intent: nothing", r"intent: there is no intents/nothing\.yml"),
        ("intent: change\nwhen: {size: [x]}", r"when\.size: is no field of its form"),
        ("intent: change\nwhen: {target: [huge]}", r"when\.target: 'huge': the options are small"),
        ("intent: change\nsame_by: [size]", r"same_by: 'size' is no field"),
        ("intent: change\nruns_days: soon", r"runs_days: write a whole number from 1 to 1000"),
        ("intent: change\nruns_days: 0", r"runs_days: write a whole number"),
        ("intent: change\nwarn_days: 3", r"warn_days: must be fewer than runs_days"),
        ("intent: change\nruns_days: 3\nwarn_days: 3", r"warn_days: must be fewer"),
        ("intent: chat\nsets_plan: true", r"sets_plan: needs a form with the field `target`"),
        ("intent: change\nends: 3", r"ends: unknown key"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, where: str) -> None:
    with pytest.raises(ContentError) as error:
        read(tmp_path, text)
    assert re.search(where, str(error.value)), str(error.value)


def test_poc_credits_and_plan_changes_of_this_project_are_processes(content: Content) -> None:
    poc = process_of(content.processes, "request_poc", {"kind": "poc"})
    assert poc is not None
    assert (poc.runs_days, poc.warn_days) == (14, 3)
    credits_ = process_of(content.processes, "request_poc", {"kind": "credits"})
    assert credits_ is not None
    assert credits_.runs_days
    for intent in ("upgrade_plan", "downgrade_plan"):
        change = process_of(content.processes, intent, {"target": "basic"})
        assert change is not None
        assert change.sets_plan
