"""What is suggested as a phrase tells nobody's story."""

from __future__ import annotations

import pytest

from bot.desk.phrases import suggested_phrase


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("<@U123> our cluster ledger-eu is slow since 09:40", "our cluster prod-1 is slow since"),
        ("Hi team, how is SUP-1042?", "how is ?"),
        ("お世話になっております。請求書を再送してください", "請求書を再送してください"),
        ("您好，想升级到企业版", "想升级到企业版"),
        ("see <https://example.com/x|the page> :wave:", "see the page"),
        ("mail leo@example.com or [redacted: password]", "mail or"),
    ],
)
def test_who_when_and_which_are_left_out(text: str, phrase: str) -> None:
    assert suggested_phrase(text, ["ledger-eu"]) == phrase


def test_of_a_long_story_the_wish_at_the_end_stays() -> None:
    story = "We run a shop in four countries and moved last year. " * 6
    assert suggested_phrase(story + "Can somebody show us around?").endswith(
        "Can somebody show us around?"
    )
    assert len(suggested_phrase(story + "Can somebody show us around?")) <= 160
