"""Which cluster a message is about.

The account's own names come first, spelling slips forgiven. Otherwise a name is told by its place
(beside *cluster*, クラスター, 集群), by its shape (`shop-live`, `analytics_eu`, `prod-1`), or by
being a long number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from bot.understanding.scene import Scene
from bot.understanding.terms import Found
from bot.understanding.tokens import EAST_ASIAN

_SPAN = re.compile(r"[a-z0-9][a-z0-9_.-]*[a-z0-9]|[a-z0-9]")
_EAST_ASIAN = re.compile(f"[{EAST_ASIAN}]")
_NUMBER = re.compile(r"\d{8,20}")
_COMPOUND = re.compile(r"[a-z][a-z0-9]*(?:[_-][a-z0-9]+)+|[a-z]{2,}\d+[a-z0-9]*")
_REGION = re.compile(
    r"(?:us|eu|ap|ca|sa|af|me|il|cn|asia|europe|northamerica|southamerica|australia)-"
    r"(?:gov-)?(?:north|south|east|west|central|northeast|southeast|northwest|southwest)"
    r"[a-z]*-?\d?[a-z]?|[a-z]+(?:east|west|central|north|south)\d?"
)
_RESOURCE = re.compile(
    r"(?:vpce?|vpc|i|eni|sg|subnet|imp|job|task|inv|req|arn|pod|node|tikv|tidb|pd|tiflash|ticdc|"
    r"utf|sha|tls|ssl|http|error|err|cve|iso|rfc|gpt|v|p|s|t|q|r|m|c|db)[-_]?\d+[a-z0-9.-]*"
    r"|(?:vpce|imp|job|inv|req|diag|svc|sup)-[a-z0-9-]+|(?:t|tbl|idx|fk|pk)_[a-z0-9_]+"
)
_ENVIRONMENTS = frozenset(
    """prod production prd live stg stage staging stag dev develop test testing tst uat qa int pre
    preprod sandbox demo poc core main primary replica dr backup eu us ap jp sg hk cn tw uk de fr in
    tokyo osaka tyo fra sin global shared internal gray grey canary""".split()
)
_CODE_BLOCK = re.compile("\ue005.*?\ue005", re.DOTALL)
_AFTER_A_NAME = re.compile(
    r"[`'\"]?(?:$|[\n,.:;!?()–]|\s-|\s(?:is|was|has|had|keeps|went|isn't|isnt|in|on|since|does|doesn't|"
    r"can't|cannot|won't|for|to|from|at|and|stopped|started|got|again|seems|needs|down|please|pls)\b)"
)
"""What may follow a name in English; after another word, *cluster wont resume*, none is given."""
_NOT_OURS = re.compile(
    r"(?:org(?:anisation|anization)?|account|project|tenant|user|invoice|job|phone|tel|order|"
    r"組織|アカウント|プロジェクト|組織id|项目|組織|组织|账号|帐号|電話|电话|db|database|table|schema|"
    r"データベース|テーブル|数据库|表)[\s:：#]*(?:id)?[\s:：#=は]*[`'\"]?$"
)
_CALLED_AFTER = re.compile(
    r"[`'\"」』\s]*(?:という|って|と言う|这个|這個|の|,|、|，|は|が|で|に|$|\n)"
)


@dataclass(frozen=True, slots=True)
class _Span:
    text: str
    start: int
    end: int


def find_cluster(
    scene: Scene, own_names: Sequence[str], ordinary: Callable[[str], bool]
) -> str | None:
    """The cluster's name as the account or the author spells it.

    `ordinary` tells words that everybody uses, so that *cluster wont* names no cluster.
    """
    spans = [_Span(m.group(), m.start(), m.end()) for m in _SPAN.finditer(scene.read.folded)]
    own = _own(scene.read.folded, spans, own_names)
    if own is not None:
        return own
    taken = {term.start for term in scene.words_of("cluster.never")}
    inside = [
        (term.start, term.end)
        for part in ("words", "before", "after")
        for term in scene.words_of(f"cluster.{part}")
    ]
    inside += [match.span() for match in _CODE_BLOCK.finditer(scene.read.folded)]
    spans = [
        span
        for span in spans
        if not any(start <= span.start < end for start, end in inside)
        and _possible(span, scene, taken)
    ]
    for test in (_beside_word, _shaped, _numbered, _quoted, _leading):
        for span in test(spans, scene, ordinary):
            return scene.read.written[span.start : span.end]
    link = next(filter(None, map(_in_link, scene.read.links)), None)
    return link


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


def _possible(span: _Span, scene: Scene, taken: set[int]) -> bool:
    text = span.text
    if span.start in taken or _REGION.fullmatch(text) or _RESOURCE.fullmatch(text):
        return False
    before = scene.read.folded[max(0, span.start - 24) : span.start]
    if re.search(r"[@/#$%<=]$|[a-z0-9)][.(]$", before):
        return False
    after = scene.read.folded[span.end : span.end + 1]
    return after not in ("@", "/", "(", "=") and not _NOT_OURS.search(before)


def _beside_word(
    spans: Sequence[_Span], scene: Scene, ordinary: Callable[[str], bool]
) -> Iterator[_Span]:
    """A name right after *called*, or right after or before *cluster*."""
    for word in scene.words_of("cluster.before"):
        for span in spans:
            if _close(scene, word.end, span.start, 10) and len(span.text) > 1:
                if _named(span) or not ordinary(span.text):
                    yield span
    for word in scene.words_of("cluster.words"):
        for span in spans:
            if _close(scene, word.end, span.start, 6) and (
                _named(span) or _bare_name(span, scene, word, ordinary)
            ):
                yield span
    for word in scene.words_of("cluster.words"):
        for span in spans:
            if _close(scene, span.end, word.start, 4) and (
                _named(span) or (len(span.text) > 3 and not ordinary(span.text))
            ):
                yield span


def _bare_name(span: _Span, scene: Scene, word: Found, ordinary: Callable[[str], bool]) -> bool:
    text = scene.read.folded
    if len(span.text) < 3 or ordinary(span.text) or text[word.start : word.end].endswith("s"):
        return False
    return bool(_EAST_ASIAN.search(text) or _AFTER_A_NAME.match(text, span.end))


def _close(scene: Scene, end: int, start: int, most: int) -> bool:
    """Only spaces, quotation marks, colons or small particles lie between."""
    if not 0 <= start - end <= most:
        return False
    between = scene.read.folded[end:start]
    return (
        re.fullmatch(
            r"[\s`'\"“「『:：#(（*_=,、，]*(?:id|name|is|名|は|が|の|で|是|的|叫)?[\s`'\"“「『:：#(*_]*",
            between,
        )
        is not None
    )


def _named(span: _Span) -> bool:
    return bool(
        _NUMBER.fullmatch(span.text)
        or (_COMPOUND.fullmatch(span.text) and any(c in "-_0123456789" for c in span.text))
    )


def _shaped(
    spans: Sequence[_Span], scene: Scene, ordinary: Callable[[str], bool]
) -> Iterator[_Span]:
    """`shop-live`, `prod-1`: parts joined by `-` or `_`, not an English compound."""
    for span in spans:
        parts = re.split(r"[_-]", span.text)
        if len(parts) < 2 or not _COMPOUND.fullmatch(span.text):
            continue
        short = sum(map(len, parts)) > 3
        known = _ENVIRONMENTS.intersection(parts)
        digit = parts[-1].isdigit() and parts[0].isalpha()
        letter = len(parts[-1]) == 1
        if short and (known or digit or letter or not all(map(ordinary, parts))):
            yield span


def _numbered(
    spans: Sequence[_Span], scene: Scene, ordinary: Callable[[str], bool]
) -> Iterator[_Span]:
    yield from (span for span in spans if _NUMBER.fullmatch(span.text) and len(span.text) >= 9)


def _quoted(
    spans: Sequence[_Span], scene: Scene, ordinary: Callable[[str], bool]
) -> Iterator[_Span]:
    """A lone word in backticks that everybody does not use."""
    text = scene.read.folded
    for span in spans:
        inside = text[span.start - 1 : span.start] == "`" and text[span.end : span.end + 1] == "`"
        if inside and len(span.text) > 2 and not ordinary(span.text) and span.text.isalpha():
            yield span


def _leading(
    spans: Sequence[_Span], scene: Scene, ordinary: Callable[[str], bool]
) -> Iterator[_Span]:
    """In East Asian text: an unknown Latin word that opens the message (`kurosio、…`)."""
    if not _EAST_ASIAN.search(scene.read.folded):
        return
    for span in spans[:1]:
        opening = scene.read.folded[: span.start].strip(" \ue000`「")
        if not opening and len(span.text) > 3 and span.text.isalpha() and not ordinary(span.text):
            if _CALLED_AFTER.match(scene.read.folded[span.end :]):
                yield span


def _in_link(link: str) -> str | None:
    match = re.search(r"clusters?/([a-z0-9_-]{3,40})", link.lower())
    return match.group(1) if match else None
