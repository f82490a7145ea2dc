"""Logits into probabilities, and probabilities into the decision to speak.

Both are set on predictions for left-out examples: scores are made honest (of the messages scored
.8, four in five are right), and the threshold of each language bounds how much ordinary talk would
be interrupted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.desk.meaning import LANGUAGES, Language
from bot.understanding.evidence import Evidence
from bot.understanding.features import Floats

_TEMPERATURES = np.geomspace(0.2, 4.0, 30)

_REQUEST, _CLEAR = 1.1, 1.2
_UNKNOWN_LATIN, _UNKNOWN_ASIAN, _PERSON, _SUBJECT = -8.0, -2.0, -1.0, 0.5
"""How much each sign counts: log-odds that something is asked, log-probability of the best intent,
share of words no request has, a mentioned person, each of our subjects. Logistic regression on real
chat and on messages of other authors gave these, rounded; what is learnt on the catalogue alone
trusts its words too much."""

_INTERRUPTED_AT_MOST: Mapping[Language, float] = {"en": 0.035, "ja": 0.025, "zh": 0.02}
"""Share of a language's ordinary messages in the catalogue above the threshold of a *listen*
channel. They are written to mislead: fewer than one in a hundred messages of real chat is above.
Requests in Japanese and Chinese stand out more, so there the bot can afford to be quieter."""
_LOWEST_LISTEN, _HIGHEST_LISTEN = 0.3, 0.95
_FEW = 50
"""Fewer ordinary messages than this in a language: all languages together set its threshold."""
_EVERY = 0.25
"""In *every message* channels people expect an answer; a fair guess will do."""
_ADDRESSED = 2.0
"""Log-odds by which being spoken to makes a request more likely."""
_MOST_LOG_ODDS = 9.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """How to read the logits of the two heads."""

    intent_temperature: float
    speak_temperature: float
    slope: float
    offset: float
    """Signs → log-odds that exactly this intent is asked of us: `slope * signs + offset`."""
    listen: Mapping[Language, float]
    """Score from which the bot speaks uninvited."""
    every: float = _EVERY

    def intent(self, logits: Floats) -> Floats:
        """Probability of each intent, given that the message is meant for the bot."""
        return softmax(logits * np.float32(self.intent_temperature))

    def asked(self, logits: Floats, silent: Sequence[int]) -> float:
        """Probability that the message asks for something, whatever it is."""
        return float(_asked(softmax(logits * np.float32(self.speak_temperature)), silent))

    def score(self, asked: float, best: float, evidence: Evidence, addressed: bool) -> float:
        """Probability that the best intent (of probability `best`) is asked of us here."""
        signs = _signs(asked, best, evidence, addressed)
        odds = self.slope * signs + self.offset + (_ADDRESSED if addressed else 0.0)
        return float(_sigmoid(np.asarray(odds)))


def softmax(logits: Floats) -> Floats:
    """Probabilities along the last axis."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    probabilities: Floats = shifted / shifted.sum(axis=-1, keepdims=True)
    return probabilities


def _asked(probabilities: Floats, silent: Sequence[int]) -> Floats:
    """Probability of all intents together that are a reason to speak."""
    nothing: Floats = probabilities[..., -1] + probabilities[..., list(silent)].sum(axis=-1)
    return np.asarray(1 - nothing, dtype=np.float32)


def _signs(asked: float, best: float, evidence: Evidence, addressed: bool) -> float:
    odds = float(np.log(asked + 1e-5) - np.log(1 - asked + 1e-5))
    odds = min(max(odds, -_MOST_LOG_ODDS), _MOST_LOG_ODDS)
    return (
        _REQUEST * odds
        + _CLEAR * float(np.log(best + 1e-5))
        + _UNKNOWN_LATIN * evidence.unknown_latin
        + _UNKNOWN_ASIAN * evidence.unknown_asian
        + _SUBJECT * evidence.subjects
        + (_PERSON if evidence.person and not addressed else 0.0)
    )


def calibrate(
    intent_logits: Floats,
    speak_logits: Floats,
    labels: NDArray[np.int64],
    languages: Sequence[Language],
    evidences: Sequence[Evidence],
    silent: Sequence[int],
) -> Calibration:
    """Sets everything from left-out logits; rows of NaN were not left out.

    The label of ordinary talk is the number of intents.
    """
    intents = intent_logits.shape[1]
    seen = np.flatnonzero(~np.isnan(speak_logits[:, 0]))
    requests = seen[labels[seen] < intents]
    intent_temperature = _temperature(intent_logits[requests], labels[requests])
    speak_temperature = _temperature(speak_logits[seen], labels[seen])
    asked = _asked(softmax(speak_logits[seen] * np.float32(speak_temperature)), silent)
    likely = softmax(intent_logits[seen] * np.float32(intent_temperature))
    likely[:, list(silent)] = 0
    signs = np.array(
        [
            _signs(float(request), float(row.max()), evidences[number], addressed=False)
            for number, request, row in zip(seen.tolist(), asked, likely, strict=True)
        ]
    )
    right = likely.argmax(axis=1) == labels[seen]
    slope, offset = _line(signs, right)
    scores = _sigmoid(slope * signs + offset)
    ordinary = labels[seen] == intents
    spoken = np.array(languages)[seen]
    listen: dict[Language, float] = {}
    for language in LANGUAGES:
        here = ordinary & (spoken == language)
        few = here.sum() < _FEW
        share = _INTERRUPTED_AT_MOST[language]
        listen[language] = _threshold(scores[ordinary if few else here], share)
    return Calibration(intent_temperature, speak_temperature, slope, offset, listen)


def _sigmoid(odds: NDArray[np.float64]) -> NDArray[np.float64]:
    likely: NDArray[np.float64] = 1 / (1 + np.exp(-np.clip(odds, -30, 30)))
    return likely


def _temperature(logits: Floats, labels: NDArray[np.int64]) -> float:
    """The factor under which the left-out labels are least surprising."""
    if not len(labels):
        return 1.0
    rows = np.arange(len(labels))
    surprise = [
        -np.log(softmax(logits * np.float32(factor))[rows, labels] + 1e-9).mean()
        for factor in _TEMPERATURES
    ]
    return float(_TEMPERATURES[int(np.argmin(surprise))])


def _line(signs: NDArray[np.float64], right: NDArray[np.bool_]) -> tuple[float, float]:
    """Logistic regression of one variable by Newton's method (Platt's calibration)."""
    slope, offset = 0.5, 0.0
    target = np.where(right, 1 - 1 / (right.sum() + 2), 1 / ((~right).sum() + 2))
    for _ in range(30):
        likely = _sigmoid(slope * signs + offset)
        error, curve = likely - target, likely * (1 - likely) + 1e-6
        gradient = np.array([error @ signs + 1e-3 * slope, error.sum()])
        cross = float(curve @ signs)
        hessian = np.array([[curve @ signs**2 + 1e-3, cross], [cross, curve.sum()]])
        step = np.linalg.solve(hessian, gradient)
        slope, offset = slope - float(step[0]), offset - float(step[1])
        if float(np.abs(step).max()) < 1e-6:
            break
    return slope, offset


def _threshold(scores: NDArray[np.float64], share: float) -> float:
    if not len(scores):
        return 0.6
    bound = float(np.quantile(scores, 1 - share))
    return min(max(bound, _LOWEST_LISTEN), _HIGHEST_LISTEN)
