from __future__ import annotations

from dataclasses import replace

import pytest

from bot.desk.fields import explicit_severity, read_field, says_enough
from bot.desk.forms import Field
from tests.desk.small_desk import BETA, CLUSTER, POC, SEVERITY, around, hear

CLUSTER_NAME, _, DESCRIPTION, *_ = CLUSTER.fields
KIND = POC.fields[0]
FEATURE = BETA.fields[0]


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("S1", "S1"),
        ("s2!", "S2"),
        ("our cluster is down, S1", "S1"),
        ("prod-1 is down (S1)", "S1"),
        ("it is a sev 2", "S2"),
        ("severity: S3", "S3"),
        ("Severity 4 please", "S4"),
        ("P1 outage", "S1"),
        ("Ｓ２です", "S2"),
        ("重大度は2です", "S2"),
        ("严重程度：1", "S1"),
        ("S3", "S3"),
        ("slow imports, S3.", "S3"),
        ("S3: cannot log in", "S3"),
        ("we have 3 nodes", ""),
        ("version 1.2", ""),
        ("S5", ""),
        ("class 1", ""),
        ("", ""),
    ],
)
def test_a_severity_is_read_where_the_words_name_one(text: str, severity: str) -> None:
    assert explicit_severity(text) == severity


@pytest.mark.parametrize(
    "text",
    [
        "import from S3 fails",
        "our S3 bucket cannot be read by the cluster",
        "S3からのインポートが失敗します",
        "从 S3 导入失败",
        "s3.amazonaws.com is refused",
        "cluster prod-s1 is slow",
        "s1_orders is locked",
        "db.s2 does not answer",
    ],
)
def test_a_storage_service_or_a_name_is_no_severity(text: str) -> None:
    assert explicit_severity(text) == ""


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("3", "S3"),
        ("S3 I think", "S3"),
        ("probably s3", "S3"),
        ("2です", "S2"),
        ("5", ""),
        ("2 nodes are down", ""),
        ("soon", ""),
    ],
)
def test_asked_for_the_severity_any_mention_of_one_answers(text: str, severity: str) -> None:
    assert read_field(SEVERITY, hear(text), around(), lenient=False) == severity


@pytest.mark.parametrize(
    ("text", "enough"),
    [
        ("help", False),
        ("the cluster is slow", False),
        ("the cluster is slow since nine", True),
        ("クラスターが遅い", False),
        ("今朝からクラスターの応答がとても遅いです", True),
        ("集群慢", False),
    ],
)
def test_words_describe_something_when_there_are_enough_of_them(text: str, enough: bool) -> None:
    assert says_enough(text, around()) is enough


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("demo", "demo"),
        ("2", "demo"),
        ("ＰｏＣ", "poc"),
        ("Trial credits.", "credits"),
        ("試用クレジット", "credits"),
        ("something else", ""),
    ],
)
def test_a_choice_is_taken_by_its_key_its_number_or_its_words(text: str, value: str) -> None:
    assert read_field(KIND, hear(text), around(), lenient=False) == value


@pytest.mark.parametrize(
    ("text", "slot", "strict", "lenient"),
    [
        ("prod-1", "", "prod-1", "prod-1"),
        ("`PROD-1`.", "", "prod-1", "prod-1"),
        ("it is prod-2", "prod-2", "prod-2", "prod-2"),
        ("analytics-eu", "", "", "analytics-eu"),
        ("it's called reporting", "", "", "reporting"),
        ("本番", "", "", "本番"),
        ("I would have to look that up somewhere first", "", "", ""),
    ],
)
def test_a_known_cluster_is_certain_and_a_short_reply_is_a_name(
    text: str, slot: str, strict: str, lenient: str
) -> None:
    heard = hear(text, slots={"cluster": slot} if slot else {})
    assert read_field(CLUSTER_NAME, heard, around(), lenient=False) == strict
    assert read_field(CLUSTER_NAME, heard, around(), lenient=True) == lenient


@pytest.mark.parametrize("field", [DESCRIPTION, FEATURE])
def test_free_words_answer_only_once_a_change_of_subject_is_ruled_out(field: Field) -> None:
    heard = hear("auto scaling of storage")
    assert read_field(field, heard, around(), lenient=False) == ""
    assert read_field(field, heard, around(), lenient=True) == "auto scaling of storage"


@pytest.mark.parametrize(
    ("text", "enough"),
    [
        ("I need help with our cluster prod-1 please", False),
        ("I need help with our cluster prod-1, restore fails", True),
        ("クラスターについてサポートをお願いします", False),
        ("クラスターの復元が途中で止まるのでお願いします", True),
    ],
)
def test_words_that_only_ask_for_help_describe_nothing(text: str, enough: bool) -> None:
    generic = ("i", "need", "help", "with", "our", "cluster", "please", "クラスター", "について",
               "サポート", "お願い", "します")  # fmt: skip
    assert says_enough(text, replace(around(), generic=generic)) is enough
