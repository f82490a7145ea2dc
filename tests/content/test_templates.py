"""Every template in every language gives messages that Slack takes, whatever people wrote."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.content.folder import Content
from bot.content.problems import ContentError
from bot.content.templates import FALLBACK_TEXT, Templates, fallback
from bot.desk.meaning import LANGUAGES, Language
from bot.sandbox.block_kit import check_message_blocks, check_view
from tests.content.samples import NOON, Samples, Values

PAGES = Path(__file__).parents[2] / "templates"
NAMES = sorted(
    f"{folder}/{file.stem}"
    for folder in ("messages", "modals", "home")
    for file in (PAGES / folder).glob("*.j2")
)


def test_there_is_a_sample_of_every_template(content: Content) -> None:
    assert sorted(Samples(content, "en", long=False).all()) == NAMES


def rendered(content: Content, name: str, language: Language, values: Values) -> Any:
    kind, _, file = name.partition("/")
    render = {
        "messages": content.templates.message,
        "modals": content.templates.modal,
        "home": content.templates.home,
    }[kind]
    return render(file, language, **values)


def findings(name: str, made: Any) -> list[str]:
    if name.startswith("messages/"):
        problems = check_message_blocks(made.blocks)
        if not made.text or len(made.text) > 4000:
            problems = [*problems, f"fallback of {len(made.text)} characters"]
        return problems
    surface = "modal" if name.startswith("modals/") else "home"
    return check_view(made, surface)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("long", [False, True], ids=["ordinary", "long and hostile"])
def test_slack_takes_what_a_template_makes(
    content: Content, name: str, language: Language, long: bool
) -> None:
    for values in Samples(content, language, long=long).all()[name]:
        assert findings(name, rendered(content, name, language, values)) == []


def _interpreted(block: Any) -> Iterator[str]:
    """The texts of blocks in which Slack looks for mentions and links."""
    if isinstance(block, list):
        for part in block:
            yield from _interpreted(part)
    elif isinstance(block, dict):
        if block.get("type") in ("mrkdwn", "markdown"):
            yield block["text"]
        for part in block.values():
            yield from _interpreted(part)


@pytest.mark.parametrize("name", NAMES)
def test_no_words_of_people_ring_anybody_or_become_a_link(content: Content, name: str) -> None:
    for values in Samples(content, "en", long=True).all()[name]:
        made = rendered(content, name, "en", values)
        blocks = made.blocks if name.startswith("messages/") else made["blocks"]
        texts = [*_interpreted(blocks)]
        if name.startswith("messages/"):
            texts.append(made.text)
        for text in texts:
            called = re.findall(r"<[!@#][^>]*>", text)
            assert set(called) <= {"<@UBOT>", "<#C1>", "<#C2>"}, text[:300]
            assert "<script>" not in text


@pytest.mark.parametrize("name", ["messages/card", "messages/customer_said", "messages/status"])
def test_a_template_language_in_peoples_words_is_only_words(content: Content, name: str) -> None:
    for values in Samples(content, "en", long=True).all()[name]:
        assert "{{ 7 * 7 }} {x}" in rendered(content, name, "en", values).text


@pytest.mark.parametrize("name", NAMES)
def test_a_cut_never_leaves_half_an_escape(content: Content, name: str) -> None:
    half = re.compile(r"&(?!amp;|lt;|gt;)")
    for values in Samples(content, "en", long=True).all()[name]:
        made = rendered(content, name, "en", values)
        blocks = made.blocks if name.startswith("messages/") else made["blocks"]
        for text in _interpreted(blocks):
            assert not half.search(text), text[-80:]


def test_what_is_plain_text_shows_names_as_they_are_written(content: Content) -> None:
    """Slack does not interpret plain text, so nothing in it is escaped."""
    for long_name in ("messages/board", "messages/card", "modals/reply"):
        for values in Samples(content, "en", long=True).all()[long_name]:
            made = rendered(content, long_name, "en", values)
            text = json.dumps(_plain(made), ensure_ascii=False)
            assert "&amp;" not in text, long_name


def _plain(made: Any) -> list[str]:
    parts = made.blocks if hasattr(made, "blocks") else [made]
    found = []
    while parts:
        part = parts.pop()
        if isinstance(part, dict):
            if part.get("type") == "plain_text":
                found.append(part["text"])
            parts = [*parts, *part.values()]
        elif isinstance(part, list):
            parts = [*parts, *part]
    return found


# --- how templates are written ------------------------------------------------------------------


def templates(folder: Path, content: Content, source: str) -> Templates:
    (folder / "messages").mkdir()
    (folder / "messages" / "one.j2").write_text(source, encoding="utf-8")
    return Templates(folder, content.words)


def test_blocks_need_no_commas_between_them(tmp_path: Path, content: Content) -> None:
    made = templates(tmp_path, content, "{{ section('a') }}\n{{ divider() }}{{ section('b') }}")
    message = made.message("one", "en")
    assert [block["type"] for block in message.blocks] == ["section", "divider", "section"]
    assert message.text == "a\nb"


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("{{ section('a') }} oops {{ divider() }}", r"one\.j2: text outside a block: 'oops"),
        ("{{ t('button.help') }}", r"one\.j2: text outside a block"),
    ],
)
def test_stray_text_names_the_file(
    tmp_path: Path, content: Content, source: str, complaint: str
) -> None:
    with pytest.raises(ContentError, match=complaint):
        templates(tmp_path, content, source).message("one", "en")


def test_a_mistake_in_a_template_names_file_and_line(tmp_path: Path, content: Content) -> None:
    made = templates(tmp_path, content, "{{ divider() }}\n{% if x %}\n{{ section('a' }}\n")
    with pytest.raises(ContentError, match=r"one\.j2:3: "):
        made.check()


def test_the_sentences_a_template_asks_for_exist_in_every_language(content: Content) -> None:
    with pytest.raises(KeyError, match=r"templates/words/ja\.yml has no 'no\.such'"):
        content.words.say("ja", "no.such")


@pytest.mark.parametrize(
    ("opened_hours_before", "shown"),
    [
        (2, {"en": "*21:00*", "ja": "*21:00*", "zh": "*21:00*"}),
        (
            22,
            {
                "en": "*Wed 18 Nov 21:00*",
                "ja": "*11月18日(水) 21:00*",
                "zh": "*11月18日 周三 21:00*",
            },
        ),
    ],
    ids=["today the time is enough", "another day is named"],
)
def test_times_are_told_in_the_readers_zone_and_language(
    content: Content, opened_hours_before: int, shown: dict[Language, str]
) -> None:
    values = Samples(content, "en", long=False).all()["messages/opened"][0]
    values["account"].time_zone, values["time_zone"] = "Europe/Berlin", "Asia/Tokyo"
    assert NOON.hour == 12
    opened = NOON - timedelta(hours=opened_hours_before)
    values["request"] = replace(values["request"], opened_at=opened)
    for language, time in shown.items():
        assert time in content.templates.message("opened", language, **values).text


def test_the_fallback_is_the_words_without_the_layout(content: Content) -> None:
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": "Head"}},
        {"type": "divider"},
        {"type": "section", "fields": [{"type": "mrkdwn", "text": "*State*\nnew"}]},
        {
            "type": "rich_text",
            "elements": [
                {"type": "rich_text_section", "elements": [{"type": "text", "text": "<!here>"}]},
                {"type": "rich_text_quote", "elements": [{"type": "text", "text": "said"}]},
            ],
        },
        {"type": "actions", "elements": []},
    ]
    assert fallback(blocks) == "Head\n*State* new\n&lt;!here&gt;\nsaid"
    huge = [{"type": "markdown", "text": "x" * 12_000}]
    assert len(fallback(huge)) == FALLBACK_TEXT
