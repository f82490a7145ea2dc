"""The name of the feature somebody applies for, cut out of the sentence.

A sentence is cut at its small words, at the words of applying (*apply for*, 申请, に申し込む) and
at those of previews (*beta*, 内测, ベータ). What lies between are candidates. A candidate wins by
standing beside such a word, by the nouns features are made of (*vector*, 加密, ログ), and by
looking like a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.understanding.scene import Scene
from bot.understanding.tokens import Token

_LONGEST = 48
"""Characters; longer candidates are half sentences."""
_NEAR = 6
"""Characters between a candidate and a word beside it (*apply for the new*)."""
_SMALL_WORDS = (
    "a about after all already also an and any anyone are as ask asking at available be been "
    "being blog bit but by call called can company could currently customer customers cluster "
    "deadline did do docs documentation does early else enough even every find folks from get "
    "getting give go got great guys had happy has have he hear hello help her here hey hi how i "
    "if in into is isn't it its just keen know let like list little looks love make manager "
    "many marked maybe me mentioned might more my need needs new no not now of on once one ones "
    "only open or org organisation organization other our out page please pls plz possible "
    "project put question read really request said says see seems sheet she should sign since "
    "so some someone soon still stuff subscribe such sure team tell tenant than thanks that "
    "thats the their them then there they think this those thx to today too toggle too until up "
    "us use using version very via want wants was we we'd we're week well were what when where "
    "which while who whom why will with would yes yet you your you're yourselves flipped "
    "switched turned enabled gated listed included let's it's i'm i'd we've i've saw seen "
    "webinar meetup region regions account id"
)
_CUTTING = frozenset(_SMALL_WORDS.split())
_JOINING = frozenset(("for", "on", "to", "from", "in", "into", "of", "with", "and"))
"""Small words that may stand inside a name (*CMEK on Azure*), when a name word follows."""
_CUTTING_CHINESE = frozenset(
    "我你您他她它们咱请帮给想能把将让被是在有没还都就那这些个的了吗呢吧啊呀哈也很要得跟因"
    "所如若且或但看听说讲写下求加想试吧麻烦申领问咋啥怎么何谁哪已经再才只可以会该应需呗嘛"
    "啦哦噢先早晚天月年号贵司方当好像知道首批"
)
_JOINING_KANA = frozenset("のとやからへ")
_HIRAGANA = re.compile("[\u3041-\u3096]")
_KANA = re.compile("[\u3041-\u30ff]")
_TRIM = " \t\n`*_~'\"“”‘’「」『』【】《》:：,，、。·・-–.()（）"
_GENERIC_TAIL = re.compile(
    r"(?:\s+(?:feature|features|thing|option|button|menu|mode|support|beta|preview|for))+$"
    r"|の(?:機能|スイッチ|ボタン|プレビュー|ベータ|指定|説明|利用|使用|申請|申し込み|許可リスト|限定公開|件|部分)$"
    r"|\s機能$|[のとやからへ]+$|(?:功能|开关|按钮|面板上)$"
)
_GENERIC_HEAD = re.compile(
    r"^(?:(?:for|on|to|from|in|into|of|with|and)\s+)+|^(?:组织|組織|org)?\s*(?:id\s*)?\d{4,}\s*"
    r"|^[のとやからへ]+|^.{0,12}(?:での|にある)"
)


@dataclass(frozen=True, slots=True)
class _Run:
    """Neighbouring tokens that may be a name."""

    start: int
    end: int


def find_feature(scene: Scene) -> str | None:
    """The name as the author writes it, or `None`."""
    best: tuple[float, str] | None = None
    for run in _runs(scene):
        name = _tidy(scene.read.written[run.start : run.end])
        if name is None:
            continue
        score = _score(scene, run, name)
        if score > 0 and (best is None or score > best[0]):
            best = (score, name)
    return best[1] if best else None


def _runs(scene: Scene) -> Iterator[_Run]:
    borders, nouns = _borders(scene), _spans(scene, ("feature.words",))
    start: int | None = None
    end = joined = 0
    for token in scene.tokens:
        noun = _within(token, nouns)
        inside = noun or not _within(token, borders)
        cuts = not noun and _cuts(token, scene)
        gap = start is not None and _gap(scene.read.folded[end : token.start])
        if start is not None and (gap or not inside or cuts):
            if inside and not gap and _joins(token):
                joined = token.end
                end = token.end
                continue
            yield _Run(start, end)
            start = None
        if start is None and inside and not cuts:
            start, end = token.start, token.end
        elif start is not None:
            end = token.end
    if start is not None:
        yield _Run(start, max(end, joined))


def _borders(scene: Scene) -> list[tuple[int, int]]:
    return _spans(scene, ("feature.before", "feature.after", "feature.never"))


def _spans(scene: Scene, kinds: Sequence[str]) -> list[tuple[int, int]]:
    return [(term.start, term.end) for kind in kinds for term in scene.words_of(kind)]


def _within(token: Token, spans: Sequence[tuple[int, int]]) -> bool:
    return any(first <= token.start < last for first, last in spans)


def _gap(between: str) -> bool:
    """Neighbours may be parted by a space, a hyphen, a slash or a quotation mark."""
    return len(between) > 2 or any(letter in between for letter in ".!?;:\n,，。、；：（()）>")


def _cuts(token: Token, scene: Scene) -> bool:
    if token.kind == "asian":
        if _HIRAGANA.fullmatch(token.text):
            return True
        japanese = _KANA.search(scene.read.folded) is not None
        return not japanese and token.text in _CUTTING_CHINESE
    if token.kind in ("placeholder", "mark", "mail", "money", "time", "key", "name"):
        return True
    return token.kind == "word" and token.text in _CUTTING


def _joins(token: Token) -> bool:
    return token.text in _JOINING or token.text in _JOINING_KANA


def _tidy(name: str) -> str | None:
    before = ""
    name = name.strip(_TRIM)
    while name != before:
        before = name
        name = _GENERIC_HEAD.sub("", name).strip(_TRIM)
        name = _GENERIC_TAIL.sub("", name).strip(_TRIM)
        words = name.split()
        while words and words[-1] in _JOINING:
            words.pop()
        name = " ".join(words) if words else ""
    if not 2 <= len(name) <= _LONGEST or len(name.split()) > 6 or name.isdigit():
        return None
    return name


def _score(scene: Scene, run: _Run, name: str) -> float:
    score = -0.02 * run.start / max(len(scene.read.folded), 1)
    before = (run.start - term.end for term in scene.words_of("feature.before"))
    after = (term.start - run.end for term in scene.words_of("feature.after"))
    for distances in (before, after):
        score += 1.2 * any(0 <= distance <= _NEAR for distance in distances)
    nouns = [
        term
        for term in scene.words_of("feature.words")
        if run.start <= term.start and term.end <= run.end
    ]
    score += 1.5 * bool(nouns) + 0.3 * min(len(nouns), 3)
    written = scene.read.written
    if written[run.start - 1 : run.start] in ("`", "*", "「", '"', "'", "“"):
        score += 0.8
    if re.search(r"[A-Z]{2}|[a-z][A-Z]|[A-Z][a-z]+ [A-Z]", name):
        score += 0.8
    if len(name) <= 3 and not nouns:
        score -= 1.0
    return score
