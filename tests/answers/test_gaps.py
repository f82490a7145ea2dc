"""What the writers should write next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.answers.gaps import Asked, Gap, grouped
from bot.answers.library import Library
from bot.desk.meaning import Language

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


def gaps(library: Library, *questions: tuple[str, Language, str, str]) -> list[Gap]:
    asked = [
        Asked(question, language, band, vote, NOON + timedelta(minutes=number))
        for number, (question, language, band, vote) in enumerate(questions)
    ]
    return grouped(asked, library)


def test_similar_questions_are_one_gap_and_the_most_asked_comes_first(library: Library) -> None:
    found = gaps(
        library,
        ("Is there a discount for schools?", "en", "unknown", ""),
        ("How do I move a cluster to another region?", "en", "unknown", ""),
        ("moving our cluster to another region", "en", "unknown", ""),
        ("Can I move a cluster to another region?", "en", "suggest", ""),
    )
    assert [(gap.count, gap.kind) for gap in found] == [(3, "missing"), (1, "missing")]
    assert found[0].question == "Can I move a cluster to another region?"
    assert len(found[0].examples) == 3
    assert found[0].bands == {"unknown": 2, "suggest": 1}
    assert found[0].last == NOON + timedelta(minutes=3)


def test_the_same_words_are_one_example(library: Library) -> None:
    (gap,) = gaps(library, *[("Is there a discount  for Schools?", "en", "unknown", "")] * 4)
    assert gap.count == 4
    assert len(gap.examples) == 1


def test_questions_in_two_languages_about_one_page_are_one_gap(library: Library) -> None:
    (gap,) = gaps(
        library,
        ("How do I restore a deleted cluster?", "en", "answer", "no"),
        ("削除したクラスタを復元したい", "ja", "suggest", ""),
    )
    assert gap.languages == {"en": 1, "ja": 1}
    assert gap.kind == "wrong"
    assert gap.nearest_path == "tidb-cloud/backup-and-restore.md"


@pytest.mark.parametrize("words", ["hello!", "thanks", "ありがとうございます"])
def test_small_talk_is_nothing_to_write_about(library: Library, words: str) -> None:
    assert gaps(library, (words, "en", "unknown", "")) == []


def test_a_gap_as_json_has_plain_values(library: Library) -> None:
    (gap,) = gaps(library, ("Is there a discount for schools?", "en", "unknown", ""))
    shown = gap.to_json()
    assert shown["kind"] == "missing"
    assert shown["languages"] == {"en": 1}
    assert shown["last"] == "2026-11-18T12:00:00+00:00"
