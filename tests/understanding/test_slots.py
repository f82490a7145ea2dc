"""Details of a message, in three languages."""

from __future__ import annotations

import pytest

from bot.desk.meaning import Hearing
from bot.understanding.cluster_names import find_cluster
from bot.understanding.feature_names import find_feature
from bot.understanding.model import Reader
from bot.understanding.slots import SlotReader
from bot.understanding.spelling import Spelling
from bot.understanding.tickets import find_tickets
from tests.understanding.conftest import Scenes

ORDINARY = Spelling(("is", "down", "wont", "resume", "the", "our", "point", "in", "time", "slow"))


def slots(scenes: Scenes, text: str, intent: str, hearing: Hearing = Hearing()) -> dict[str, str]:  # noqa: B008
    return SlotReader(scenes.vocabulary, ORDINARY).read(scenes.of(text), intent, hearing)


@pytest.mark.parametrize(
    "text",
    [
        "any news on SUP-1042?",
        "sup 1042 ??",
        "sup1042 please",
        "ＳＵＰ－１０４２の進捗",
        "#1042 eta?",
        "ticket 1042",
        "1042那单有进展吗",
        "1042 担当ついた？",
        "<https://support.example/requests/SUP-1042|this one>",
        "<https://support.example/tickets/1042>",
    ],
)
def test_a_request_number_is_found_however_it_is_written(scenes: Scenes, text: str) -> None:
    assert slots(scenes, text, "check_request")["ticket"] == "SUP-1042"


@pytest.mark.parametrize(
    "text",
    ["the error 9005 again", "2024 was a good year", "4096 MB of it", "at 10:42", "costs $1400"],
)
def test_other_numbers_are_no_request(scenes: Scenes, text: str) -> None:
    slot = scenes.vocabulary.ticket
    assert slot is not None
    assert find_tickets(scenes.of(text), slot, expected=True) == []


def test_a_bare_number_is_a_request_only_where_requests_are_spoken_of(scenes: Scenes) -> None:
    slot = scenes.vocabulary.ticket
    assert slot is not None
    assert find_tickets(scenes.of("what about 1042"), slot, expected=False) == []
    assert find_tickets(scenes.of("what about ticket 1042"), slot, expected=False) == ["SUP-1042"]


@pytest.mark.parametrize(
    ("text", "cluster"),
    [
        ("cluster orders-eu is down", "orders-eu"),
        ("`meera-prod` is crawling", "meera-prod"),
        ("too many connections on shop-live", "shop-live"),
        ("bump cluster 10245871239 please", "10245871239"),
        ("the cluster is called Falcon, sg region", "Falcon"),
        ("クラスター名 kaede を増やして", "kaede"),
        ("クラスターは mizuiro-stg です", "mizuiro-stg"),
        ("集群 nova-test 连不上", "nova-test"),
        ("see <https://console.example/clusters/10311884/changefeed|this>", "10311884"),
        ("cluster wont resume", None),
        ("our cluster in us-east-1 is down", None),
        ("job imp-0fd21c is stuck", None),
        ("org id 1372813089 cannot log in", None),
        ("SUP-1042 is about point-in-time recovery", None),
        ("```SELECT * FROM order_items_2```", None),
    ],
)
def test_cluster_names_are_told_by_place_and_shape(
    scenes: Scenes, text: str, cluster: str | None
) -> None:
    assert find_cluster(scenes.of(text), (), ORDINARY) == cluster


def test_the_account_s_own_names_come_first_and_forgive_slips(scenes: Scenes) -> None:
    own = ("Harbour-01", "whale")
    assert find_cluster(scenes.of("whale is slow, not shop-live"), own, ORDINARY) == "whale"
    assert find_cluster(scenes.of("harbuor-01 is slow"), own, ORDINARY) == "Harbour-01"
    assert find_cluster(scenes.of("harbour-02 is slow"), own, ORDINARY) == "harbour-02"


@pytest.mark.parametrize(
    ("text", "feature"),
    [
        ("please apply for the vector index beta", "vector index"),
        ("put us on the list for the node groups preview", "node groups"),
        ("can you flip on database audit logging for us?", "database audit logging"),
        ("the private link changefeed menu is greyed out", "private link changefeed"),
        ("自動埋め込み機能に申し込む", "自動埋め込み機能"),
        ("ベクトル検索のベータを使いたいです", "ベクトル検索"),
        ("Azure Blobからのインポートを有効にしてください", "Azure Blobからのインポート"),
        ("申请开通向量检索内测", "向量检索"),
        ("我们想试 changefeed 到 Pulsar，帮忙加白", "changefeed 到 Pulsar"),
        ("可以幫我們組織打開 Data App 的預覽嗎", "Data App"),
    ],
)
def test_the_feature_is_cut_out_of_the_sentence(scenes: Scenes, text: str, feature: str) -> None:
    assert find_feature(scenes.of(text)) == feature


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("could somebody demo the product for us", "demo"),
        ("we need more trial credits", "credits"),
        ("proof of concept next month", "poc"),
        ("クレジットをもらえないでしょうか", "credits"),
        ("有没有试用额度可以领", "credits"),
        ("想约个演示", "demo"),
        ("we want to try it with our own data", "poc"),
    ],
)
def test_the_kind_of_trial(scenes: Scenes, text: str, kind: str) -> None:
    assert slots(scenes, text, "request_poc")["kind"] == kind


@pytest.mark.parametrize(
    ("text", "assumed"),
    [
        ("replacing our sharded ledger", {"kind"}),
        ("a proof of concept", set()),
        ("we want a demo", set()),
    ],
)
def test_the_usual_kind_is_not_taken_for_said(scenes: Scenes, text: str, assumed: set[str]) -> None:
    reader = SlotReader(scenes.vocabulary, ORDINARY)
    assert reader.assumed(scenes.of(text), "request_poc") == assumed


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("you can close SUP-1055", "close"),
        ("Don't close SUP-1055 yet", "comment"),
        ("SUP-1055 is NOT fixed, reopen it", "reopen"),
        ("raise the priority of SUP-1055", "escalate"),
        ("SUP-1055: logs attached", "comment"),
        ("SUP-1055を閉じてください", "close"),
        ("SUP-1055、再発しました", "reopen"),
        ("SUP-1055 单子先留着别关", "comment"),
        ("SUP-1055 帮忙升级处理一下", "escalate"),
        ("SUP-1055 可以关了", "close"),
    ],
)
def test_what_shall_happen_to_a_request(scenes: Scenes, text: str, action: str) -> None:
    assert slots(scenes, text, "update_request")["action"] == action


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("S1 for us, please hurry", "S1"),
        ("prod is down", "S1"),
        ("本番停止", "S1"),
        ("not urgent, S3", "S3"),
        ("no hurry but it is slow", None),
    ],
)
def test_severity_is_read_when_it_is_said(scenes: Scenes, text: str, severity: str | None) -> None:
    assert slots(scenes, text, "get_cluster_support").get("severity") == severity


def test_slots_belong_to_intents(scenes: Scenes) -> None:
    text = "SUP-1042 cluster shop-live enterprise demo"
    assert slots(scenes, text, "check_request") == {"ticket": "SUP-1042"}
    assert slots(scenes, text, "talk_to_human") == {}


def test_reading_a_scene_and_its_features_agree_on_corrected_words(reader: Reader) -> None:
    from bot.understanding.normalise import plain
    from bot.understanding.tokens import tokenise

    read = plain("clutser is slow")
    scene, _ = reader.read(read, tokenise(read.folded))
    assert scene.tokens[0].text == "cluster"
    assert scene.words_of("cluster.words")
