"""People's words on the other side: nothing interpreted, nothing lost, their form kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.content.rich_text import as_sent, readable, rich_elements
from bot.sandbox.block_kit import check_message_blocks

NAMES = {"U1LEO": "Leo Strand"}


def flat(elements: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Items of a list as elements of their own."""
    for element in elements:
        if element["type"] == "rich_text_list":
            kind = f"{element['style']}{element['indent']}+{element.get('offset', 0)}"
            yield from ({**item, "type": kind} for item in element["elements"])
        else:
            yield element


def runs(text: str) -> list[tuple[str, str]]:
    """(kind of element, its words with style in front) of everything in a text."""
    found = []
    for element in flat(rich_elements(text, NAMES)):
        for part in element["elements"]:
            style = "".join(f"{name}:" for name in part.get("style", {}))
            words = part.get("text", "") + (f"→{part['url']}" if "url" in part else "")
            found.append((element["type"].removeprefix("rich_text_"), style + words))
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hello", [("section", "hello")]),
        ("a &lt; b &amp;amp; c", [("section", "a < b &amp; c")]),
        ("<!channel> now", [("section", "@channel"), ("section", " now")]),
        ("<!here|here>", [("section", "@here")]),
        ("<!subteam^S123|@oncall>", [("section", "@oncall")]),
        ("<!everyone>", [("section", "@everyone")]),
        ("hi <@U1LEO>", [("section", "hi "), ("section", "@Leo Strand")]),
        ("<@U0GONE|old>", [("section", "@somebody")]),
        ("<#C1ABC|general>", [("section", "#general")]),
        ("<#C1ABC>", [("section", "#channel")]),
        ("<https://x.io/a?b=1&amp;c=2>", [("section", "→https://x.io/a?b=1&c=2")]),
        ("<https://x.io|the page>", [("section", "the page→https://x.io")]),
        ("*bold* and ~gone~", [("section", "bold:bold"), ("section", " and "),
                               ("section", "strike:gone")]),
        ("an _italic_ snake_case_name", [("section", "an "), ("section", "italic:italic"),
                                         ("section", " snake_case_name")]),
        ("*<!channel>* _<@U1LEO>_", [("section", "bold:<!channel>"), ("section", " "),
                                     ("section", "italic:<@U1LEO>")]),
        ("<!subteam^S123> <!date^139^{date}|18 Feb>", [("section", "@group"), ("section", " "),
                                                       ("section", "18 Feb")]),
        ("so:\n• one\n• *two*\n    ◦ deep\nend", [
            ("section", "so:"), ("bullet0+0", "one"), ("bullet0+0", "bold:two"),
            ("bullet1+0", "deep"), ("section", "end")]),
        ("2. second\n3. third", [("ordered0+1", "second"), ("ordered0+1", "third")]),
        ("1.5 times\n2.0", [("section", "1.5 times\n2.0")]),
        ("2 * 3 * 4", [("section", "2 * 3 * 4")]),
        ("run `a &lt; b`", [("section", "run "), ("section", "code:a < b")]),
        ("`<!channel>`", [("section", "code:<!channel>")]),
        ("```\nSELECT 1;\n```", [("preformatted", "SELECT 1;")]),
        ("see ```x &gt; y``` ok", [("section", "see "), ("preformatted", "x > y"),
                                   ("section", " ok")]),
        ("&gt; quoted\nanswer", [("quote", "quoted"), ("section", "answer")]),
        ("", [("section", " ")]),
        ("\n\n", [("section", " ")]),
    ],
)  # fmt: skip
def test_words_keep_their_form_and_lose_their_power(
    text: str, expected: list[tuple[str, str]]
) -> None:
    assert runs(text) == expected


def _types(element: Any) -> set[str]:
    assert element["type"] != "rich_text_list"
    return {part["type"] for part in element["elements"]}


@settings(deadline=None)
@given(st.text(alphabet="<>!@#CU1|channelhere `*~_•◦. &;\n:/https", max_size=120))
def test_whatever_is_written_only_text_and_links_come_out(text: str) -> None:
    elements = rich_elements(text, NAMES, "Leo")
    assert {kind for element in flat(elements) for kind in _types(element)} <= {"text", "link"}
    assert check_message_blocks([{"type": "rich_text", "elements": elements}]) == []


@pytest.mark.parametrize("text", ["x" * 39_999, "障" * 10_000, "`" + "c" * 9000 + "`"])
def test_the_longest_message_loses_nothing(text: str) -> None:
    elements = rich_elements(text, NAMES)
    words = "".join(part["text"] for element in elements for part in element["elements"])
    assert words == text.strip("`")
    assert check_message_blocks([{"type": "rich_text", "elements": elements}]) == []


def test_an_address_too_long_for_a_link_becomes_words() -> None:
    url = "https://x.io/" + "a" * 5000
    elements = rich_elements(f"<{url}|the dump>", NAMES)
    assert "".join(part["text"] for part in elements[0]["elements"]) == f"the dump {url}"
    assert check_message_blocks([{"type": "rich_text", "elements": elements}]) == []


@pytest.mark.parametrize("text", ["hello", "```code```", "&gt; quote", ""])
def test_the_speaker_stands_first_and_is_bold(text: str) -> None:
    first = rich_elements(text, NAMES, "Leo")[0]
    assert first["type"] == "rich_text_section"
    assert first["elements"][0] == {"type": "text", "text": "Leo: ", "style": {"bold": True}}


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("<@U1LEO> see <https://x.io|this> &amp; <#C1|general>", "@Leo Strand see this & #general"),
        ("<mailto:a@x.io|a@x.io> or <mailto:b@x.io>", "a@x.io or b@x.io"),
        ("<@U0GONE> <!channel>", "@somebody @channel"),
        ("*bold* `code`", "*bold* `code`"),
    ],
)
def test_readable_words_name_people_and_pages(text: str, plain: str) -> None:
    assert readable(text, NAMES) == plain


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("a < b & c", "a &lt; b &amp; c"),
        ("see https://x.example/a?b=1&c=2.", "see <https://x.example/a?b=1&amp;c=2>."),
        ("（https://x.example/a）をご覧ください", "（<https://x.example/a>）をご覧ください"),
        ("<!channel> hi", "&lt;!channel&gt; hi"),
        ("<https://evil.example|bank>", "&lt;<https://evil.example|bank&gt>;"),
    ],
)
def test_words_of_a_form_are_like_those_of_a_message(typed: str, sent: str) -> None:
    assert as_sent(typed) == sent
