"""A text as numbers: which words, letter groups, word groups and kinds of things it has.

Four blocks, each of its own kind and scaled to unit length by the encoder:

`WORDS`   words, pairs of neighbours and pairs with one word between
`LETTERS` groups of 1-4 letters inside words, half from the text as written, half as corrected
`GROUPS`  groups of words of the same meaning (`intents/language.yml`), alone and in pairs
`SHAPE`   mentions, question marks, code, length, how it begins

A feature is a 64-bit hash, so a model is two arrays and no dictionary. With some hundred thousand
features a collision is about as likely as a one in a billion chance.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from bot.understanding.han_variants import simplify
from bot.understanding.normalise import PERSON, Plain
from bot.understanding.spelling import Spelling
from bot.understanding.terms import Found, Terms
from bot.understanding.tokens import PLACEHOLDERS, Token

Ids = NDArray[np.uint64]
Floats = NDArray[np.float32]

WORDS, LETTERS, GROUPS, SHAPE = range(4)
BLOCKS = (WORDS, LETTERS, GROUPS, SHAPE)

_LONGEST_GROUP = 4
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_SKIP = np.uint64(0xC2B2AE3D27D4EB4F)
_SPACE = ord(" ")


@dataclass(frozen=True, slots=True)
class Block:
    """Distinct features of one kind and how often each occurs."""

    ids: Ids
    counts: Floats


@dataclass(frozen=True, slots=True)
class Features:
    """The blocks of one text, in the order of `BLOCKS`."""

    blocks: tuple[Block, ...]


class Featuriser:
    """Text → features, given the words that are known."""

    def __init__(self, spelling: Spelling, groups: Terms, ticket_prefix: str) -> None:
        self._spelling = spelling
        self._groups = groups
        self._own_key = f"{ticket_prefix.lower()}-"

    def features(self, text: Plain, tokens: list[Token]) -> Features:
        """The features of one message, or of one clause of it."""
        units = [self._unit(token) for token in tokens]
        corrected = [self._correct(token) for token in tokens]
        words = _word_features(corrected_units(units, corrected))
        letters = _letter_features(_runs(tokens, None), _runs(tokens, corrected))
        found = self._groups.find(_respelled(tokens, corrected))
        return Features(
            (words, letters, _group_features(found), _shape_features(text, tokens, units))
        )

    def _correct(self, token: Token) -> str:
        return self._spelling.correct(token.text) if token.kind == "word" else token.text

    def _unit(self, token: Token) -> str | None:
        """The kind of thing that stands for a token; `None` for words and characters."""
        match token.kind:
            case "word" | "asian":
                return None
            case "placeholder":
                return PLACEHOLDERS[token.text]
            case "number":
                return _number(token.text)
            case "key":
                return "§ticket" if token.text.startswith(self._own_key) else "§key"
            case "mark":
                return "§?" if "?" in token.text else "§!"
            case kind:
                return f"§{kind}"


def corrected_units(units: list[str | None], corrected: list[str]) -> list[str]:
    """What the word features are made of: kinds where there are kinds, else words."""
    return [unit or simplify(word) for unit, word in zip(units, corrected, strict=True)]


def _number(text: str) -> str:
    digits = sum(map(str.isdigit, text))
    return "§id" if digits >= 7 else f"§digits{digits}"


def _respelled(tokens: list[Token], corrected: list[str]) -> list[Token]:
    return [
        token if token.text == word else Token(word, token.kind, token.start, token.end)
        for token, word in zip(tokens, corrected, strict=True)
    ]


def _runs(tokens: list[Token], corrected: list[str] | None) -> str:
    """Words and runs of characters between single spaces; other things are left out."""
    parts: list[str] = [" "]
    asian_end = -1
    for number, token in enumerate(tokens):
        if token.kind == "asian":
            if token.start != asian_end:
                parts.append(" ")
            parts.append(token.text)
            asian_end = token.end
        elif token.kind == "word":
            parts += (" ", token.text if corrected is None else corrected[number])
    parts.append(" ")
    return simplify("".join(parts))


@lru_cache(maxsize=50_000)
def _hash(word: str) -> int:
    written = word.encode("utf-8", "surrogatepass")
    return zlib.crc32(written) << 32 | zlib.crc32(written[::-1], 0x5BD1E995)


def hashes(words: Iterable[str]) -> Ids:
    """One 64-bit feature a word."""
    return np.fromiter((_hash(word) for word in words), dtype=np.uint64)


def _counted(ids: Ids, weights: Floats | None = None) -> Block:
    distinct, inverse = np.unique(ids, return_inverse=True)
    counts = np.bincount(inverse, weights=weights, minlength=len(distinct))
    return Block(distinct, counts.astype(np.float32))


def _word_features(units: list[str]) -> Block:
    single = hashes(units)
    if len(single) < 2:
        return _counted(single)
    pairs = single[:-1] * _MULTIPLIER + single[1:]
    apart = single[:-2] * _SKIP + single[2:]
    return _counted(np.concatenate((single, pairs, apart)))


def _letter_features(written: str, corrected: str) -> Block:
    if written == corrected:
        return _counted(_letter_groups(written))
    both = (_letter_groups(written), _letter_groups(corrected))
    halves = np.full(sum(map(len, both)), 0.5, dtype=np.float32)
    return _counted(np.concatenate(both), halves)


def _letter_groups(text: str) -> Ids:
    """Hashes of all groups of 1-4 letters that do not cross a space (it may begin or end one)."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    codes = codes.astype(np.uint64)
    space = codes == _SPACE
    spaces_before = np.concatenate(([0], np.cumsum(space)))
    found = [_MULTIPLIER ^ codes[~space]]
    rolling = codes
    for size in range(2, _LONGEST_GROUP + 1):
        rolling = rolling[:-1] * _MULTIPLIER + codes[size - 1 :]
        starts = np.arange(len(rolling))
        inside = spaces_before[starts + size - 1] - spaces_before[starts + 1]
        bare = space[: len(rolling)] & space[size - 1 :]
        found.append((rolling * _SKIP + np.uint64(size))[(inside == 0) & ~bare])
    return np.concatenate(found)


def _group_features(found: list[Found]) -> Block:
    names = list(dict.fromkeys(f"≈{term.value}" for term in found))
    single = hashes(names)
    if len(single) < 2:
        return _counted(single)
    ordered = np.sort(single)
    left, right = np.triu_indices(len(ordered), 1)
    pairs = ordered[left] * _MULTIPLIER + ordered[right]
    return _counted(np.concatenate((single, pairs)))


def _shape_features(text: Plain, tokens: list[Token], units: list[str | None]) -> Block:
    names = {unit for unit in units if unit}
    length = len(tokens)
    names.add(f"§length{min(length.bit_length(), 8)}")
    if text.folded.startswith(PERSON):
        names.add("§to a person")
    if tokens:
        names.add(f"first {tokens[0].text}")
        names.add(f"last {tokens[-1].text}")
    if not any(token.kind in ("word", "asian") for token in tokens):
        names.add("§wordless")
    return _counted(hashes(sorted(f"·{name}" for name in names)))
