"""Request numbers in a message, however they are written.

`SUP-1042`, `sup 1042`, `sup1042`, `#1042`, a link that ends in one, *ticket 1042*, and, where the
message is about requests anyway, a bare `1042`.
"""

from __future__ import annotations

import re

from bot.desk.catalogue import TicketSlot
from bot.understanding.scene import Scene
from bot.understanding.tokens import Token

_BARE = re.compile(r"[1-9]\d{3,4}")
"""Numbers begin at 1001; shorter ones are counts, longer ones ids."""
_UNIT_AFTER = re.compile(
    r"\s?(?:%|:|[kmgtp]i?b\b|k\b|m\b|ms\b|s\b|sec|min|hours?\b|hrs?\b|h\b|days?\b|rows?\b|qps|tps|"
    r"users?\b|people|ppl|tables?\b|rpm|ru\b|iops|nodes?\b|vcpu|utc|usd|eur|jpy|yen|bucks|dollars?|"
    r"年|月|日|時|时|点|分|秒|円|元|刀|美元|万|萬|億|亿|行|件|人|名|台|個|个|条|倍|回|次|百|千)"
)
_YEAR = re.compile(r"(?:199|20[0-3])\d")
_NEAR = 12
"""Characters between a number and the word that says it is a request's."""
_BEFORE_NO_TICKET = re.compile(r"(?:[$€£¥:./v_\-+]|error|code|port|errno|err|エラー|错误|代码)\s?$")


def find_tickets(scene: Scene, slot: TicketSlot, expected: bool) -> list[str]:
    """The numbers as `SUP-1042`, best evidence first, each once.

    `expected`: the message is about requests, so that a bare number means one.
    """
    prefix = slot.prefix.lower()
    text = scene.read.folded
    explicit = [
        match.group(1)
        for match in re.finditer(rf"(?<![a-z0-9-]){prefix}[\s_#-]{{0,3}}(\d{{1,7}})(?!\d)", text)
    ]
    for link in scene.read.links:
        end = re.search(
            rf"(?:tickets?|requests?|cases?)/(?:{prefix}-)?(\d{{1,7}})/?$", link.lower()
        )
        explicit += [end.group(1)] if end else []
    hashed = re.findall(r"(?<![\w#&])#(\d{3,6})(?!\d)", text)
    bare = [token.text for token in scene.tokens if _is_bare(token, scene, expected)]
    numbers = dict.fromkeys((*explicit, *hashed, *bare))
    return [f"{slot.prefix}-{int(number)}" for number in numbers]


def _is_bare(token: Token, scene: Scene, expected: bool) -> bool:
    if token.kind != "number" or not _BARE.fullmatch(token.text):
        return False
    text = scene.read.folded
    if _BEFORE_NO_TICKET.search(text[max(0, token.start - 8) : token.start]):
        return False
    beside = any(
        0 <= token.start - word.end <= _NEAR or 0 <= word.start - token.end <= _NEAR // 2
        for word in scene.words_of("ticket.words")
    )
    if beside and not _YEAR.fullmatch(token.text):
        return True
    if not expected or _UNIT_AFTER.match(text[token.end : token.end + 8]):
        return False
    return not _YEAR.fullmatch(token.text)
