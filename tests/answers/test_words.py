"""Text as search terms, and typing errors."""

from __future__ import annotations

import pytest

from bot.answers.typos import Spelling
from bot.answers.words import language_of, terms_of


def test_script_tells_the_language() -> None:
    assert language_of("クラスタを消す") == "ja"
    assert language_of("删除集群") == "zh"
    assert language_of("delete it") == "en"


def test_characters_alone_follow_the_hint() -> None:
    assert language_of("料金", "ja") == "ja"
    assert language_of("料金", "en") == "zh"


def test_inflections_meet() -> None:
    assert terms_of("Restoring backups", "en") == terms_of("restored backup", "en")


def test_a_name_with_underscores_is_itself_and_its_parts() -> None:
    assert terms_of("tidb_gc_life_time", "en") == [
        "tidb_gc_life_time",
        "tidb",
        "gc",
        "life",
        "time",
    ]


def test_short_numbers_are_dropped_and_error_codes_kept() -> None:
    assert terms_of("error 1105 in 3 of 12", "en") == ["error", "1105", "in", "of"]


def test_a_version_is_found_without_its_patch_number() -> None:
    assert set(terms_of("8.5", "en")) <= set(terms_of("v8.5.4.", "en"))


def test_full_width_letters_are_ordinary_ones() -> None:
    assert "vpc" in terms_of("ＶＰＣの設定", "ja")


def test_japanese_is_character_pairs_and_chinese_single_characters_too() -> None:
    assert terms_of("再開する", "ja") == ["再開", "開す", "する"]
    assert terms_of("恢复吗", "zh") == ["恢复", "复吗", "恢", "复", "吗"]


def test_pairs_never_reach_across_a_gap() -> None:
    assert "止開" not in terms_of("停止、開始", "ja")


@pytest.fixture
def spelling() -> Spelling:
    pages_with = {"backup": 40, "restore": 30, "branch": 9, "cluster": 90, "import": 50, "rare": 1}
    return Spelling(pages_with, {"offboard"})


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("restroe my bakcup", "restore my backup"),
        ("a clustre", "a cluster"),
        ("Imoprt", "import"),
        ("xluster", "cluster"),
    ],
)
def test_a_slip_is_mended(spelling: Spelling, typed: str, meant: str) -> None:
    assert spelling.mended(typed) == meant


@pytest.mark.parametrize(
    "text",
    ["restores", "offboard", "db_clustre", "my-clustre.example.com", "xyzzyq", "brnc", "rarr"],
)
def test_what_may_be_right_is_left_alone(spelling: Spelling, text: str) -> None:
    assert spelling.mended(text) == text
