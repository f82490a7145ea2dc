"""A file as a page with sections and the anchors of the published site."""

from __future__ import annotations

import time

import pytest

from bot.answers.front_matter import PageProblem
from bot.answers.pages import Page, parse_page

PAGE = """---
title: Scale a Cluster
summary: Grow and shrink.
---

# Scale a Cluster

Lead text.

## Add nodes

Text.

### On `AWS` (beta)

More.

## Add nodes

Again.

```shell
# not a heading
```

## Limits <span class="version-mark">New in v8.5.0</span>

| a | b |
"""


def page(text: str = PAGE, path: str = "x/scale.md") -> Page:
    return parse_page(path, text, "en")


def test_a_page_has_a_lead_and_a_section_for_each_heading() -> None:
    assert [section.heading for section in page().sections] == [
        "",
        "Add nodes",
        "On AWS (beta)",
        "Add nodes",
        "Limits New in v8.5.0",
    ]


def test_anchors_follow_the_published_site() -> None:
    assert [section.anchor for section in page().sections] == [
        None,
        "add-nodes",
        "on-aws-beta",
        "add-nodes-1",
        "limits-new-in-v850",
    ]


def test_a_hash_in_code_is_no_heading() -> None:
    assert "# not a heading" in page().sections[3].markdown


def test_a_section_knows_the_headings_above_it() -> None:
    assert page().sections[2].heading_path == ("Add nodes",)


def test_an_explicit_id_is_the_anchor() -> None:
    text = "---\ntitle: x\n---\n# 見出し {#top}\n\n## 追加 {#add}\n\n本文"
    japanese = parse_page("x.md", text, "ja")
    assert japanese.sections[1].anchor == "add"
    assert japanese.sections[1].heading == "追加"
    assert japanese.section("top") is japanese.sections[0]


def test_a_translated_heading_is_the_title_where_front_matter_stayed_english() -> None:
    text = "---\ntitle: Scale a Cluster\n---\n# クラスターの拡張 {#scale}\n"
    japanese = parse_page("x.md", text, "ja")
    assert (japanese.title, japanese.also_titled) == ("クラスターの拡張", "Scale a Cluster")


def test_a_page_without_front_matter_takes_its_heading_as_title() -> None:
    assert page("# Hello\n\ntext").title == "Hello"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("no heading at all", "has no title"),
        ("---\ntitle: x\n", "never closes"),
        ("---\ntitle: a: b: c\n---\n# x", "is not YAML"),
        ("---\n- a\n---\n# x", "not `name: value`"),
        ("# x\n\n<!-- seen by nobody\n\n## y\n", "opens `<!--` and never closes it"),
        ('# x\n\n<CustomContent platform="tidb">\n\n## y\n', "opens `<CustomContent>` and never"),
    ],
)
def test_a_broken_page_names_the_file_and_the_mend(text: str, words: str) -> None:
    with pytest.raises(PageProblem, match=words) as caught:
        page(text)
    assert caught.value.path == "x/scale.md"


def test_a_section_inside_plan_content_is_for_that_plan() -> None:
    content = '<CustomContent plan="premium">\n\n## Only there\n\ny\n\n</CustomContent>'
    text = f"# x\n\n{content}\n\n## All\n"
    assert [section.plans for section in page(text).sections] == [(), ("premium",), ()]


def test_the_hash_of_a_section_changes_with_its_text_only() -> None:
    before, after = page(), page(PAGE.replace("More.", "Much more."))
    same = [
        one.content_hash == other.content_hash
        for one, other in zip(before.sections, after.sections, strict=True)
    ]
    assert same == [True, True, False, True, True]


def test_search_text_has_no_markup() -> None:
    section = page("# x\n\n- **Bold** [link](/a.md#b) `code`\n\n| c | d |\n|---|---|\n").sections[0]
    assert section.plain.split() == ["Bold", "link", "code", "c", "d"]


def test_a_table_that_is_never_closed_ends_before_the_next_heading() -> None:
    text = "# x\n\n<table><tr><td>cell\n\n## Next\n\nWords.\n"
    lead, after = page(text).sections
    assert "cell" in lead.markdown
    assert (after.heading, after.markdown) == ("Next", "Words.")


@pytest.mark.parametrize("piece", ["![a", "[a", "<a ", "`a ", "<!", "{{{ .a ", "**a "])
def test_endless_beginnings_take_no_endless_time(piece: str) -> None:
    started = time.perf_counter()
    page(f"# x\n\n{piece * 60_000}<\n")
    assert time.perf_counter() - started < 5
