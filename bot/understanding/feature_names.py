"""The name of the feature somebody applies for, cut out of the sentence.

Words that stand before a name (*apply for*, 申请) and words that stand after one (*preview*,
のベータ, 内测) are its borders; of the candidates between borders the best enclosed one wins.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.understanding.scene import Scene

_STOP = re.compile(r"[.!?;。！？；，,、\n\ue000-\ue005>()（）]|(?<!\w)[:：]|[:：](?=\s)| - ")
_TRIM = " \t\n`*_'\"“”‘’「」『』【】:：,，、。-–.()（）"
_LONGEST = 48
_PRODUCT = re.compile(r"\b(?:[A-Z][a-z]+[A-Z]\w*|[A-Z]{3,6})\b")
"""Names written in mixed case or capitals, such as TiProxy or CMEK."""
_KANA = re.compile("[\u3041-\u30ff]")
_JAPANESE_PARTICLE = re.compile(r"(?:の|を|が|は|に|も|って|とか|について)$")
_OPENING = re.compile(
    r"^(?:(?:the|a|an|our|your|this|that|new|upcoming|for|of|to|in|on|into|using|use|up|out|us|me|with)"
    r"\s+)+"
)
_CLOSING = re.compile(
    r"(?:\s+(?:for|on|in|is|are|please|pls|plz|thing|feature|features|beta|preview|private|public|"
    r"closed|limited|early|access|program|to|as|when|if|and|so|which|that|our|the|a))+$"
)
_CJK_OPENING = re.compile(
    r"^(?:我们|我們|我|一下|下|那个|那個|这个|這個|你们的|你們的|的|到|有|参加|使用|开通|試用|试用|体验)+"
)
_CJK_CLOSING = re.compile(
    r"(?:的|功能的|是|还|還|了|吗|嗎|吧|一下|这个|的话|那个|有|要|能|在|可以)+$"
)


@dataclass(frozen=True, slots=True)
class _Candidate:
    start: int
    end: int
    enclosed: int
    """2: borders on both sides, 1: on one."""


def find_feature(scene: Scene) -> str | None:
    """The name as the author writes it, or `None`."""
    best: tuple[tuple[int, int, int], str] | None = None
    for candidate in _candidates(scene):
        name = _tidy(scene, candidate)
        if name is None:
            continue
        rank = (candidate.enclosed, _looks_like_name(name), -candidate.start)
        if best is None or rank > best[0]:
            best = (rank, name)
    return best[1] if best else None


def _candidates(scene: Scene) -> list[_Candidate]:
    text = scene.read.folded
    stops = [match.span() for match in _STOP.finditer(text)]
    befores = scene.words_of("feature.before")
    afters = scene.words_of("feature.after")
    found = []
    for before in befores:
        end = min([start for start, _ in stops if start >= before.end] or [len(text)])
        first = _skip(text, before.end)
        end = min(
            [n.start for n in scene.words_of("feature.never") if first < n.start < end] or [end]
        )
        closing = [a.start for a in afters if before.end < a.start < end]
        if closing:
            found.append(_Candidate(before.end, min(closing), 2))
        else:
            found.append(_Candidate(before.end, min(end, before.end + _LONGEST), 1))
    for after in afters:
        ends = [0, *(end for _, end in stops if end <= after.start)]
        opening = ends[-1]
        if len(text[opening : after.start].strip(_TRIM)) < 2 and len(ends) > 1:
            opening = ends[-2]  # メンテナンス時間の指定、先行で使いたい
        openers = [b.end for b in befores if opening <= b.end <= after.start]
        nevers = [n.end for n in scene.words_of("feature.never") if opening <= n.end <= after.start]
        begin = max([opening, *openers, *nevers])
        if begin < after.start:
            found.append(_Candidate(begin, after.start, 2 if openers else 1))
    found += (_Candidate(*match.span(), 0) for match in _PRODUCT.finditer(scene.read.written))
    return found


def _skip(text: str, position: int) -> int:
    """Past articles and the like."""
    match = _OPENING.match(text[position:].lstrip())
    blank = len(text[position:]) - len(text[position:].lstrip())
    return position + blank + (match.end() if match else 0)


def _tidy(scene: Scene, candidate: _Candidate) -> str | None:
    name = scene.read.written[candidate.start : candidate.end].strip(_TRIM)
    for pattern in (_OPENING, _CJK_OPENING):
        lead = pattern.match(name.lower())
        name = name[lead.end() :].strip(_TRIM) if lead else name
    if _KANA.search(name):
        name = re.split("での|にある|という", name)[-1].strip(_TRIM)
    for pattern in (_CLOSING, _JAPANESE_PARTICLE if _KANA.search(name) else _CJK_CLOSING):
        tail = pattern.search(name.lower())
        name = name[: tail.start()].strip(_TRIM) if tail else name
    if not 2 <= len(name) <= _LONGEST or len(name.split()) > 6:
        return None
    return name


def _looks_like_name(name: str) -> int:
    """Capitals, digits or few words make a name more likely than a half sentence."""
    score = 0
    if any(letter.isupper() or letter.isdigit() for letter in name):
        score += 1
    if len(name.split()) <= 4 and len(name) <= 28:
        score += 1
    return score
