"""Short replies: what they do, in three languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.content.problems import ContentError
from bot.understanding.acts import Acts, load_acts

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def acts() -> Acts:
    return load_acts(ROOT / "intents" / "dialogue.yml")


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("Cancel!", "cancel"),
        ("cancell that", "cancel"),
        ("やっぱりやめます。", "cancel"),
        ("算了", "cancel"),
        ("yes please :pray:", "yes"),
        ("お願いします", "yes"),
        ("好的", "yes"),
        ("いいえ", "no"),
        ("不用", "no"),
        ("no, I meant ledger-us", "correct"),
        ("すみません、間違えました。prod-2です", "correct"),
        ("不对，是 prod-2", "correct"),
        ("Thank you so much!!", "thanks"),
        ("ありがとうございます！", "thanks"),
        ("never mind, cancel", "cancel"),
        ("算了，取消", "cancel"),
        ("キャンセルで。やっぱりいいです", "cancel"),
        ("no, cancel", ""),
        ("cancel, the cluster is down", ""),
        ("help", "help"),
        ("ヘルプ", "help"),
        ("please cancel the nightly backup of ledger-eu, it locks the tables", ""),
        ("yes we tried that yesterday and it did not help", ""),
        ("🎉", ""),
        ("", ""),
    ],
)
def test_a_short_reply_is_read_by_its_words(acts: Acts, text: str, act: str) -> None:
    assert acts.read(text) == act


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match=r"dialogue\.yml.*missing"):
        load_acts(tmp_path / "dialogue.yml")


def test_an_unknown_act_is_named(tmp_path: Path) -> None:
    file = tmp_path / "dialogue.yml"
    file.write_text("cancle:\n  en: [stop]\n", encoding="utf-8")
    with pytest.raises(ContentError, match="cancle"):
        load_acts(file)
