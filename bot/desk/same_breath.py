"""Do two messages of one person, written shortly after each other, say one thing? Pure.

People press Enter in the middle of a thought. What follows a request within two minutes at the top
of the channel is part of it unless it clearly is not: words to somebody else, a question among
colleagues, ordinary chat, another wish, the same wish for another cluster or feature.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from bot.desk.meaning import Meaning

WITHIN = timedelta(minutes=2)
_CHAT = frozenset({"smalltalk", "out_of_scope"})
_SURELY_CHAT = 0.6
_HELP = frozenset({"get_cluster_support", "get_org_support"})
"""Two names for trouble: "nobody can log in" is either, depending on what was said before."""
_SURELY_OTHER = 0.9
_TELLING = ("cluster", "feature", "kind", "target", "ticket")
"""Slots that make two wishes of the same kind different ones."""


def belongs(text: str, meaning: Meaning, intent: str, fields: Mapping[str, str]) -> bool:
    """`meaning` is how the text reads by itself; `intent` and `fields` are the request's."""
    said = text.strip()
    if not said or said.startswith("<@"):
        return False
    if meaning.intent in _CHAT and meaning.score >= _SURELY_CHAT:
        return False
    if _another(meaning, intent, fields):
        return False
    if meaning.reply or meaning.intent == intent:
        return True
    # Half a thought is a statement; a question that is not for us is for colleagues.
    return not said.endswith(("?", "？"))


def _another(meaning: Meaning, intent: str, fields: Mapping[str, str]) -> bool:
    if any(
        meaning.slots.get(name) and fields.get(name) and meaning.slots[name] != fields[name]
        for name in _TELLING
    ):
        return True
    if not meaning.reply or meaning.intent == intent:
        return False
    both_help = {meaning.intent, intent} <= _HELP
    return not both_help or meaning.score >= _SURELY_OTHER
