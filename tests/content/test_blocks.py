from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.content import blocks
from bot.content.blocks import Mrkdwn, cut, escape, unescape

TRICKY = st.text(alphabet="ab &<>;amplgt障\n", max_size=60)


def test_nothing_that_people_write_is_interpreted_after_escaping() -> None:
    assert escape("<!channel> & <https://x|y>") == ("&lt;!channel&gt; &amp; &lt;https://x|y&gt;")


def test_what_is_safe_already_is_not_escaped_twice() -> None:
    assert escape(escape("a < b")) == "a &lt; b"
    assert escape(Mrkdwn("*bold* <@U1>")) == "*bold* <@U1>"


@settings(deadline=None)
@given(TRICKY)
def test_escaping_can_be_undone(text: str) -> None:
    assert unescape(escape(text)) == text


@settings(deadline=None)
@given(TRICKY, st.integers(1, 40))
def test_a_cut_keeps_the_limit_and_never_splits_an_escape(text: str, limit: int) -> None:
    whole = escape(text)
    shortened = cut(whole, limit)
    assert len(shortened) <= limit
    if shortened != whole:
        assert shortened.endswith("…")
        assert escape(unescape(shortened)) == shortened


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("short", 10, "short"),
        ("exactly 10", 10, "exactly 10"),
        ("eleven char", 10, "eleven ch…"),
        ("a &lt; b", 4, "a…"),
        ("a &lt; b", 6, "a…"),
        ("a &lt; b", 7, "a &lt;…"),
        ("障害発生中です", 4, "障害発…"),
    ],
)
def test_where_a_cut_falls(text: str, limit: int, expected: str) -> None:
    assert cut(text, limit) == expected


def test_plain_text_shows_characters_and_not_their_escapes() -> None:
    assert blocks.header(escape("Söhne & <Co>"))["text"]["text"] == "Söhne & <Co>"
    assert blocks.header("AT&amp;T as typed")["text"]["text"] == "AT&amp;T as typed"


def test_facts_leave_out_what_is_empty_and_stop_at_ten() -> None:
    cells = blocks.facts([("State", "new"), ("Owner", "")])["fields"]
    assert [cell["text"] for cell in cells] == ["*State*\nnew"]
    assert len(blocks.facts([("a", "b")] * 12)["fields"]) == 10


def test_only_a_known_option_is_preselected() -> None:
    options = [blocks.option("One", "1"), blocks.option("Two", "2")]
    assert blocks.select("s", options, "2")["initial_option"]["value"] == "2"
    assert "initial_option" not in blocks.select("s", options, "3")


def test_a_button_carries_only_what_it_was_given() -> None:
    assert blocks.button("Go", "do.go") == {
        "type": "button",
        "text": {"type": "plain_text", "text": "Go", "emoji": True},
        "action_id": "do.go",
    }
    full = blocks.button("Go", "link", "v", "danger", "https://example.com")
    assert (full["value"], full["style"], full["url"]) == ("v", "danger", "https://example.com")


def test_a_modal_remembers_what_it_was_opened_with() -> None:
    made = blocks.modal("A title that is far too long for it", "Send", "Close", "x", {"a": "障害"})
    assert json.loads(made["private_metadata"]) == {"a": "障害"}
    assert made["title"]["text"] == "A title that is far too…"
