"""Secrets never get past the door, and what only looks like one stays as it is."""

from __future__ import annotations

import string
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.desk.arrivals import (
    Attachment,
    CommandGiven,
    FormSubmitted,
    HomeOpened,
    MessageEdited,
    MessagePosted,
    arrival_from_json,
)
from bot.desk.redaction import redacted, without_secrets
from tests.support.made_secrets import Maker, made_secrets

HARMLESS = [
    "how is SUP-1042? we opened it on 2026-11-24 09:15:33",
    "I forgot the password, how do I reset it?",
    "password reset mails do not arrive",
    "the password is wrong, says the console",
    "my password has expired",
    "is the root password required for TLS?",
    "Access denied for user 'root'@'10.20.30.40' (using password: YES)",
    "ERROR 1045 (28000): Access denied for user 'x'@'%' (using password: NO)",
    "password: <your_password>",
    "mysql -u <user> -p<password> -h <host>",
    "mysql -h gateway01.example.com -P 4000 -u app.root -p",
    "export DB_PASSWORD=$DB_PASSWORD",
    "password = os.environ['DB_PASSWORD']",
    "docker run -u 1000:1000 app",
    "commit 3f786850e387550fdab836ed7e6dc881de23001b broke it",
    "trace id 4bf92f3577b34da6a3ce929d0e0e4736, request 550e8400-e29b-41d4-a716-446655440000",
    "call me at +81 3-1234-5678 or 0049 170 1234567",
    "order 1234567890123456 was charged twice",
    "start_ts 449876543210987654 commit_ts 449876543210987660",
    "1795727112.249854 and 1795727093.313643",
    "see https://docs.example.com/tidbcloud/connect?plan=starter#step-1",
    "https://example.com:443/path?mail=leo@example.com",
    "mail leo.strand@example.com or hana@example.jp",
    "token bucket size 100, what is the key concept here?",
    "which key should be the primary key: id or created_at?",
    "the api key page returns 404",
    "how do I rotate the API key?",
    "パスワードを忘れました。再設定の方法を教えてください。",
    "パスワードは8文字以上でしょうか？",
    "パスワードの有効期限は90日です",
    "密码忘了，怎么重置？",
    "密码错误，登录不上",
    "密码是必填的吗",
    "the login is slow since 9:40",
    "pass the ssl_ca=/etc/ssl/cert.pem option",
    "basic plan, standard plan: which one?",
    "192.168.10.12:4000 and 10.0.0.5:2379 are unreachable",
    "4,500 rows of 16 columns, 4111 per second",
]


def test_no_made_secret_is_left() -> None:
    left = [made.text for made in made_secrets(1_800) if made.secret in redacted(made.text).text]
    assert left == []


def test_the_kind_is_named() -> None:
    wrong = [
        (made.kind, redacted(made.text).kinds)
        for made in made_secrets(600)
        if made.kind and made.kind not in redacted(made.text).kinds
    ]
    assert wrong == []


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_secret_stays_as_it_is(text: str) -> None:
    assert redacted(text).text == text


def test_the_words_around_it_stay() -> None:
    word = Maker(3).password()
    assert redacted(f"it fails with mysql://app:{word}@db.example.com/x since 9").text == (
        "it fails with mysql://app:[redacted: password]@db.example.com/x since 9"
    )


def test_a_password_that_slack_turned_into_a_mail_link_goes_as_well() -> None:
    word = Maker(4).password()
    link = f"<mailto:{word}@db.example.com|{word}@db.example.com>"
    assert word not in redacted(f"mysql://root:{link}:4000/app").text


def test_two_secrets_in_one_message_both_go() -> None:
    maker = Maker(5)
    card, word = maker.card(), maker.password()
    done = redacted(f"card {card}\npassword: {word}")
    assert done.text == "card [redacted: card number]\npassword: [redacted: password]"
    assert done.kinds == ("card_number", "password")


def test_a_number_with_a_wrong_check_digit_is_no_card() -> None:
    card = "4" + "0" * 7 + "12345678"
    wrong = [number for number in range(10) if redacted(f"pay {card[:-1]}{number} now").kinds]
    assert len(wrong) == 1


@given(st.text(alphabet=string.printable + "パスワードは密码：「」", max_size=300))
def test_any_text_comes_back_whole_but_for_what_was_found(text: str) -> None:
    done = redacted(text)
    assert done.text == text or done.kinds
    assert redacted(done.text).text.count("[redacted") <= done.text.count("[redacted") + 1


@pytest.mark.parametrize(
    "piece",
    [
        "password", "password=", "a:b@", "://", "https://a:", "mysql -u ", "-p ", "4111 ", "1",
        "-----BEGIN PRIVATE" " KEY-----", "token is ", "パスワード", "key_", "eyJ" + "a" * 30 + ".",
        "A", "_", "identified by ", "bearer ", "-----BEGIN ", "<mailto:", "--user a:",
    ],
)  # fmt: skip
def test_time_grows_with_the_length_only(piece: str) -> None:
    """Ten times the text may take about ten times as long; exponential time would not end."""

    def took(length: int) -> float:
        text = (piece * length)[:length]
        return min(_seconds(text) for _ in range(3))

    short, long = took(2_000), took(20_000)
    assert long < 2.0
    assert long < 60 * max(short, 0.001)


def _seconds(text: str) -> float:
    start = time.perf_counter()
    redacted(text)
    return time.perf_counter() - start


def test_everything_a_person_writes_is_cleaned() -> None:
    word = Maker(6).password()
    text = f"password: {word}"
    arrivals = [
        MessagePosted(
            user="U1", channel="C1", ts="1.0", text=text, files=(Attachment(name=f"{text}.txt"),)
        ),
        MessageEdited(user="U1", channel="C1", ts="1.0", text=text),
        CommandGiven(user="U1", command="/support", text=text, channel="C1", response_url=""),
        FormSubmitted(user="U1", form="f", view_id="V", values={"a": text}, context={"b": text}),
    ]
    for arrival in arrivals:
        cleaned = without_secrets(arrival)
        assert word not in str(cleaned.to_json())
        assert cleaned.secrets == ("password",)
        assert arrival_from_json(type(cleaned).__name__, cleaned.to_json()) == cleaned


def test_what_holds_no_secret_is_not_touched() -> None:
    message = MessagePosted(user="U1", channel="C1", ts="1.0", text="hello")
    assert without_secrets(message) is message
    opened = HomeOpened(user="U1")
    assert without_secrets(opened) is opened
