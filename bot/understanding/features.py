"""A text as numbers: which words, letter groups, word groups and kinds of things it has.

Four blocks, each of its own kind and scaled to unit length by the encoder:

`WORDS`   words, pairs of neighbours and pairs with one word between
`LETTERS` groups of 1-4 letters inside words, half from the text as written, half as corrected
`GROUPS`  groups of words of the same meaning (`intents/language.yml`), alone and in pairs
`SHAPE`   mentions, question marks, code, length, how it begins

A feature is a 64-bit hash, so a model is a few arrays and no dictionary. With some hundred thousand
features a collision is about as likely as one in a billion. Beside them stand the text's word
pieces, whose meaning is known from elsewhere (`word_vectors.py`).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from bot.understanding.normalise import PERSON, Plain
from bot.understanding.pieces import Pieces
from bot.understanding.spelling import Spelling
from bot.understanding.tokens import PLACEHOLDERS, Token

Ids = NDArray[np.uint64]
Floats = NDArray[np.float32]

WORDS, LETTERS, GROUPS, SHAPE = range(4)
BLOCKS = (WORDS, LETTERS, GROUPS, SHAPE)

_LONGEST_GROUP = 4
_REQUEST = " ticket "
_MOST_PIECES = 256
"""Word pieces that are read; what a message is about shows early."""
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_SKIP = np.uint64(0xC2B2AE3D27D4EB4F)
_SPACE = ord(" ")


@dataclass(frozen=True, slots=True)
class Features:
    """Distinct features of one text; three parallel arrays, sorted by id."""

    ids: Ids
    counts: Floats
    blocks: NDArray[np.uint8]
    pieces: tuple[int, ...] = ()
    """Numbers of the text's word pieces, in order."""

    def of(self, block: int) -> Ids:
        """The features of one block."""
        found: Ids = self.ids[self.blocks == block]
        return found


class Featuriser:
    """Text → features, given the words that are known."""

    def __init__(self, spelling: Spelling, ticket_prefix: str, pieces: Pieces) -> None:
        self._spelling = spelling
        self._pieces = pieces
        self._own_key = f"{ticket_prefix.lower()}-"

    def corrected(self, tokens: Sequence[Token]) -> list[Token]:
        """The tokens with typing slips mended; positions stay those of the text."""
        found = list(tokens)
        for at in range(1, len(found)):
            left, right = found[at - 1], found[at]
            if left.kind == right.kind == "word" and left.end + 1 == right.start:
                first, second = self._spelling.apart(left.text, right.text)
                if first != left.text:
                    found[at - 1] = replace(left, text=first)
                    found[at] = replace(right, text=second)
        for at, token in enumerate(found):
            if token.kind == "word" and token.text not in self._spelling:
                found[at] = replace(token, text=self._spelling.correct(token.text))
        return found

    def features(
        self,
        text: Plain,
        tokens: Sequence[Token],
        corrected: Sequence[Token],
        groups: Iterable[str],
    ) -> Features:
        """The features of one message, or of one clause of it. `groups` are the found ones."""
        kinds = [self._kind(token) for token in tokens]
        words = [kind or token.text for kind, token in zip(kinds, corrected, strict=True)]
        letters, weights = _letter_features(_runs(tokens), _runs(corrected))
        parts = (
            _word_features(words),
            letters,
            _group_features(groups),
            _shape_features(text, tokens, kinds),
        )
        pieces = self._pieces.of(self._spelt(text.folded, tokens, corrected))
        return _distinct(parts, weights, tuple(pieces[:_MOST_PIECES]))

    def _spelt(self, folded: str, tokens: Sequence[Token], corrected: Sequence[Token]) -> str:
        """Words and punctuation, typing slips mended; without names, numbers and what is left out.

        Those tell by their shape alone; one of our numbers stands for its request (*how is
        SUP-999999?*).
        """
        parts: list[str] = []
        end = 0
        for written, mended in zip(tokens, corrected, strict=True):
            between = folded[end : written.start]
            parts.append(" " if any(map(str.isalnum, between)) else between)
            if written.kind == "word":
                parts.append(mended.text)
            elif written.kind in ("asian", "mark"):
                parts.append(folded[written.start : written.end])
            else:
                own = written.kind == "key" and written.text.startswith(self._own_key)
                parts.append(_REQUEST if own else " ")
            end = written.end
        parts.append(folded[end : end + 3])
        return "".join(parts)

    def _kind(self, token: Token) -> str | None:
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
                return f"§{token.text[0]}"
            case kind:
                return f"§{kind}"


