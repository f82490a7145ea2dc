"""Words on the page: Slack's mrkdwn, Markdown and rich text become HTML, and nothing else does."""

from __future__ import annotations

import pytest
from markupsafe import Markup, escape

from bot.sandbox.page_markdown import render_markdown
from bot.sandbox.page_mrkdwn import render_mrkdwn
from bot.sandbox.page_rich_text import render_rich_text


class Names:
    def person(self, person_id: str, label: str = "") -> Markup:
        return Markup("[{}]").format({"U1": "Hana"}.get(person_id, label or person_id))

    def channel(self, channel_id: str, label: str = "") -> Markup:
        return escape(f"#{label or channel_id}")


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*bold* _slanted_ ~gone~", "<b>bold</b> <i>slanted</i> <s>gone</s>"),
        ("*_both_*", "<b><i>both</i></b>"),
        ("2*3*4 and snake_case_name", "2*3*4 and snake_case_name"),
        ("*日本語*の文", "*日本語*の文"),
        ("`*code* &lt;b&gt;`", "<code>*code* &lt;b&gt;</code>"),
        ("```\na\n b\n```after", "<pre><code>a\n b</code></pre>after"),
        ("&gt; said\nanswer", "<blockquote>said</blockquote>answer"),
        ("one\ntwo", "one<br>two"),
        ("<@U1> and <@U9|Leo>", "[Hana] and [Leo]"),
        ("<#C1|desk>", "#desk"),
        ("<!here>", '<span class="mention call">@here</span>'),
        ("<!date^1790000000^{date}|in September>", "in September"),
        (":unheard_of: 12:30:45", ":unheard_of: 12:30:45"),
        ("&lt;script&gt; &amp; co", "&lt;script&gt; &amp; co"),
        ("<javascript:alert(1)|click>", "click"),
        ("<data:text/html,x|click>", "click"),
    ],
)
def test_mrkdwn_is_drawn_as_slack_draws_it(text: str, html: str) -> None:
    assert render_mrkdwn(text, Names()) == html


def test_a_link_shows_its_words_and_opens_elsewhere() -> None:
    drawn = render_mrkdwn("<https://pages.example/?a=1&amp;b=2|the &lt;page&gt;>", Names())
    assert drawn == (
        '<a href="https://pages.example/?a=1&amp;b=2" target="_blank" '
        'rel="noopener noreferrer">the &lt;page&gt;</a>'
    )


def test_common_emoji_are_drawn_and_named() -> None:
    assert render_mrkdwn(":ticket:", Names()) == (
        '<span class="emoji" role="img" aria-label="ticket">🎫</span>'
    )


def test_markdown_knows_headings_lists_tables_and_fences() -> None:
    drawn = render_markdown("## T\n\n1. a\n\n~~b~~\n\n```sql\n<x>\n```\n\n|h|\n|-:|\n|1|\n")
    for piece in (
        "<h2>T</h2>",
        "<li>a</li>",
        "<s>b</s>",
        "&lt;x&gt;",
        '<th class="right">h</th>',
        '<div class="table-frame"><table>',
    ):
        assert piece in drawn


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[click](javascript:alert(1))",
        "![x](data:image/svg+xml;base64,AAAA)",
        "<javascript:alert(1)>",
    ],
)
def test_markdown_lets_no_markup_and_no_running_address_through(hostile: str) -> None:
    drawn = render_markdown(hostile)
    assert "<script" not in drawn
    assert "<img" not in drawn
    assert 'href="javascript' not in drawn
    assert 'href="data' not in drawn


def test_rich_text_keeps_styles_lists_quotes_and_code() -> None:
    words = [{"type": "text", "text": "a<b", "style": {"bold": True}}]
    section = {"type": "rich_text_section", "elements": words}
    block = {
        "elements": [
            section,
            {"type": "rich_text_list", "style": "ordered", "offset": 2, "elements": [section]},
            {"type": "rich_text_quote", "elements": [{"type": "user", "user_id": "U1"}]},
            {"type": "rich_text_preformatted", "elements": words},
        ]
    }
    assert render_rich_text(block, Names()) == (
        "<p><b>a&lt;b</b></p>"
        '<ol class="indent-0" start="3"><li><b>a&lt;b</b></li></ol>'
        "<blockquote>[Hana]</blockquote>"
        "<pre><code>a&lt;b</code></pre>"
    )
