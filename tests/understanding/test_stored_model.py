"""A learnt model is kept, and never trusted more than it deserves."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.desk.catalogue import Catalogue
from bot.understanding import stored_model
from bot.understanding.reader import Understanding


def learning(catalogue: Catalogue, cache: Path | None) -> tuple[Understanding, list[int]]:
    """The understanding, and how many examples it announced to learn, if any."""
    told: list[int] = []

    def announced(examples: int) -> Callable[[float], None]:
        told.append(examples)
        return lambda done: None

    return Understanding.from_catalogue(catalogue, cache, announced), told


def test_a_catalogue_is_learnt_once_and_then_loaded(small: Catalogue, tmp_path: Path) -> None:
    first, told = learning(small, tmp_path)
    assert told == [len(list(small.examples()))]
    second, told = learning(small, tmp_path)
    assert told == []
    for text in ("the invoice is wrong", "errors again", "standup at noon", "帮忙"):
        assert first.understand(text) == second.understand(text)


def test_without_a_folder_nothing_is_kept(small: Catalogue) -> None:
    understanding, told = learning(small, None)
    assert told
    assert understanding.understand("refund the charge").intent == "pay"


def test_edited_content_is_learnt_anew(small: Catalogue, tmp_path: Path) -> None:
    learning(small, tmp_path)
    edited = dataclasses.replace(small, background={"en": ("lunch at noon?",)})
    assert stored_model.key_of(edited) != stored_model.key_of(small)
    assert learning(edited, tmp_path)[1]


@pytest.mark.parametrize("damage", [b"", b"not a model", b"\x93NUMPY\x01 cut off"])
@pytest.mark.parametrize("part", ["values.json", "weights.npy"])
def test_a_damaged_file_is_learnt_anew_and_replaced(
    small: Catalogue, tmp_path: Path, part: str, damage: bytes
) -> None:
    learning(small, tmp_path)
    (file,) = tmp_path.glob(f"understanding-*/{part}")
    whole = file.read_bytes()
    file.write_bytes(damage or whole[: len(whole) // 2])
    understanding, told = learning(small, tmp_path)
    assert told
    assert understanding.understand("refund the charge").intent == "pay"
    assert learning(small, tmp_path)[1] == []


def test_a_folder_that_cannot_be_written_costs_only_time(small: Catalogue, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    assert learning(small, blocked)[1]


def test_no_half_written_file_is_left_behind(small: Catalogue, tmp_path: Path) -> None:
    learning(small, tmp_path)
    names = {place.name for place in tmp_path.iterdir()}
    assert names == {f"understanding-{stored_model.key_of(small)}", "word-vectors-1"}


def test_only_the_newest_models_stay(small: Catalogue, tmp_path: Path) -> None:
    for age in range(6):
        place = tmp_path / f"understanding-{age}"
        place.mkdir()
        (place / "values.json").write_bytes(b"old")
        os.utime(place, (1000 + age, 1000 + age))
    learning(small, tmp_path)
    names = {place.name for place in tmp_path.glob("understanding-*")}
    assert f"understanding-{stored_model.key_of(small)}" in names
    assert "understanding-0" not in names
    assert len(names) == 4


def test_a_catalogue_without_slots_background_or_other_languages_works(small: Catalogue) -> None:
    bare = Catalogue(small.intents)
    understanding, _ = learning(bare, None)
    meaning = understanding.understand("the cluster crashed with errors")
    assert meaning.intent == "fix"
    assert meaning.slots == {}
