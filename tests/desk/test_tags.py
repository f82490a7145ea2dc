from __future__ import annotations

import pytest

from bot.desk.errors import NotAllowed
from bot.desk.tags import MOST_TAGS, read_tags


@pytest.mark.parametrize(
    ("written", "tags"),
    [
        ("", ()),
        (" , ", ()),
        ("billing", ("billing",)),
        ("#Billing, invoice billing", ("billing", "invoice")),
        ("ＴＬＳ、証明書，期限", ("tls", "証明書", "期限")),
        ("v7.5 read-only a_b", ("v7.5", "read-only", "a_b")),
    ],
)
def test_tags_are_words_however_they_are_separated(written: str, tags: tuple[str, ...]) -> None:
    assert read_tags(written) == tags


@pytest.mark.parametrize("written", ["<!channel>", "a/b", "-x", "x" * 31, "🏷", "ok, *"])
def test_what_is_no_tag_is_named(written: str) -> None:
    with pytest.raises(NotAllowed) as refused:
        read_tags(written)
    assert refused.value.reason == "not_now.bad_tag"
    assert refused.value.words["tag"]


def test_a_request_carries_only_so_many() -> None:
    with pytest.raises(NotAllowed, match="many_tags"):
        read_tags(" ".join(f"t{number}" for number in range(MOST_TAGS + 1)))
