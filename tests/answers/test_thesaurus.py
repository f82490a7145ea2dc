"""Thesaurus and question words: what they do, and what their files must hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.answers.question_words import QuestionWords, load_question_words
from bot.answers.thesaurus import Entry, Thesaurus, load_thesaurus
from bot.content.problems import ContentError

KNOWLEDGE = Path(__file__).parents[2] / "knowledge"


def means(thesaurus: Thesaurus, question: str, language: str = "en") -> set[str]:
    found = thesaurus.expansions(question, language)  # type: ignore[arg-type]
    return {term for one in found for term in one.mean}


def test_a_phrase_is_found_with_words_between_and_inflected() -> None:
    thesaurus = Thesaurus({"en": [Entry(("turn off",), ("pause",))]})
    assert means(thesaurus, "turning the cluster off")
    assert not means(thesaurus, "off we turn")
    assert not means(thesaurus, "turn it on again and then it goes off")


def test_a_japanese_piece_is_found_anywhere_and_brings_english_along() -> None:
    thesaurus = Thesaurus({"ja": [Entry(("引っ越し",), ("移行",), ("migrate",))]})
    (found,) = thesaurus.expansions("DBの引っ越しをしたい", "ja")
    assert found.mean == ("移行",)
    assert found.english == ("migrat",)


def test_spaces_between_scripts_do_not_matter() -> None:
    thesaurus = Thesaurus({"zh": [Entry(("建 sql 用户",), ("账号",))]})
    assert means(thesaurus, "怎么建SQL用户", "zh")


@pytest.mark.parametrize(
    ("text", "place", "mend"),
    [
        ("en:\n  - say: [a]\n", "en[0].mean", "is missing"),
        ("en:\n  - say: [a]\n    mean: [b]\n    meen: [c]\n", "en[0].meen", "unknown key"),
        ("en:\n  - say: [a]\n    mean: [no]\n", "en[0].mean[0]", 'write "no"'),
        ("en:\n  - say: [12:30]\n    mean: [b]\n", "en[0].say[0]", 'write "12:30"'),
        ("fr:\n  - say: [a]\n    mean: [b]\n", "fr", "unknown key"),
        ("en:\n  - say: [a]\n    mean: [b]\n    english: [c]\n", "en[0].english", "Japanese"),
        ("en: a\n", "en", "write a list of entries"),
    ],
)
def test_a_mistake_names_its_field_and_the_mend(
    tmp_path: Path, text: str, place: str, mend: str
) -> None:
    file = tmp_path / "thesaurus.yml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        load_thesaurus(file)
    assert any(one.field == place and mend in one.mend for one in caught.value.problems)


def test_question_words_need_both_lists(tmp_path: Path) -> None:
    file = tmp_path / "question_words.yml"
    file.write_text("en:\n  cut: [how]\n", encoding="utf-8")
    with pytest.raises(ContentError, match=r"en\.small_talk: is missing"):
        load_question_words(file)


def test_asking_words_are_cut() -> None:
    words = QuestionWords({"en": ["how", "do", "i"], "ja": ["したい", "を"]})
    assert words.core("How do I scale?", "en").split() == ["scale?"]
    assert words.core("削除をしたい", "ja").split() == ["削除"]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("thanks a lot!", "en"),
        ("good morning everyone 😀", "en"),
        ("ありがとうございます！", "ja"),
        ("お疲れ様です。よろしくお願いします", "ja"),
        ("大家早上好", "zh"),
        ("收到，谢谢！", "zh"),
        ("?", "en"),
    ],
)
def test_small_talk_is_known_from_the_shipped_file(text: str, language: str) -> None:
    shipped = load_question_words(KNOWLEDGE / "question_words.yml")
    assert shipped.is_small_talk(text, language)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("thanks, how do I pause a cluster", "en"),
        ("ありがとう。削除は？", "ja"),
        ("谢谢，怎么删除", "zh"),
    ],
)
def test_a_question_behind_a_greeting_is_still_a_question(text: str, language: str) -> None:
    shipped = load_question_words(KNOWLEDGE / "question_words.yml")
    assert not shipped.is_small_talk(text, language)  # type: ignore[arg-type]


def test_the_shipped_thesaurus_is_right() -> None:
    assert means(load_thesaurus(KNOWLEDGE / "thesaurus.yml"), "where is my receipt")