def _distinct(parts: Sequence[Ids], letter_weight: float, pieces: tuple[int, ...]) -> Features:
    """Counts equal ids; letter groups count `letter_weight` each."""
    sizes = [len(part) for part in parts]
    ids = np.concatenate(parts)
    if not len(ids):
        none = np.empty(0, dtype=np.float32)
        return Features(ids, none, np.empty(0, dtype=np.uint8), pieces)
    blocks = np.repeat(np.arange(len(parts), dtype=np.uint8), sizes)
    order = ids.argsort()
    ids, blocks = ids[order], blocks[order]
    first = np.flatnonzero(np.concatenate(([True], ids[1:] != ids[:-1])))
    counts = np.diff(np.append(first, len(ids))).astype(np.float32)
    ids, blocks = ids[first], blocks[first]
    counts[blocks == LETTERS] *= np.float32(letter_weight)
    return Features(ids, counts, blocks, pieces)


def _number(text: str) -> str:
    digits = sum(map(str.isdigit, text))
    return "§id" if digits >= 7 else f"§digits{digits}"


def _runs(tokens: Sequence[Token]) -> str:
    """Words and runs of characters between single spaces; other things are left out."""
    parts: list[str] = []
    end = -1
    for token in tokens:
        if token.kind == "asian":
            if token.start != end:
                parts.append(" ")
            parts.append(token.text)
            end = token.end
        elif token.kind == "word":
            parts += (" ", token.text)
    parts.append(" ")
    return "".join(parts)


@lru_cache(maxsize=50_000)
def _hash(word: str) -> int:
    written = word.encode("utf-8", "surrogatepass")
    return zlib.crc32(written) << 32 | zlib.crc32(written[::-1], 0x5BD1E995)


def _hashes(words: Sequence[str]) -> Ids:
    """One 64-bit feature a word."""
    return np.array([_hash(word) for word in words], dtype=np.uint64)


def _word_features(words: Sequence[str]) -> Ids:
    single = _hashes(words)
    if len(single) < 2:
        return single
    pairs = single[:-1] * _MULTIPLIER + single[1:]
    apart = single[:-2] * _SKIP + single[2:]
    return np.concatenate((single, pairs, apart))


def _letter_features(written: str, corrected: str) -> tuple[Ids, float]:
    """Letter groups, and how much each occurrence counts."""
    if written == corrected:
        return _letter_groups(written), 1.0
    return np.concatenate((_letter_groups(written), _letter_groups(corrected))), 0.5


def _letter_groups(text: str) -> Ids:
    """Hashes of all groups of 1-4 letters that do not cross a space (it may begin or end one)."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    codes = codes.astype(np.uint64)
    letter = codes != _SPACE
    found = [(_MULTIPLIER ^ codes)[letter]]
    rolling, inside = codes, None
    for size in range(2, _LONGEST_GROUP + 1):
        if len(rolling) < 2:
            break
        rolling = rolling[:-1] * _MULTIPLIER + codes[size - 1 :]
        if inside is None:
            keep = letter[:-1] | letter[1:]
            inside = np.ones(len(rolling), dtype=bool)
        else:
            inside = inside[:-1] & letter[size - 2 : -1]
            keep = inside
        found.append((rolling * _SKIP + np.uint64(size))[keep])
    return np.concatenate(found)


@lru_cache(maxsize=256)
def _pairs_of(size: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    left, right = np.triu_indices(size, 1)
    return left, right


def _group_features(groups: Iterable[str]) -> Ids:
    single = _hashes([f"≈{name}" for name in dict.fromkeys(groups)])
    if len(single) < 2:
        return single
    single.sort()
    left, right = _pairs_of(len(single))
    return np.concatenate((single, single[left] * _MULTIPLIER + single[right]))


def _shape_features(text: Plain, tokens: Sequence[Token], kinds: Sequence[str | None]) -> Ids:
    names = {f"·{kind}" for kind in kinds if kind}
    names.add(f"·length{min(len(tokens).bit_length(), 8)}")
    if text.folded.startswith(PERSON):
        names.add("·to a person")
    if tokens:
        names.add(f"·first {tokens[0].text}")
        names.add(f"·last {tokens[-1].text}")
    return _hashes(sorted(names))
