from __future__ import annotations

import pytest

from bot.understanding.asides import without_asides
from bot.understanding.clauses import clauses
from bot.understanding.normalise import plain
from bot.understanding.tokens import tokenise


def left(text: str) -> str:
    read = plain(text)
    kept = without_asides(read.folded, tokenise(read.folded))
    return " ".join(token.text for token in kept if token.kind in ("word", "asian"))


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("It's not a billing thing, writes are refused", "billing"),
        ("sso is broken, clusters themselves are fine", "clusters"),
        ("I'm not trying to upgrade anything, what does it cost?", "upgrade"),
        ("プランの話ではなく接続の話です、つながりません", "プ ラ ン"),
        ("不是账单问题，集群自己停了", "账 单"),
    ],
)
def test_what_a_message_is_not_about_is_left_out(text: str, gone: str) -> None:
    assert gone in " ".join(t.text for t in tokenise(plain(text).folded))
    assert gone not in left(text)


@pytest.mark.parametrize("text", ["not a bug, just curious", "是不是要等一天才有人理"])
def test_what_tells_a_question_from_an_incident_stays(text: str) -> None:
    assert left(text) == " ".join(
        t.text for t in tokenise(plain(text).folded) if t.kind in ("word", "asian")
    )


def test_an_aside_that_is_the_whole_message_stays() -> None:
    assert left("the cluster is fine")


def parts(text: str) -> list[str]:
    read = plain(text)
    return [part.written.strip() for part, _ in clauses(read, tokenise(read.folded))]


def test_sentences_and_new_subjects_are_cut() -> None:
    assert parts("close SUP-1042 please. Also the new cluster is slow") == [
        "close SUP-1042 please.",
        "Also the new cluster is slow",
    ]
    assert len(parts("SUP-1042は解決です。別件ですが、接続できません")) == 2
    assert len(parts("SUP-1042可以关了，另外麻烦开一下发票")) == 2


def test_one_sentence_is_not_cut() -> None:
    assert parts("the cluster is slow since the upgrade, nothing was deployed") == []
    assert parts("thanks!") == []


def test_positions_of_a_clause_are_its_own() -> None:
    read = plain("close it please. Also cluster shop-live is slow")
    part, tokens = clauses(read, tokenise(read.folded))[1]
    assert all(part.folded[t.start : t.end] == t.text for t in tokens)
