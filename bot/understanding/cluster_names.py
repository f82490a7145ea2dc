"""Which cluster a message is about.

The account's own names come first, spelling slips forgiven. Otherwise a name is told by its place
(beside *cluster*, クラスター, 集群), by its shape (`shop-live`, `analytics_eu`), by being a long
number, or, in the end, by being a word that nobody else uses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from bot.understanding.name_shapes import (
    COMPOUND,
    ENVIRONMENTS,
    NUMBER,
    is_other_thing,
    is_other_things_id,
)
from bot.understanding.scene import Scene
from bot.understanding.spelling import Spelling
from bot.understanding.terms import Found
from bot.understanding.tokens import EAST_ASIAN

_SPAN = re.compile(r"[a-z0-9][a-z0-9_.-]*[a-z0-9]|[a-z0-9]")
_EAST_ASIAN = re.compile(f"[{EAST_ASIAN}]")
_CODE_BLOCK = re.compile("\ue005.*?\ue005", re.DOTALL)
_IN_LINK = re.compile(r"clusters?/([a-z0-9_-]{3,40})")
_BETWEEN = re.compile(
    r"[\s`'\"“「『:：#(（*_=,、，]*(?:id|name|is|名|は|が|の|で|是|的|叫)?[\s`'\"“「『:：#(*_]*"
)
"""What may stand between *cluster* and the name."""
_AFTER_A_NAME = re.compile(
    r"[`'\"]?(?:$|[\n,.:;!?()–]|\s-|\s(?:is|was|has|had|keeps|went|isn't|isnt|in|on|since|does|"
    r"doesn't|can't|cannot|won't|for|to|from|at|and|stopped|started|got|again|seems|needs|down|"
    r"fails?|refus\w+|simply|stuck|please|pls)\b)"
)
"""What may follow a name in English; after another word, *cluster wont resume*, none is given."""
_AFTER_A_NAME_ASIAN = re.compile(
    r"[`'\"」』\s]*(?:という|って|的|上|里|裡|で|に|が|は|の|へ|,|、|，|$|\n)"
)
_PREPOSITION = re.compile(r"(?:^|[\s`])(?:on|in|for|of|at|against|with)\s+[`'\"]?$")


@dataclass(frozen=True, slots=True)
class _Span:
    text: str
    start: int
    end: int

    @property
    def shaped(self) -> bool:
        """Looks like a machine's name or number."""
        return bool(NUMBER.fullmatch(self.text) or COMPOUND.fullmatch(self.text))


def find_cluster(scene: Scene, own_names: Sequence[str], ordinary: Spelling) -> str | None:
    """The cluster's name as the account or the author spells it.

    `ordinary` tells words that everybody uses, so that *cluster wont* names no cluster.
    """
    text = scene.read.folded
    spans = [_Span(m.group(), m.start(), m.end()) for m in _SPAN.finditer(text)]
    own = _own(text, spans, own_names)
    if own is not None:
        return own
    spans = _possible(spans, scene)
    for candidates in (
        _after_called(spans, scene, ordinary),
        _after_word(spans, scene, ordinary),
        _before_word(spans, scene, ordinary),
        _by_shape(spans, text, ordinary),
        (span for span in spans if NUMBER.fullmatch(span.text) and len(span.text) >= 9),
        _quoted(spans, text, ordinary),
        _unknown(spans, scene, ordinary),
    ):
        for span in candidates:
            return scene.read.written[span.start : span.end]
    links = (_IN_LINK.search(link.lower()) for link in scene.read.links)
    return next((link.group(1) for link in links if link), None)


def _own(text: str, spans: Sequence[_Span], own_names: Sequence[str]) -> str | None:
    for name in sorted(own_names, key=len, reverse=True):
        pattern = rf"(?<![a-z0-9_-]){re.escape(name.lower())}(?![a-z0-9_-])"
        if re.search(pattern, text):
            return name
    for name in own_names:
        slips = 2 if len(name) >= 9 else 1 if len(name) >= 5 else 0
        for span in spans:
            same_digits = re.findall(r"\d+", span.text) == re.findall(r"\d+", name)
            if slips and same_digits and OSA.distance(span.text, name.lower()) <= slips:
                return name
    return None


