"""Words, characters and the kinds of things that stand in a message.

Latin text is cut into words. Text of East Asian scripts is cut into single characters: without a
dictionary their pairs work as well as words do. Numbers, names, addresses and versions are
recognised by their shape, because what counts is that one stands there, not which.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.understanding.han_variants import simplify
from bot.understanding.normalise import CHANNEL, CODE, EMOJI, GROUP, LINK, PERSON

PLACEHOLDERS = {
    PERSON: "§person",
    CHANNEL: "§channel",
    GROUP: "§group",
    LINK: "§link",
    EMOJI: "§emoji",
    CODE: "§code",
}

HAN = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f"
KANA = "\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"
HANGUL = "\u1100-\u11ff\u3130-\u318f\uac00-\ud7af"
EAST_ASIAN = HAN + KANA + HANGUL

_LETTER = rf"[^\W\d_{EAST_ASIAN}]"
_FREE_BEFORE = r"(?<![a-z0-9])"
_FREE_AFTER = r"(?![a-z0-9])"

_TOKEN = re.compile(
    rf"""
    (?P<mail>[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+)
  | {_FREE_BEFORE}(?P<version>v\d+(?:\.\d+)*|\d+\.\d+\.\d+){_FREE_AFTER}
  | {_FREE_BEFORE}(?P<time>\d{{1,2}}:\d{{2}}(?::\d{{2}})?)
  | (?P<money>[$€£¥]\s?\d[\d,.]*k?|\${{2,}})
  | {_FREE_BEFORE}(?P<key>[a-z][a-z0-9]{{1,9}}-\d{{1,6}}){_FREE_AFTER}(?![-_][a-z0-9])
  | (?P<name>[a-z][a-z0-9]*(?:[_-][a-z]+)*[_-][a-z]*\d[a-z0-9]*(?:[_-][a-z0-9]+)*)
  | (?P<number>\d+(?:[.,]\d+)*)
  | (?P<asian>[{EAST_ASIAN}])
  | (?P<word>{_LETTER}+(?:['’]{_LETTER}+)*)
  | (?P<mark>[?!]+|>)
  | (?P<placeholder>[\ue000-\ue005])
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Token:
    """One unit of the folded text at `folded[start:end]`; `kind` is one of the groups above.

    `text` is in simplified characters, so that 升級 and 升级 are the same word everywhere.

    `key` is the shape of a tracker's number such as `sup-1042`, `name` of a machine's or a
    cluster's name such as `prod-eu-1`.
    """

    text: str
    kind: str
    start: int
    end: int


def tokenise(folded: str) -> list[Token]:
    """The tokens of a folded text, in order."""
    return [
        Token(match.group(), match.lastgroup or "", match.start(), match.end())
        for match in _TOKEN.finditer(simplify(folded))
    ]
