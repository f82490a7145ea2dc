"""The linear model: features → one logit a label, and its weighing of features.

A text is a sparse vector: sublinear counts times inverse document frequency, each block scaled to
unit length. Features that no example has still count in that length, so a text of mostly unknown
words lies close to nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.understanding.features import BLOCKS, GROUPS, LETTERS, SHAPE, WORDS, Features, Floats, Ids

WEIGHT_OF_BLOCK: dict[int, float] = {WORDS: 0.3, LETTERS: 0.7, GROUPS: 0.4, SHAPE: 0.1}
"""Share of each block in the squared length of a text."""


@dataclass(frozen=True, slots=True)
class Sparse:
    """One text as positions into the model's features and their values."""

    columns: NDArray[np.int64]
    values: Floats


@dataclass(frozen=True, slots=True)
class Encoder:
    """Features → sparse vector. `known` is sorted; `rarity` is parallel to it."""

    known: Ids
    rarity: Floats
    unknown_rarity: float

    @classmethod
    def fit(cls, examples: Sequence[Features]) -> Encoder:
        """Learns which features exist and how rare they are."""
        occurrences = np.concatenate([b.ids for example in examples for b in example.blocks])
        known, count = np.unique(occurrences, return_counts=True)
        rarity = np.log((1 + len(examples)) / (1 + count)) + 1
        return cls(known, rarity.astype(np.float32), float(np.log(1 + len(examples)) + 1))

    def encode(self, features: Features) -> Sparse:
        """The vector of one text; unknown features only add to its length."""
        columns, values = [], []
        for block in BLOCKS:
            ids, counts = features.blocks[block].ids, features.blocks[block].counts
            if not len(ids):
                continue
            at = np.minimum(np.searchsorted(self.known, ids), len(self.known) - 1)
            there = self.known[at] == ids
            rarity = np.where(there, self.rarity[at], np.float32(self.unknown_rarity))
            value = np.log1p(counts) * rarity
            scale = np.sqrt(WEIGHT_OF_BLOCK[block] / np.dot(value, value))
            columns.append(at[there])
            values.append((value * scale)[there].astype(np.float32))
        if not columns:
            return Sparse(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32))
        return Sparse(np.concatenate(columns), np.concatenate(values))


@dataclass(frozen=True, slots=True)
class Linear:
    """One logit a label: `weights` is features x labels, `bias` one a label."""

    weights: NDArray[np.float16]
    bias: Floats

    def logits(self, text: Sparse) -> Floats:
        """One number a label; positive means more likely than not."""
        rows = self.weights[text.columns].astype(np.float32)
        logits: Floats = text.values @ rows + self.bias
        return logits
