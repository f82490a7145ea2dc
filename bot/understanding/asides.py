"""What a message says it is *not* about.

*It's not a billing thing, the account is fine*, クラスターは関係なく, 不是账单问题: such parts name
the very words of the intent that is not meant. They are left out before the intent is read. Parts
that say that nothing is broken stay, because they tell a question from an incident.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.understanding.tokens import Token

_ENGLISH = r"""
    \b(?:it'?s|this\ is|that'?s|i'?m|we'?re|is)?\s*(?:not|isn'?t)\s+(?:about\s+|asking\s+about\s+)?
        (?:an?\s+|the\s+|our\s+|any\s+)?(?!bug|outage|incident|error|issue|problem|question)
        (?:[a-z-]+\s+){1,2}(?:thing|issue|problem|question|matter|topic|one)\b
  | \b(?:not|isn't)\s+about\s+(?:the\s+|our\s+|my\s+)?[a-z-]+(?:\s+[a-z-]+)?
  | \b(?:not|never)\s+(?:trying|looking|asking|planning|going|wanting)\s+(?:to|for)\s+
        (?!talk|speak)[a-z-]+(?:\s+(?:to\s+)?[a-z-]+)?
  | \bnothing\s+(?:is\s+|'s\s+)?wrong\s+with\s+(?:the\s+|our\s+|my\s+)?[a-z-]+
  | \b(?:the\s+|our\s+|my\s+)?[a-z-]+\s+(?:itself\s+|themselves\s+)?(?:is|are|looks?|runs?|works?)
        \s+(?:all\s+)?(?:fine|ok|okay|healthy|unaffected|untouched|paid)\b
  | \b(?:keep|keeping|leave|leaving)\s+(?:the\s+|our\s+|my\s+|all\s+)?(?:clusters?|accounts?)\b
  | \b(?:the\s+)?cluster\s+(?:one|tier),?\s+not\b | \bnot\s+(?:the\s+)?(?:cluster|support)\b
"""
_JAPANESE = r"""
  | [^\s、。，,!?！？]{1,14}?(?:の話|の件|の問題|のこと)
        (?:では|じゃ)(?:なく|な[いくし]|ありません)て?
  | [^\s、。，,!?！？]{1,12}?と?は
        (?:関係な[いくし]|関係ありません|無関係|問題な[いくし]|問題ありません)
  | [^\s、。，,!?！？]{1,12}?(?:自体|そのもの)は(?:動い|正常|無事|問題)[^\s、。]{0,8}
"""
_CHINESE = r"""
  | (?<!是)不是(?!故障|bug|问题|問題)[^\s，。,、!?]{1,8}?(?:的?问题|的?問題|的?事|那个|那個)
  | (?<!是)(?:先|暂时?|暫時)?不(?:谈|談|急着|急著|打算|准备|準備|是要|是想|是来|是來)
        [^\s，。,、：:!?]{1,6}
  | (?:和|跟|与|與)[^\s，。,、]{1,8}?(?:无关|無關|没关系|沒關係)
  | [^\s，。,、]{1,6}?(?:本身|自己)?
        (?:没问题|沒問題|是好的|正常的?|不用动|不用動|别动|別動|不动|不動|继续用|繼續用)
        (?=$|[\s，。,、!])
"""
_SIGN = re.compile(
    r"not|n't|nothing|never|fine|ok|health|unaffect|untouch|paid|keep|leav"
    r"|ではな|じゃな|ではあり|じゃあり|関係|問題な|問題あ|自体|そのもの"
    r"|不|无关|無關|没|沒|正常|好的|别动|別動|继续|繼續"
)
"""Without one of these there is no aside: most messages are spared the long pattern."""
_ASIDE = re.compile(_ENGLISH + _JAPANESE + _CHINESE, re.VERBOSE)


def without_asides(folded: str, tokens: Sequence[Token]) -> Sequence[Token]:
    """The tokens that are left; all of them when nothing else would be."""
    if not _SIGN.search(folded):
        return tokens
    spans = [match.span() for match in _ASIDE.finditer(folded)]
    if not spans:
        return tokens
    left = [
        token
        for token in tokens
        if not any(start <= token.start and token.end <= end for start, end in spans)
    ]
    return left if sum(token.kind in ("word", "asian") for token in left) >= 3 else tokens
