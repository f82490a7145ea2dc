"""Conversations about imported documentation that changes while they last.

As `test_dialogues.py`, on a desk of its own: a sync changes what everybody is answered.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.sandbox.script import read_script, scripts_in
from bot.service.syncing import Syncing
from bot.service.upkeep import Upkeep
from tests.support.cast import DialoguePlayer
from tests.support.desk import ROOT, Desk

FOLDER = Path(__file__).parent / "dialogues" / "documents"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("documents")
    with Desk.in_folder(folder, pytestconfig, accounts=()) as desk:
        yield desk


@pytest.mark.parametrize("file", [pytest.param(f, id=f.stem) for f in scripts_in(FOLDER)])
def test_dialogue(desk: Desk, tmp_path: Path, file: Path) -> None:
    """`kb sync NAME` imports `trees/NAME` as another process would, beside the running bot."""

    def outside(line: str) -> None:
        tree = FOLDER / "trees" / line.removeprefix("kb sync ")
        desk.settle()
        knowledge = ROOT / "knowledge"
        Syncing(desk.bot.database, knowledge, tmp_path, desk.bot.house.clock).run(tree)
        desk.bot.house.answers.refresh()
        Upkeep(desk.bot.house).round()
        desk.settle()

    player = DialoguePlayer(desk.sandbox, tell=print, desk=desk, outside=outside)
    player.play(read_script(file))
