"""Logits into probabilities, and probabilities into the decision to speak.

Both are set on predictions for left-out examples: the *temperature* makes scores honest (of the
messages scored .8, four in five are right), the *threshold* of a language bounds how much ordinary
talk would be interrupted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.desk.meaning import LANGUAGES, Language

_TEMPERATURES = np.geomspace(0.2, 3.0, 28)
_INTERRUPTED_AT_MOST = 0.01
"""Share of ordinary messages the bot may answer in a *listen* channel."""
_LOWEST_LISTEN, _HIGHEST_LISTEN = 0.5, 0.95
_FEW = 50
"""Fewer ordinary messages than this in a language: all languages together set its threshold."""
_EVERY = 0.35
"""In *every message* channels people expect an answer; a guess better than one in three will do."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """How to read the logits of the two heads."""

    intent_temperature: float
    speak_temperature: float
    listen: Mapping[Language, float]
    """Probability from which the bot speaks uninvited."""
    every: float = _EVERY

    def intent(self, logits: NDArray[np.float32]) -> NDArray[np.float32]:
        """Probability of each intent, given that the message is meant for the bot."""
        return softmax(logits * np.float32(self.intent_temperature))

    def speak(self, logits: NDArray[np.float32]) -> NDArray[np.float32]:
        """Probability of each intent, and last of ordinary talk."""
        return softmax(logits * np.float32(self.speak_temperature))


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Probabilities along the last axis."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    probabilities: NDArray[np.float32] = shifted / shifted.sum(axis=-1, keepdims=True)
    return probabilities


def calibrate(
    intent_logits: NDArray[np.float32],
    speak_logits: NDArray[np.float32],
    labels: NDArray[np.int64],
    languages: Sequence[Language],
    silent: Sequence[int],
) -> Calibration:
    """Sets temperatures and thresholds from left-out logits; rows of NaN were not left out."""
    intents = intent_logits.shape[1]
    asked = (labels < intents) & ~np.isnan(intent_logits[:, 0])
    seen = ~np.isnan(speak_logits[:, 0])
    intent_temperature = _temperature(intent_logits[asked], labels[asked])
    speak_temperature = _temperature(speak_logits[seen], labels[seen])
    probability = softmax(speak_logits[seen] * np.float32(speak_temperature))
    requests = [number for number in range(intents) if number not in silent]
    confidence = probability[:, requests].max(axis=1)
    ordinary = labels[seen] == intents
    spoken = np.array(languages)[seen]
    listen: dict[Language, float] = {}
    for language in LANGUAGES:
        here = ordinary & (spoken == language)
        listen[language] = _threshold(confidence[here if here.sum() >= _FEW else ordinary])
    return Calibration(intent_temperature, speak_temperature, listen)


def _temperature(logits: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """The factor under which the left-out labels are least surprising."""
    if not len(labels):
        return 1.0
    rows = np.arange(len(labels))
    surprise = [
        -np.log(softmax(logits * np.float32(factor))[rows, labels] + 1e-9).mean()
        for factor in _TEMPERATURES
    ]
    return float(_TEMPERATURES[int(np.argmin(surprise))])


def _threshold(confidence: NDArray[np.float32]) -> float:
    if not len(confidence):
        return 0.7
    bound = float(np.quantile(confidence, 1 - _INTERRUPTED_AT_MOST))
    return min(max(bound, _LOWEST_LISTEN), _HIGHEST_LISTEN)
