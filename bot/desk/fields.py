"""Reading a typed reply as the value of the field that was asked for. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from bot.desk.forms import Field
from bot.desk.heard import Heard, Surroundings
from bot.desk.requests import SEVERITIES, Severity

_SEVERITY = re.compile(
    # A severity called one: "sev 2", "severity: S3", 重大度は2.
    r"(?<![a-z0-9])(?:sev(?:erity)?|priority|p|(?:重大|重要|優先|緊急)度|(?:严重|嚴重|紧急)程度|优先级)"
    r"[\s\-:はがを是为]*s?([1-4])(?![a-z0-9])"
    # S1, S2 or S4 standing alone, not inside a name such as prod-s1.
    r"|(?<![\w.\-/])s[\s\-]?([124])(?![a-z0-9_]|[.\-/]\w)"
    # S3 is also where backups lie: it must be a clause of its own.
    r"|(?:^|[,、。;:!(\[\n])\s*s[\s\-]?(3)(?=\s*(?:$|[,.、。;:!)\]\n](?!\w)|です|でお願|级|級))"
)
_ANSWERED = re.compile(
    r"(?<![\w.\-/])s[\s\-]?([1-4])(?![a-z0-9_]|[.\-/]\w)"
    r"|^\s*([1-4])(?:です|でお願いします|で)?[\s.!。]*$"
)
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_CLUSTER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]{1,62}")
_SHORT_ANSWER = 16
_ENOUGH_WORDS = 6
_ENOUGH_CJK = 12
_TELLING_WORDS = 2
_TELLING_CJK = 4
"""What must be left beside the words that only ask for help."""


def explicit_severity(text: str) -> str:
    """`S1`…`S4` when the words name one, else empty."""
    found = _SEVERITY.search(_plain(text))
    return f"S{found[1] or found[2] or found[3]}" if found else ""


def named_severities(text: str) -> tuple[Severity, ...]:
    """All severities that the words name, in their order."""
    found = [f"S{one[1] or one[2] or one[3]}" for one in _SEVERITY.finditer(_plain(text))]
    return tuple(level for name in found for level in SEVERITIES if level == name)


def _answered_severity(text: str) -> str:
    """The severity in a reply to the question for it, where `3` and `S3` mean nothing else."""
    # In more than a few words `s3` may be a bucket.
    found = _ANSWERED.search(_plain(text)) if len(text) <= _SHORT_ANSWER else None
    return explicit_severity(text) or (f"S{found[1] or found[2]}" if found else "")


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def says_enough(text: str, around: Surroundings) -> bool:
    """The words describe something: six words or a dozen kana and kanji, and not only words such
    as "I need help with cluster prod-1", which say no more than that help is wanted.
    """
    words, ideographs = _amount(text)
    if ideographs < _ENOUGH_CJK and words < _ENOUGH_WORDS:
        return False
    words, ideographs = _amount(_without_generic(text, around))
    return words >= _TELLING_WORDS or ideographs >= _TELLING_CJK


def is_telling(value: str, around: Surroundings) -> bool:
    """Something is left beside the words that say no more than that help is wanted."""
    return bool(_without_generic(value, around).strip())


def _without_generic(text: str, around: Surroundings) -> str:
    left = _plain(text)
    for name in sorted((*around.clusters, *around.generic), key=len, reverse=True):
        folded = _plain(name)
        edge = r"(?<![a-z0-9])" if folded[:1].isascii() else ""
        end = r"(?![a-z0-9])" if folded[-1:].isascii() else ""
        left = re.sub(edge + re.escape(folded) + end, " ", left)
    return re.sub(r"[^\w]+", " ", left)


def _amount(text: str) -> tuple[int, int]:
    """Words, and kana and kanji; of writing without spaces two characters count as a word."""
    ideographs = len(_CJK.findall(text))
    return len(_CJK.sub(" ", text).split()) + ideographs // 2, ideographs


def named_plan(text: str, around: Surroundings) -> str:
    """The one plan that is named in the text; empty when none or several are."""
    said = _plain(text)
    found = {
        plan.key
        for plan in around.plans.plans
        for name in (plan.key, *plan.aliases, *plan.names.values())
        if re.search(rf"(?<![a-z0-9]){re.escape(_plain(name).partition('(')[0])}(?![a-z0-9])", said)
    }
    return found.pop() if len(found) == 1 else ""


def named_cluster(text: str, clusters: Sequence[str]) -> str:
    """The last of the account's clusters that is named in the text ("not prod-1 but prod-2")."""
    said = _plain(text)
    found = []
    for name in clusters:
        whole = rf"(?<![a-z0-9_.-]){re.escape(name.casefold())}(?![a-z0-9_-])"
        found += [(match.start(), name) for match in re.finditer(whole, said)]
    return max(found)[1] if found else ""


def read_field(field: Field, heard: Heard, around: Surroundings, *, lenient: bool) -> str:
    """The value the reply gives to `field`, or empty.

    Strict reading takes only what can hardly mean anything else (an option, a known cluster,
    a severity). Lenient reading is tried after a change of subject was ruled out: there a short
    reply is a name and any words are a description.
    """
    text = heard.text.strip()
    slot = heard.meaning.slots.get(field.name, "")
    match field.kind:
        case "severity":
            return _answered_severity(text)
        case "choice":
            if slot in field.options and (lenient or len(text) <= 60):
                return slot
            return _option(field, text, around)
        case "cluster":
            return _cluster(text, slot, around, lenient=lenient)
        case "text" | "long_text":
            if not lenient:
                return ""
            return slot or text
    return ""


def _option(field: Field, text: str, around: Surroundings) -> str:
    said = _plain(text).strip(" .!。！")
    labels = around.labels or {}
    for position, option in enumerate(field.options, start=1):
        words = {option, str(position), *labels.get(f"{field.name}.{option}", ())}
        if said in {word.casefold() for word in words}:
            return option
    return ""


def _cluster(text: str, slot: str, around: Surroundings, *, lenient: bool) -> str:
    said = text.strip("`'\" .。").casefold()
    for name in around.clusters:
        if said == name.casefold():
            return name
    if slot and slot in around.clusters:
        return slot
    if not lenient:
        return ""
    if slot:
        return slot
    names = _CLUSTER_NAME.findall(text)
    short = len(text.split()) <= 3 and len(text) <= 64
    return names[-1] if names and short else (text if short and not names else "")