def _possible(spans: Sequence[_Span], scene: Scene) -> list[_Span]:
    """Without the words that introduce names, code, addresses, regions and other things' ids."""
    text = scene.read.folded
    taken = [
        (term.start, term.end)
        for part in ("words", "before", "after", "never")
        for term in scene.words_of(f"cluster.{part}")
    ]
    taken += [match.span() for match in _CODE_BLOCK.finditer(text)]
    return [
        span
        for span in spans
        if not any(start <= span.start < end for start, end in taken)
        and not is_other_thing(span.text)
        and not re.search(r"[@/#$%<=]$|[a-z0-9)][.(]$", text[max(0, span.start - 2) : span.start])
        and text[span.end : span.end + 1] not in ("@", "/", "(", "=")
        and not is_other_things_id(text[max(0, span.start - 24) : span.start])
    ]


def _after_called(spans: Sequence[_Span], scene: Scene, ordinary: Spelling) -> Iterator[_Span]:
    for word in scene.words_of("cluster.before"):
        for span in spans:
            close = _close(scene, word.end, span.start, 10) and len(span.text) > 1
            if close and (span.shaped or span.text not in ordinary):
                yield span


def _after_word(spans: Sequence[_Span], scene: Scene, ordinary: Spelling) -> Iterator[_Span]:
    for word in scene.words_of("cluster.words"):
        for span in spans:
            named = span.shaped or _bare_name(span, scene, word, ordinary)
            if named and _close(scene, word.end, span.start, 6):
                yield span


def _before_word(spans: Sequence[_Span], scene: Scene, ordinary: Spelling) -> Iterator[_Span]:
    for word in scene.words_of("cluster.words"):
        for span in spans:
            named = span.shaped or (len(span.text) > 3 and span.text not in ordinary)
            if named and _close(scene, span.end, word.start, 4):
                yield span


def _bare_name(span: _Span, scene: Scene, word: Found, ordinary: Spelling) -> bool:
    text = scene.read.folded
    plural = text[word.start : word.end].endswith("s")
    if len(span.text) < 3 or span.text in ordinary or plural:
        return False
    return bool(_EAST_ASIAN.search(text) or _AFTER_A_NAME.match(text, span.end))


def _close(scene: Scene, end: int, start: int, most: int) -> bool:
    between = scene.read.folded[end:start]
    return 0 <= start - end <= most and _BETWEEN.fullmatch(between) is not None


def _by_shape(spans: Sequence[_Span], text: str, ordinary: Spelling) -> Iterator[_Span]:
    """Parts joined by `-` or `_` that are no English compound."""
    for span in spans:
        parts = re.split(r"[_-]", span.text)
        if len(parts) < 2 or not COMPOUND.fullmatch(span.text) or sum(map(len, parts)) <= 3:
            continue
        known = ENVIRONMENTS.intersection(parts)
        numbered = parts[-1].isdigit() and parts[0].isalpha()
        strange = len(parts[-1]) == 1 or not all(part in ordinary for part in parts)
        if known or numbered or strange or _placed(span, text):
            yield span


def _placed(span: _Span, text: str) -> bool:
    """*in hr-analytics stuck*, hr-analyticsで: where a name stands."""
    if _EAST_ASIAN.search(text):
        return bool(_AFTER_A_NAME_ASIAN.match(text, span.end))
    return bool(_PREPOSITION.search(text[: span.start]) and _AFTER_A_NAME.match(text, span.end))


def _quoted(spans: Sequence[_Span], text: str, ordinary: Spelling) -> Iterator[_Span]:
    """A lone word in backticks that everybody does not use."""
    for span in spans:
        inside = text[span.start - 1 : span.start] == "`" and text[span.end : span.end + 1] == "`"
        if inside and len(span.text) > 2 and span.text not in ordinary and span.text.isalpha():
            yield span


def _unknown(spans: Sequence[_Span], scene: Scene, ordinary: Spelling) -> Iterator[_Span]:
    """A word that nobody else uses, in the place of a name: *on omicron fails*, kurosio、…"""
    text = scene.read.folded
    for span in spans:
        plain_word = len(span.text) > 3 and span.text.isalpha()
        written = scene.read.written[span.start : span.end]
        if not plain_word or written != span.text or ordinary.nearly(span.text):
            continue
        opens = not text[: span.start].strip(" \ue000`「")
        if _placed(span, text) or (opens and _EAST_ASIAN.search(text)):
            yield span
