"""Questions that share no word with their page find it by a signpost."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.answers.index import Index
from bot.answers.library import Library
from bot.answers.pages import parse_page
from bot.answers.question_words import load_question_words
from bot.answers.signposts import Signpost, load_signposts
from bot.answers.thesaurus import Thesaurus
from bot.content.problems import ContentError
from bot.desk.meaning import Language

KNOWLEDGE = Path(__file__).parents[2] / "knowledge"
PAGES = {
    "cloud/budget.md": "# Budgets\n\nA budget compares the costs with a limit.\n\n"
    "## Alerts {#alerts}\n\nAn alert is mailed at each threshold.\n",
    "cloud/nodes.md": "# Nodes\n\nNodes run the database.\n\n## Money {#money}\n\nBy the hour.\n",
}


def library_with(questions: dict[str, str], language: Language = "en") -> Library:
    signposts = [
        Signpost(place.partition("#")[0], place.partition("#")[2] or None, (question,))
        for question, place in questions.items()
    ]
    pages = [parse_page(path, text, "en") for path, text in PAGES.items()]
    question_words = load_question_words(KNOWLEDGE / "question_words.yml")
    return Library(Index.build(pages), Thesaurus(), question_words, signposts={language: signposts})


def first_place(library: Library, question: str) -> tuple[str, str | None]:
    source = library.sources_for(question)[0]
    return source.path, source.anchor


QUESTION = "warn me before we burn all the money"


def test_a_question_in_other_words_finds_its_page() -> None:
    assert first_place(library_with({}), QUESTION)[0] == "cloud/nodes.md"
    told = library_with({"tell me before we burn too much money": "cloud/budget.md"})
    assert first_place(told, QUESTION)[0] == "cloud/budget.md"


def test_a_signpost_may_name_the_section() -> None:
    told = library_with({"tell me before we burn too much money": "cloud/budget.md#alerts"})
    assert first_place(told, QUESTION) == ("cloud/budget.md", "alerts")


def test_a_signpost_to_a_page_that_is_not_there_does_no_harm() -> None:
    told = library_with({"tell me before we burn too much money": "cloud/gone.md#x"})
    assert first_place(told, QUESTION)[0] == "cloud/nodes.md"


def test_a_question_unlike_the_signpost_is_left_alone() -> None:
    told = library_with({"who may log in from a new office": "cloud/budget.md"})
    assert first_place(told, "how many nodes run the database")[0] == "cloud/nodes.md"


def test_a_signpost_in_japanese_leads_to_a_page_that_exists_only_in_english() -> None:
    told = library_with({"予算を超えそうなときに知らせてほしい": "cloud/budget.md"}, "ja")
    source = told.sources_for("予算を超えそうになったら知らせてほしいです")[0]
    assert (source.path, source.language) == ("cloud/budget.md", "en")


def test_signposts_stay_when_the_pages_change() -> None:
    told = library_with({"tell me before we burn too much money": "cloud/budget.md"})
    changed = told.with_pages([parse_page("cloud/new.md", "# New\n\nA new page.\n", "en")])
    assert first_place(changed, QUESTION)[0] == "cloud/budget.md"


def test_a_mistake_in_the_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "en.yml").write_text("cloud/budget.md:\n  - 12:30\n", encoding="utf-8")
    with pytest.raises(ContentError, match=r'en\.yml.*cloud/budget\.md\[0\].*write "12:30"'):
        load_signposts(tmp_path)
