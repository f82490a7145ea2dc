from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.content.folder import Content
from bot.content.problems import ContentError
from bot.content.saved_replies import LONGEST, PLACES, first_name, load_saved_replies
from bot.desk.meaning import LANGUAGES

GOOD = """
title: {en: Thanks, ja: お礼}
text:
  en: >-
    Thank you, {{ customer }}: {{ number }} of {{ account }}.
    {% if cluster %}({{ cluster }}){% endif %}
  ja: "{{ name }} 様、ありがとうございます。"
"""


def saved(folder: Path, text: str) -> Path:
    (folder / "thanks.yml").write_text(text, encoding="utf-8")
    return folder


def test_a_saved_reply_is_filled_in_for_one_request(tmp_path: Path) -> None:
    [reply] = load_saved_replies(saved(tmp_path, GOOD))
    assert reply.key == "thanks"
    assert reply.fill("en", PLACES) == "Thank you, Ada: SUP-1001 of Analytical Engines. (prod-1)"
    assert reply.fill("en", {**PLACES, "cluster": ""}).endswith("Engines.")


def test_where_a_language_is_not_written_english_is_taken(tmp_path: Path) -> None:
    [reply] = load_saved_replies(saved(tmp_path, GOOD))
    assert reply.fill("ja", PLACES) == "Ada Byron 様、ありがとうございます。"
    assert reply.fill("zh", PLACES).startswith("Thank you")
    assert (reply.title("ja"), reply.title("zh")) == ("お礼", "Thanks")


@pytest.mark.parametrize("hostile", ["{{ 7 * 7 }}", "{% raw %}", "<!channel>", "{{ owner }}"])
def test_a_name_is_only_a_name(tmp_path: Path, hostile: str) -> None:
    [reply] = load_saved_replies(saved(tmp_path, GOOD))
    assert f"Thank you, {hostile}:" in reply.fill("en", {**PLACES, "customer": hostile})


def test_a_folder_without_files_or_none_at_all_is_no_mistake(tmp_path: Path) -> None:
    assert load_saved_replies(tmp_path) == ()
    assert load_saved_replies(tmp_path / "saved") == ()


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("title: {en: x}", r"thanks\.yml: text: is missing"),
        ("title: {en: x}\ntext: {ja: x}", r"text\.en: is missing"),
        ("title: {en: x, fr: y}\ntext: {en: x}", r"title\.fr: unknown key"),
        ("title: {en: x}\ntext: {en: x}\nqueue: y", r"queue: unknown key"),
        ("title: {en: x}\ntext: {en: '{{ customr }}'}", r"text\.en: knows no 'customr'; the pl"),
        ("title: {en: x}\ntext: {en: '{% if %}'}", r"text\.en: line 1:"),
        ("title: {en: x}\ntext: {en: '{{ 1 / 0 }}'}", r"text\.en: cannot be filled in: division"),
        ("title: {en: x}\ntext: {en: '{{ name.__class__.mro() }}'}", r"text\.en: cannot be fill"),
        ("title: {en: x}\ntext: {en: '{{ name * 900 }}'}", rf"text\.en: is longer than {LONGEST}"),
        ("title: {en: 12}\ntext: {en: x}", r"title\.en: YAML reads 12 as int"),
        ("- x", r"write `key: value` lines"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, where: str) -> None:
    with pytest.raises(ContentError) as error:
        load_saved_replies(saved(tmp_path, text))
    assert re.search(where, str(error.value)), str(error.value)


def test_the_saved_replies_of_this_project_are_in_every_language(content: Content) -> None:
    assert content.saved_replies
    for reply in content.saved_replies:
        assert set(reply.texts) == set(reply.titles) == set(LANGUAGES)


@pytest.mark.parametrize(
    ("name", "first"), [("Leo Strand", "Leo"), ("林晓", "林晓"), ("", ""), ("  Jo  Li ", "Jo")]
)
def test_first_names(name: str, first: str) -> None:
    assert first_name(name) == first
