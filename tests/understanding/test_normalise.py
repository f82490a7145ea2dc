from __future__ import annotations

import pytest

from bot.understanding.normalise import CODE, EMOJI, GROUP, LINK, LONGEST, PERSON, fold, plain
from bot.understanding.tokens import tokenise


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("<@U0ABC> hi", f"{PERSON} hi"),
        ("<@U0ABC|dana> hi", f"{PERSON} hi"),
        ("<!here> anyone?", f"{GROUP} anyone?"),
        ("<!subteam^S02|@infra> ping", f"{GROUP} ping"),
        ("mail <mailto:a@b.example|a@b.example> please", "mail a@b.example please"),
        ("see <https://x.example/doc|the page>", f"see the page {LINK}"),
        ("see https://x.example/doc?q=1 now", f"see {LINK} now"),
        ("done :tada:", f"done {EMOJI}"),
        ("done 🎉🎉", f"done {EMOJI}"),
        ("a &lt; b &amp;&amp; c", "a < b && c"),
        ("ＳＵＰ－１２５６", "SUP-1256"),
        ("ｸﾗｽﾀｰ", "クラスター"),
        ("up\u200bgra\u00adde", "upgrade"),
        ("a\u202eb", "ab"),
        ("basic → standard", "basic > standard"),
    ],
)
def test_markup_and_unicode_are_read_away(written: str, read: str) -> None:
    assert plain(written).written == read


def test_mentioned_people_and_links_are_kept_aside() -> None:
    read = plain("<@U1> and <@W2>: <https://x.example/requests/SUP-1001|this>")
    assert read.people == ("U1", "W2")
    assert read.links == ("https://x.example/requests/SUP-1001",)


def test_code_is_kept_to_its_first_lines() -> None:
    read = plain("help\n```" + "ERROR 9005 " + "x" * 5000 + "```\nplease")
    assert "ERROR 9005" in read.written
    assert read.written.count(CODE) == 2
    assert read.written.endswith("please")
    assert len(read.written) < 500


def test_a_long_message_is_cut_and_says_so() -> None:
    read = plain("word " * 5000)
    assert read.cut
    assert len(read.written) <= LONGEST
    assert not plain("short").cut


def test_folding_keeps_every_position() -> None:
    text = "İstanbul ẞ PROD-1 クラスター"
    assert len(fold(text)) == len(text)


def test_tokens_know_the_kinds_of_things() -> None:
    kinds = {
        token.text: token.kind
        for token in tokenise("sup-1042 prod-eu-1 v7.5.1 a@b.example 09:42 $400 12345 落ち ok?")
    }
    assert kinds == {
        "sup-1042": "key",
        "prod-eu-1": "name",
        "v7.5.1": "version",
        "a@b.example": "mail",
        "09:42": "time",
        "$400": "money",
        "12345": "number",
        "落": "asian",
        "ち": "asian",
        "ok": "word",
        "?": "mark",
    }


def test_traditional_and_simplified_characters_make_the_same_tokens() -> None:
    assert [t.text for t in tokenise("升級帳號")] == [t.text for t in tokenise("升级账号")]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("@Tanaka can you look", f"{PERSON} can you look"),
        ("＠田中さん見てもらえますか", f"{PERSON} 見てもらえますか"),
        ("@小王 帮我看下", f"{PERSON} 帮我看下"),
        ("対応お願いできますか ＞佐藤さん", f"対応お願いできますか {PERSON}"),
        ("対応お願いできますか&gt;佐藤さん", f"対応お願いできますか {PERSON}"),
        ("@supportbot is it down?", "@supportbot is it down?"),
        ("@here is it down?", "@here is it down?"),
        ("mail me @ noon", "mail me @ noon"),
        ("v7.1 > v7.5", "v7.1 > v7.5"),
    ],
)
def test_a_name_typed_to_speak_to_somebody_is_a_person(text: str, read: str) -> None:
    assert plain(text).written == read
