"""The details of a message, for the intents that ask for them."""

from __future__ import annotations

from bot.desk.catalogue import ChoiceSlot, Vocabulary
from bot.desk.meaning import Hearing
from bot.understanding.cluster_names import find_cluster
from bot.understanding.feature_names import find_feature
from bot.understanding.ladder import Move, read_move
from bot.understanding.scene import Scene
from bot.understanding.spelling import Spelling
from bot.understanding.tickets import find_tickets


class SlotReader:
    """Reads slots with the words of one vocabulary."""

    def __init__(self, vocabulary: Vocabulary, ordinary: Spelling) -> None:
        self._vocabulary = vocabulary
        self._ordinary = ordinary

    def read(self, scene: Scene, intent: str, hearing: Hearing) -> dict[str, str]:
        """Slot → value; what the message does not say is absent."""
        words, slots = self._vocabulary, dict[str, str]()
        if words.ticket:
            expected = intent in words.ticket.intents
            tickets = find_tickets(scene, words.ticket, expected)
            if tickets and expected:
                slots["ticket"] = tickets[0]
        if words.cluster and intent in words.cluster.intents:
            cluster = find_cluster(scene, hearing.clusters, self._ordinary)
            if cluster:
                slots["cluster"] = cluster
        if words.feature and intent in words.feature.intents:
            feature = find_feature(scene)
            if feature:
                slots["feature"] = feature
        for slot, choice in words.choices.items():
            if intent not in choice.intents:
                continue
            value = _named(scene, slot, choice) or choice.default
            if value:
                slots[slot] = value
        if words.ladder and intent in (words.ladder.up, words.ladder.down):
            move = read_move(scene, words.ladder, hearing.plan)
            target = move.target("up" if intent == words.ladder.up else "down")
            if target:
                slots[words.ladder.slot] = target
        return slots

    def assumed(self, scene: Scene, intent: str) -> frozenset[str]:
        """The slots that `read` fills with their usual value, because the message names none."""
        return frozenset(
            slot
            for slot, choice in self._vocabulary.choices.items()
            if intent in choice.intents and choice.default and not _named(scene, slot, choice)
        )

    def move(self, scene: Scene, hearing: Hearing) -> Move | None:
        """What the message says about changing plans; `None` without a ladder."""
        ladder = self._vocabulary.ladder
        return read_move(scene, ladder, hearing.plan) if ladder else None


def _named(scene: Scene, slot: str, choice: ChoiceSlot) -> str | None:
    for value in choice.values:
        words = scene.words_of(f"choice.{slot}.{value}")
        if any(not scene.negated(word) for word in words):
            return value
    return None
