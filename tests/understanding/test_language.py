from __future__ import annotations

import pytest

from bot.desk.meaning import Language
from bot.understanding.language import language_of
from bot.understanding.normalise import plain
from bot.understanding.tokens import tokenise


def language(text: str, hint: Language | None = None) -> Language:
    read = plain(text)
    return language_of(read, tokenise(read.folded), hint)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("can you look at our cluster", "en"),
        ("please add 田中さん to the project, thanks", "en"),
        ("Can you tell 李伟 that the cluster is back?", "en"),
        ("クラスターが落ちました", "ja"),
        ("TiDB Cloud Serverless Data Migration の使い方", "ja"),
        ("SUP-1042 どうなった？", "ja"),
        ("至急確認希望", "ja"),
        ("本番環境停止", "ja"),
        ("sumimasen tasukete kudasai cluster ugokimasen", "ja"),
        ("集群连不上了", "zh"),
        ("請問怎麼升級到企業版", "zh"),
        ("Standard 支持先来一年", "zh"),
        ("今晚の聚餐谁去", "zh"),
        ("TiDB Dedicated VPC peering", "en"),
        ("", "en"),
    ],
)
def test_language_is_told_by_script_and_small_words(text: str, expected: Language) -> None:
    assert language(text) == expected


def test_the_hint_decides_only_what_the_text_leaves_open() -> None:
    assert language("東京", "ja") == "ja"
    assert language("東京", "zh") == "zh"
    assert language("東京") == "zh"
    assert language("クラスターが落ちました", "zh") == "ja"
    assert language("👍", "ja") == "ja"


def test_code_does_not_make_a_message_english() -> None:
    assert language("```SELECT a FROM b WHERE the = is```\nこれが遅いです") == "ja"
