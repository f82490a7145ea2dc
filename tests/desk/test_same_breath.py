"""Which second message belongs to the request before it."""

from __future__ import annotations

import pytest

from bot.desk.meaning import Meaning
from bot.desk.same_breath import belongs

FIELDS = {"cluster": "prod-1"}


def reads(intent: str, score: float, *, reply: bool = False, **slots: str) -> Meaning:
    return Meaning(intent=intent, score=score, language="en", slots=slots, reply=reply)


@pytest.mark.parametrize(
    ("text", "meaning", "together"),
    [
        ("since 9:00 UTC", reads("get_cluster_support", 0.7, reply=True), True),
        ("right after the upgrade", reads("upgrade_plan", 0.06), True),
        ("nobody can log in", reads("get_org_support", 0.65, reply=True), True),
        ("is it only us?", reads("get_cluster_support", 0.2), True),
        ("our invoice is wrong", reads("get_org_support", 0.95, reply=True), False),
        ("can we get a PoC?", reads("request_poc", 0.98, reply=True), False),
        ("lunch, anybody?", reads("talk_to_human", 0.02), False),
        ("大家中午吃什么？", reads("ask_docs", 0.15), False),
        ("good morning", reads("smalltalk", 0.98), False),
        ("<@U1> please look", reads("get_cluster_support", 0.8, reply=True), False),
        ("prod-2 too", reads("get_cluster_support", 0.8, reply=True, cluster="prod-2"), False),
        ("prod-1 too", reads("get_cluster_support", 0.8, reply=True, cluster="prod-1"), True),
        ("   ", reads("get_cluster_support", 0.8), False),
    ],
)
def test_a_second_message_belongs_to_the_first(text: str, meaning: Meaning, together: bool) -> None:
    assert belongs(text, meaning, "get_cluster_support", FIELDS) is together
