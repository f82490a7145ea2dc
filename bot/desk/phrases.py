"""From a message a customer wrote to a phrase that could be taught. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

_LONGEST = 160
"""Characters; a longer one teaches its story instead of its wish."""
_MARKUP = re.compile(r"<[@#!][^>]*>|<mailto:[^>]*>|<https?:[^>|]*(?:\|([^>]*))?>|:[a-z0-9_+-]+:")
_NUMBERS = re.compile(r"(?i)\bSUP-?\d+|#\d{3,}|\b\d[\d.,:/-]{3,}\b")
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_GREETING = re.compile(
    r"(?i)^(?:hi|hello|hey|dear|good (?:morning|afternoon|evening))\b[^,.!\n]{0,30}[,.!\n]\s*"
    r"|^(?:お世話になっております|お疲れ様です|こんにちは|いつもお世話になっております)[。、！!\s]*"
    r"|^(?:您好|你好|大家好|hi|hello)[，,。！!\s]*"
)


def suggested_phrase(text: str, clusters: Iterable[str] = ()) -> str:
    """The message without who, when and which: no names, addresses, numbers, clusters, markup.

    What tells one customer from another must not stand in `intents/`; a person reads it all the
    same before it is added.
    """
    phrase = _MARKUP.sub(lambda found: found[1] or " ", text)
    phrase = _ADDRESS.sub(" ", phrase)
    phrase = re.sub(r"\[redacted: [^\]]*\]", " ", phrase)
    for name in sorted(clusters, key=len, reverse=True):
        phrase = re.sub(rf"(?<![\w-]){re.escape(name)}(?![\w-])", "prod-1", phrase, flags=re.I)
    phrase = _NUMBERS.sub(" ", phrase)
    phrase = _GREETING.sub("", " ".join(phrase.split()))
    if len(phrase) > _LONGEST:
        phrase = _shortened(phrase)
    return phrase.strip(" ,;:-–、，")


def _shortened(phrase: str) -> str:
    """As many whole sentences from the end as fit: the wish mostly comes last."""
    sentences = re.split(r"(?<=[.!?。！？])\s*", phrase)
    kept = ""
    for sentence in reversed([one for one in sentences if one]):
        if kept and len(sentence) + len(kept) + 1 > _LONGEST:
            break
        kept = f"{sentence} {kept}".strip()
    return kept[-_LONGEST:]
