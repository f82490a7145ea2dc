"""Fits the weights of `bot/answers/answerability.py` on questions whose pages are known."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from bot.answers.answerability import SIGNS, WEIGHTS_FILE, Evidence
from bot.answers.articles import ARTICLE_FOLDER
from bot.answers.library import Library

RIDGE = 0.02
"""Keeps weights small: a few hundred questions carry no more."""
WANTED_PRECISION = 0.885
"""Of direct answers, by the labelled pages; labels name most pages that answer, not all."""
MOST_WRONG = 0.05
"""Of unanswerable questions that are answered; below the 0.08 we promise, as others will differ."""
SUGGEST_SHARE = 0.45
"""Suggestions start at this share of the probability for answers: three buttons cost little."""


@dataclass(frozen=True, slots=True)
class Sample:
    evidence: Evidence
    right: bool
    answerable: bool


def samples(library: Library, questions: Iterable[dict[str, object]]) -> list[Sample]:
    """Evidence for each question. Our own articles are no wrong answer, but no labelled one."""
    found = []
    for question in questions:
        ranking = library.rank(str(question["q"]), question["lang"])  # type: ignore[arg-type]
        if ranking.evidence is None:
            continue
        best = ranking.hits[0].path
        if question["answerable"] and best.startswith(ARTICLE_FOLDER):
            continue
        gold = {one["path"] for one in question["gold"]}  # type: ignore[attr-defined]
        found.append(Sample(ranking.evidence, best in gold, bool(question["answerable"])))
    return found


def fit(found: Sequence[Sample]) -> dict[str, object]:
    """Weights, bias and thresholds, as `answerability.json` holds them."""
    signs = np.array([sample.evidence.values() for sample in found])
    right = np.array([sample.right for sample in found], dtype=float)

    def loss(weights: np.ndarray) -> float:
        total = signs @ weights[:-1] + weights[-1]
        wrong = np.logaddexp(0, -total) * right + np.logaddexp(0, total) * (1 - right)
        return float(wrong.mean() + RIDGE * (weights[:-1] ** 2).sum() / len(weights))

    weights = minimize(loss, np.zeros(len(SIGNS) + 1), method="L-BFGS-B").x
    sure = 1 / (1 + np.exp(-(signs @ weights[:-1] + weights[-1])))
    answerable = np.array([sample.answerable for sample in found])
    answer_from = _threshold(sure, right, answerable)
    return {
        "weights": {sign: round(float(w), 3) for sign, w in zip(SIGNS, weights, strict=False)},
        "bias": round(float(weights[-1]), 3),
        "answer_from": round(answer_from, 2),
        "suggest_from": round(answer_from * SUGGEST_SHARE, 2),
    }


def write(values: dict[str, object], project: Path) -> Path:
    file = project / "bot" / "answers" / WEIGHTS_FILE
    file.write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")
    return file


def _threshold(sure: np.ndarray, right: np.ndarray, answerable: np.ndarray) -> float:
    """The lowest probability from which on answers are right often enough and seldom uncalled."""
    for threshold in np.arange(0.4, 0.95, 0.01):
        answered = sure >= threshold
        if not (answered & answerable).any():
            break
        precision = right[answered & answerable].mean()
        uncalled = answered[~answerable].mean() if (~answerable).any() else 0.0
        if precision >= WANTED_PRECISION and uncalled <= MOST_WRONG:
            return float(threshold)
    return 0.95
