"""Folders of arrays that are kept between starts, written whole or not at all.

A folder is written beside its place and moved there in one step: two processes that write at once
both leave a whole one, and what is in use elsewhere is never changed. The arrays are mapped into
memory when they are read, so only what is used takes room.
"""

from __future__ import annotations

import json
import logging
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

_VALUES = "values.json"

_log = logging.getLogger(__name__)


def keep(place: Path, values: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
    """Writes everything; what cannot be written costs time at the next start, no more."""
    folder = place.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, suffix=".part") as name:
            beside = Path(name) / "whole"
            beside.mkdir()
            (beside / _VALUES).write_text(json.dumps(values), encoding="utf-8")
            for array, content in arrays.items():
                np.save(beside / f"{array}.npy", content, allow_pickle=False)
            if place.exists():  # it could not be read, or somebody was as quick
                place.rename(Path(name) / "before")
            beside.rename(place)
    except OSError as error:
        _log.warning("%s cannot be kept: %s", place, error)


def read(place: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]] | None:
    """What was kept, or `None` when there is nothing that can be read."""
    try:
        values = json.loads((place / _VALUES).read_text(encoding="utf-8"))
        arrays = {
            # As plain arrays: the class of mapped ones costs time with every row that is taken.
            file.stem: np.asarray(np.load(file, mmap_mode="r", allow_pickle=False))
            for file in place.glob("*.npy")
        }
    except FileNotFoundError:
        return None
    except (OSError, EOFError, ValueError) as error:
        unreadable(place, error)
        return None
    return values, arrays


def unreadable(place: Path, error: Exception) -> None:
    """Says why a kept folder is not used."""
    _log.warning("%s cannot be read (%s); it is made anew", place, error)
