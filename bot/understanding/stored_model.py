"""Keeping a trained model between starts.

The file's name carries a hash of everything the model was learnt from and of `FORMAT`, so a stale
file is never read. It is written beside its place and moved there in one step: two processes that
train at once both leave a whole file. A file that cannot be read counts as absent.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import tempfile
import zipfile
from dataclasses import astuple
from pathlib import Path

import numpy as np

from bot.desk.catalogue import Catalogue
from bot.understanding.calibration import Calibration
from bot.understanding.linear import Encoder, Linear
from bot.understanding.model import Model
from bot.understanding.phrase_index import PhraseIndex

FORMAT = 8
"""Raise it with every change of features, training or layout: older files are then not read."""
_KEPT = 4
"""Models that stay in the folder; older ones belong to content that was edited since."""

_log = logging.getLogger(__name__)


def key_of(catalogue: Catalogue) -> str:
    """Hash of the content and of the code's format; equal keys mean equal models."""
    content = repr((FORMAT, catalogue.vocabulary, [astuple(each) for each in catalogue.examples()]))
    intents = repr(sorted(catalogue.intents))
    return hashlib.sha256((content + intents).encode()).hexdigest()[:32]


def load(folder: Path, key: str) -> Model | None:
    """The stored model, or `None` when there is none that can be read."""
    file = _file(folder, key)
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            return _unpack(arrays)
    except FileNotFoundError:
        return None
    except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        _log.warning("stored model %s cannot be read (%s); it is learnt anew", file, error)
        return None


def store(folder: Path, key: str, model: Model) -> None:
    """Writes the model; a folder that cannot be written costs time at the next start, no more."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(dir=folder, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as stream:
                np.savez(stream, allow_pickle=False, **_pack(model))
            Path(beside).replace(_file(folder, key))
        finally:
            Path(beside).unlink(missing_ok=True)
        _drop_old(folder)
    except OSError as error:
        _log.warning("the model cannot be stored in %s: %s", folder, error)


def _file(folder: Path, key: str) -> Path:
    return folder / f"understanding-{key}.npz"


def _drop_old(folder: Path) -> None:
    files = sorted(folder.glob("understanding-*.npz"), key=lambda file: -file.stat().st_mtime)
    for file in files[_KEPT:]:
        file.unlink(missing_ok=True)


def _pack(model: Model) -> dict[str, np.ndarray]:
    calibration = model.calibration
    words = {
        "intents": model.intents,
        "words": " ".join(model.words),
        "ordinary": " ".join(model.ordinary),
        "asked": " ".join(model.asked),
        "unknown_rarity": model.encoder.unknown_rarity,
        "intent_temperature": calibration.intent_temperature,
        "speak_temperature": calibration.speak_temperature,
        "slope": calibration.slope,
        "offset": calibration.offset,
        "listen": dict(calibration.listen),
        "every": calibration.every,
    }
    return {
        "values": np.frombuffer(json.dumps(words).encode(), dtype=np.uint8),
        "known": model.encoder.known,
        "rarity": model.encoder.rarity,
        "blocks": model.encoder.blocks,
        "weights": model.heads.weights.astype(np.float16),
        "bias": model.heads.bias,
        "phrase_features": model.phrases.features,
        "phrase_examples": model.phrases.examples,
    }


def _unpack(arrays: np.lib.npyio.NpzFile) -> Model:
    values = json.loads(arrays["values"].tobytes())
    return Model(
        intents=tuple(values["intents"]),
        words=tuple(values["words"].split()),
        ordinary=tuple(values["ordinary"].split()),
        asked=tuple(values["asked"].split()),
        encoder=Encoder(
            arrays["known"], arrays["rarity"], arrays["blocks"], values["unknown_rarity"]
        ),
        heads=Linear(arrays["weights"].astype(np.float32), arrays["bias"]),
        calibration=Calibration(
            values["intent_temperature"],
            values["speak_temperature"],
            values["slope"],
            values["offset"],
            values["listen"],
            values["every"],
        ),
        phrases=PhraseIndex(arrays["phrase_features"], arrays["phrase_examples"]),
    )
