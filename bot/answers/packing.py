"""Named arrays and texts in one block of bytes that opens without being read through.

`.npz` checks and copies every byte when it opens. Here arrays and texts are views into the block,
so that opening costs what the header costs, and nothing in it can run code.

Layout: 8 bytes of mark, header length (little-endian u64), header (JSON: name → place and kind),
padding, then the parts, each on a 64-byte border.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from mmap import mmap
from typing import Any

import numpy as np
import numpy.typing as npt

MARK = b"SBINDEX1"
"""The digit is the layout's version: an older file is refused and built anew."""

_HEAD = struct.Struct("<8sQ")
_BORDER = 64

Array = npt.NDArray[Any]


class UnreadableIndex(Exception):
    """The bytes are no index of this version: build it anew from the pages."""


def packed(parts: Mapping[str, Array | bytes]) -> bytes:
    """One block holding all parts."""
    places: dict[str, dict[str, object]] = {}
    bodies: list[bytes] = []
    position = 0
    for name, part in parts.items():
        body = part if isinstance(part, bytes) else np.ascontiguousarray(part).tobytes()
        kind = None if isinstance(part, bytes) else part.dtype.str
        shape = None if isinstance(part, bytes) else list(part.shape)
        places[name] = {"at": position, "size": len(body), "dtype": kind, "shape": shape}
        padding = -len(body) % _BORDER
        bodies.append(body + b"\0" * padding)
        position += len(body) + padding
    header = json.dumps(places).encode()
    header += b" " * (-(len(header) + _HEAD.size) % _BORDER)
    return b"".join([_HEAD.pack(MARK, len(header)), header, *bodies])


def unpacked(block: bytes | mmap) -> dict[str, Array | memoryview]:
    """The parts as views. Raises `UnreadableIndex`."""
    if len(block) < _HEAD.size:
        raise UnreadableIndex("the index is cut short: build it anew")
    mark, size = _HEAD.unpack_from(block)
    if mark != MARK:
        raise UnreadableIndex("the index has another layout: build it anew")
    view = memoryview(block)
    start = _HEAD.size + size
    try:
        places = json.loads(bytes(view[_HEAD.size : start]))
        return {name: _part(view, start, place) for name, place in places.items()}
    except (ValueError, KeyError, TypeError) as error:
        raise UnreadableIndex("the index is damaged: build it anew") from error


def _part(view: memoryview, start: int, place: Mapping[str, Any]) -> Array | memoryview:
    at, size = start + int(place["at"]), int(place["size"])
    if at + size > len(view):
        raise ValueError("a part reaches past the end")
    body = view[at : at + size]
    if place["dtype"] is None:
        return body
    return np.frombuffer(body, dtype=np.dtype(place["dtype"])).reshape(place["shape"])


def joined(texts: Sequence[bytes]) -> tuple[bytes, npt.NDArray[np.int64]]:
    """Texts end to end, and where each one starts (one more entry than texts)."""
    starts = np.zeros(len(texts) + 1, dtype=np.int64)
    np.cumsum([len(text) for text in texts], out=starts[1:])
    return b"".join(texts), starts
