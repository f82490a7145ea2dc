"""Secrets out of what people write, before anything is stored. Pure and in linear time."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.desk import arrivals as a
from bot.desk.secret_patterns import AWS_SECRET, CARD_NUMBER, CLUES, PATTERNS

_PEM_BEGIN, _PEM_END = "-----BEGIN ", "-----END "
_NARROW = {
    **{0xFF10 + digit: ord("0") + digit for digit in range(10)},
    **{0xFF21 + letter: ord("A") + letter for letter in range(26)},
    **{0xFF41 + letter: ord("a") + letter for letter in range(26)},
    0xFF0D: ord("-"), 0x2212: ord("-"), 0x3000: ord(" "), 0xFF3F: ord("_"), 0xFF20: ord("@"),
}  # fmt: skip
"""Full-width forms; one character each, so that places stay the same."""


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text without its secrets, and what kinds they were, each once."""

    text: str
    kinds: tuple[str, ...] = ()


def redacted(text: str) -> Redacted:
    """The text with `[redacted: kind]` in place of every secret found."""
    narrow = text if text.isascii() else text.translate(_NARROW)
    low = narrow.lower()
    spans = _keys_in(narrow) if "-----begin " in low else []
    called = set().union(*(numbers for clue, numbers in CLUES if clue in low))
    for one in (CARD_NUMBER, *(PATTERNS[number] for number in sorted(called))):
        group = "s" if "s" in one.pattern.groupindex else 0
        for found in one.pattern.finditer(narrow):
            if one.plausible is None or one.plausible(found[group]):
                spans.append((*found.span(group), one.kind))
    if any(kind == "aws_key" for _, _, kind in spans):
        spans += [(*found.span(), "aws_key") for found in AWS_SECRET.finditer(narrow)]
    return _without(text, spans) if spans else Redacted(text)


def without_secrets(arrival: a.Arrival) -> a.Arrival:
    """The arrival with every text a person wrote redacted, and the kinds found noted on it."""
    kinds: dict[str, None] = {}

    def clean(text: str) -> str:
        done = redacted(text)
        kinds.update(dict.fromkeys(done.kinds))
        return done.text

    def cleaned(texts: dict[str, str]) -> dict[str, str]:
        return {name: clean(text) for name, text in texts.items()}

    match arrival:
        case a.MessagePosted():
            files = tuple(replace(file, name=clean(file.name)) for file in arrival.files)
            done: a.Arrival = replace(arrival, text=clean(arrival.text), files=files)
        case a.MessageEdited() | a.CommandGiven():
            done = replace(arrival, text=clean(arrival.text))
        case a.FormSubmitted():
            done = replace(
                arrival, values=cleaned(arrival.values), context=cleaned(arrival.context)
            )
        case a.ButtonPressed():
            done = replace(arrival, value=clean(arrival.value))
        case _:
            return arrival
    return replace(done, secrets=tuple(kinds)) if kinds else arrival


def _keys_in(text: str) -> list[tuple[int, int, str]]:
    """Private keys in PEM form; one without an end goes to the end of the text."""
    spans = []
    start = text.find(_PEM_BEGIN)
    while start >= 0:
        head = text[start : start + 64].split("-----", 2)
        end = text.find(_PEM_END, start)
        after = len(text)
        if end >= 0:
            closing = text.find("-----", end + len(_PEM_END))
            after = closing + 5 if closing >= 0 else len(text)
        if len(head) > 1 and "PRIVATE KEY" in head[1]:
            spans.append((start, after, "private_key"))
        start = text.find(_PEM_BEGIN, after)
    return spans


def _without(text: str, spans: list[tuple[int, int, str]]) -> Redacted:
    """Overlapping finds are one; the longest names it."""
    kinds: dict[str, None] = {}
    pieces: list[str] = []
    at = 0
    spans.sort(key=lambda span: (span[0], -span[1]))
    merged: list[tuple[int, int, str]] = []
    for start, end, kind in spans:
        if merged and start < merged[-1][1]:
            before = merged[-1]
            merged[-1] = (before[0], max(before[1], end), before[2])
        else:
            merged.append((start, end, kind))
    for start, end, kind in merged:
        kinds[kind] = None
        pieces += (text[at:start], f"[redacted: {kind.replace('_', ' ')}]")
        at = end
    return Redacted("".join((*pieces, text[at:])), tuple(kinds))
