"""Up or down, and to which plan."""

from __future__ import annotations

import pytest

from bot.understanding.ladder import Way, read_move
from tests.understanding.conftest import Scenes


def move(scenes: Scenes, text: str, plan: str | None = None) -> tuple[Way | None, str | None]:
    ladder = scenes.vocabulary.ladder
    assert ladder is not None
    read = read_move(scenes.of(text), ladder, plan)
    return read.way, read.target(read.way) if read.way else None


@pytest.mark.parametrize(
    ("text", "way", "target"),
    [
        ("upgrade us to Enterprise", "up", "enterprise"),
        ("pls upgarde us to Standard support", "up", "standard"),
        ("from Enterprise back to Standard", "down", "standard"),
        ("enterprise → standard, next quarter", "down", "standard"),
        ("downgrade Premium > Standard", "down", "standard"),
        ("drop us back to the free support plan", "down", "basic"),
        ("switch to the Developer plan", "up", "standard"),
        ("cancel our Enterprise support", "down", "basic"),
        ("undo the upgrade to Standard", "down", "basic"),
        ("get us off Enterprise, too pricey", "down", None),
        ("サポートをEnterpriseに上げたいです", "up", "enterprise"),
        ("エンタープライズからスタンダードへ変更", "down", "standard"),
        ("PremiumをやめてEnterpriseにします", "down", "enterprise"),
        ("サポートプランをベーシックに戻したい", "down", "basic"),
        ("月末でEnterpriseサポート解約で", "down", "basic"),
        ("想升到企业版支持", "up", "enterprise"),
        ("企业版支持太贵，换成标准版", "down", "standard"),
        ("支持计划降回basic", "down", "basic"),
        ("付费支持不续了", "down", "basic"),
    ],
)
def test_direction_and_target_are_read_from_the_small_words(
    scenes: Scenes, text: str, way: Way, target: str | None
) -> None:
    assert move(scenes, text) == (way, target)


def test_the_account_s_plan_decides_when_the_words_do_not(scenes: Scenes) -> None:
    assert move(scenes, "switch us to Standard", "enterprise") == ("down", "standard")
    assert move(scenes, "switch us to Standard", "basic") == ("up", "standard")


def test_a_plan_that_is_only_named_gives_no_direction(scenes: Scenes) -> None:
    assert move(scenes, "does Basic include weekends") == (None, None)


@pytest.mark.parametrize(
    "text",
    [
        "we do not want to upgrade",
        "アップグレードはしません",
        "我们不想升级",
    ],
)
def test_no_change_is_wanted(scenes: Scenes, text: str) -> None:
    ladder = scenes.vocabulary.ladder
    assert ladder is not None
    assert read_move(scenes.of(text), ladder, None).unwanted


def test_an_a_not_a_question_is_no_negation(scenes: Scenes) -> None:
    ladder = scenes.vocabulary.ladder
    assert ladder is not None
    assert not read_move(scenes.of("能不能升级到企业版"), ladder, None).unwanted


def test_versions_and_sizes_are_another_ladder(scenes: Scenes) -> None:
    ladder = scenes.vocabulary.ladder
    assert ladder is not None
    read = read_move(scenes.of("upgrade the cluster to v8.1"), ladder, None)
    assert read.elsewhere
    assert not read.spoken_of
