"""The index: building, changing a page, saving and opening."""

from __future__ import annotations

import numpy as np
import pytest

from bot.answers.index import Index
from bot.answers.packing import UnreadableIndex
from bot.answers.pages import Page, parse_page
from bot.answers.search import section_scores
from bot.desk.meaning import Language


def page(path: str, title: str, *sections: str, language: Language = "en", lead: str = "") -> Page:
    body = "\n\n".join(f"## {one} {{#s{n}}}\n\nText about {one}." for n, one in enumerate(sections))
    text = f"---\ntitle: {title}\n---\n\n# {title}\n\n{lead}\n\n{body}\n"
    return parse_page(path, text, language)


PAGES = [
    page("a.md", "Backups", "Restore", "Schedule"),
    page(
        "b.md", "Branches", "Create", "See", lead=f"See [point in time](/a.md#s0){' or so' * 40}."
    ),
    page("a.md", "备份", "恢复", "计划", language="zh"),
    page("b.md", "分支", "创建", "查看", language="zh"),
]


def best(index: Index, *terms: str, language: Language = "en") -> tuple[str, str | None]:
    shelf = index.shelves[language]
    scores = section_scores(shelf, dict.fromkeys(terms, 1.0))
    number = int(np.argmax(scores))
    assert scores[number] > 0
    return shelf.page_at(number).path, shelf.place(number).anchor


def everything(index: Index) -> dict[str, list[float]]:
    terms = {"backup": 1.0, "branch": 1.0, "restor": 1.0, "time": 1.0, "备份": 1.0, "creat": 1.0}
    found: dict[str, list[float]] = {}
    for language, shelf in index.shelves.items():
        scores = section_scores(shelf, terms)
        for number, score in enumerate(scores.tolist()):
            place = shelf.place(number)
            key = f"{language} {shelf.page_at(number).path} {place.anchor} {place.title}"
            found[key] = [round(score, 4)]
    return found


def test_a_section_is_found_by_what_other_pages_call_it() -> None:
    assert best(Index.build(PAGES), "point") == ("a.md", "s0")


def test_a_changed_index_is_the_same_as_one_built_anew() -> None:
    index = Index.build([*PAGES[:3], page("c.md", "Old"), page("b.md", "分支旧", language="zh")])
    changed = index.replaced([PAGES[3], page("d.md", "New")], [("en", "c.md")])
    anew = Index.build([*PAGES, page("d.md", "New")])
    assert everything(changed) == everything(anew)


def test_changing_a_page_leaves_the_old_index_as_it_was() -> None:
    index = Index.build(PAGES)
    before = everything(index)
    index.replaced([page("a.md", "Something else")], [("zh", "b.md")])
    assert everything(index) == before


def test_a_removed_page_is_never_found() -> None:
    index = Index.build(PAGES).replaced([], [("en", "a.md")])
    assert ("en", "a.md") not in index.page_hashes()
    assert not section_scores(index.shelves["en"], {"restor": 1.0}).any()


def test_saved_and_opened_it_answers_the_same() -> None:
    index = Index.build(PAGES)
    opened = Index.from_bytes(index.to_bytes())
    assert everything(opened) == everything(index)
    assert opened.shelves["en"].section(1).markdown == index.shelves["en"].section(1).markdown
    assert everything(opened.replaced([PAGES[0]])) == everything(index)


def test_an_empty_index_can_be_saved_and_opened() -> None:
    assert len(Index.from_bytes(Index.build([]).to_bytes())) == 0


@pytest.mark.parametrize("damage", [b"", b"junk" * 40, None])
def test_a_damaged_file_is_refused_with_the_mend(damage: bytes | None) -> None:
    block = Index.build(PAGES).to_bytes()
    with pytest.raises(UnreadableIndex, match="build it anew"):
        Index.from_bytes(block[: len(block) // 2] if damage is None else damage)


def test_english_anchors_lead_to_the_section_in_the_same_place() -> None:
    text = "---\ntitle: x\n---\n# 备份\n\n## 恢复\n\na\n\n## 计划\n\nb\n"
    index = Index.build([PAGES[0], parse_page("a.md", text, "zh")])
    number = index.find_section("a.md", "s1", "zh")
    assert number is not None
    assert index.shelves["zh"].place(number).heading == "计划"
