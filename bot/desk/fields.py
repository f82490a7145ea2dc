"""Reading a typed reply as the value of the field that was asked for. Pure."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from bot.desk.forms import Field

if TYPE_CHECKING:
    from bot.desk.dialogue import Heard, Surroundings

_SEVERITY = re.compile(
    r"(?<![a-z0-9])(?:s|sev|severity|p|重大度|严重程度|嚴重程度)[\s\-:：]*([1-4])(?![a-z0-9])"
)
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_CLUSTER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]{1,62}")
_ENOUGH_WORDS = 6
_ENOUGH_CJK = 12


def explicit_severity(text: str) -> str:
    """`S1`…`S4` when the words name one, else empty."""
    found = _SEVERITY.search(unicodedata.normalize("NFKC", text).casefold())
    return f"S{found[1]}" if found else ""


def says_enough(text: str) -> bool:
    """The words describe something: six words, or a dozen kana and kanji."""
    ideographs = len(_CJK.findall(text))
    return ideographs >= _ENOUGH_CJK or len(text.split()) + ideographs // 2 >= _ENOUGH_WORDS


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
            return explicit_severity(text) or (f"S{text}" if text in "1234" and text else "")
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
    said = unicodedata.normalize("NFKC", text).casefold().strip(" .!。！")
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
