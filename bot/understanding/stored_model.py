"""Keeping a trained model between starts.

The folder's name carries a hash of everything the model was learnt from and of `FORMAT`, so a stale
one is never read. One that cannot be read counts as absent.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np

from bot.desk.catalogue import Catalogue
from bot.understanding import kept_folder
from bot.understanding.calibration import Calibration
from bot.understanding.gist import Gist
from bot.understanding.linear import Encoder, Linear
from bot.understanding.model import Model
from bot.understanding.phrase_index import PhraseIndex

FORMAT = 21
"""Raise it with every change of features, training or layout: older files are then not read."""
_KEPT = 4
"""Models that stay in the folder; older ones belong to content that was edited since."""


def key_of(catalogue: Catalogue) -> str:
    """Hash of the content and of the code's format; equal keys mean equal models."""
    content = repr((FORMAT, catalogue.vocabulary, [astuple(each) for each in catalogue.examples()]))
    intents = repr(sorted(catalogue.intents))
    return hashlib.sha256((content + intents).encode()).hexdigest()[:32]


def load(folder: Path, key: str) -> Model | None:
    """The stored model, or `None` when there is none that can be read."""
    place = _place(folder, key)
    found = kept_folder.read(place)
    if found is None:
        return None
    try:
        return _unpack(*found)
    except (ValueError, KeyError, TypeError) as error:
        kept_folder.unreadable(place, error)
        return None


def store(folder: Path, key: str, model: Model) -> None:
    """Writes the model; a folder that cannot be written costs time at the next start, no more."""
    kept_folder.keep(_place(folder, key), *_pack(model))
    _drop_old(folder)


def _place(folder: Path, key: str) -> Path:
    return folder / f"understanding-{key}"


def _drop_old(folder: Path) -> None:
    try:
        places = sorted(folder.glob("understanding-*"), key=lambda at: -at.stat().st_mtime)
    except OSError:
        return
    for place in places[_KEPT:]:
        shutil.rmtree(place, ignore_errors=True)


def _pack(model: Model) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    calibration = model.calibration
    values = {
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
    return values, {
        "known": model.encoder.known,
        "rarity": model.encoder.rarity,
        "blocks": model.encoder.blocks,
        "weights": model.heads.weights,
        "gist_weights": model.heads.gist,
        "bias": model.heads.bias,
        "piece_rarity": model.gist.rarity,
        "gist_middle": model.gist.middle,
        "gist_turn": model.gist.turn,
        "phrase_features": model.phrases.features,
        "phrase_examples": model.phrases.examples,
    }


def _unpack(values: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Model:
    return Model(
        intents=tuple(values["intents"]),
        words=tuple(values["words"].split()),
        ordinary=tuple(values["ordinary"].split()),
        asked=tuple(values["asked"].split()),
        encoder=Encoder(
            arrays["known"], arrays["rarity"], arrays["blocks"], values["unknown_rarity"]
        ),
        gist=Gist(arrays["piece_rarity"], arrays["gist_middle"], arrays["gist_turn"]),
        heads=Linear(arrays["weights"], arrays["gist_weights"], arrays["bias"]),
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
