"""The linear model: features → one logit a label, and its weighing of features.

A text is a sparse vector: sublinear counts times inverse document frequency, each block of features
scaled to unit length. Features that no example has still count in that length, so a text of mostly
unknown words lies close to nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.understanding.features import BLOCKS, Features, Floats, Ids

_MANY_EXAMPLES = 5000


@dataclass(frozen=True, slots=True)
class Sparse:
    """One text as positions into the model's features and their values."""

    columns: NDArray[np.int64]
    values: Floats


@dataclass(frozen=True, slots=True)
class Encoder:
    """Features → sparse vector. `known` is sorted; `rarity` and `blocks` are parallel to it."""

    known: Ids
    rarity: Floats
    blocks: NDArray[np.uint8]
    unknown_rarity: float

    @classmethod
    def fit(cls, examples: Sequence[Features]) -> Encoder:
        """Learns which features exist and how rare they are.

        Of many examples, a feature that only one has tells nothing that its other features do not
        tell; three in four are of that kind.
        """
        ids = np.concatenate([example.ids for example in examples])
        blocks = np.concatenate([example.blocks for example in examples])
        known, first, count = np.unique(ids, return_index=True, return_counts=True)
        if len(examples) >= _MANY_EXAMPLES:
            common = count > 1
            known, first, count = known[common], first[common], count[common]
        rarity = np.log((1 + len(examples)) / (1 + count)) + 1
        unknown_rarity = float(np.log(1 + len(examples)) + 1)
        return cls(known, rarity.astype(np.float32), blocks[first], unknown_rarity)

    def encode(self, features: Features) -> Sparse:
        """The vector of one text; unknown features only add to its length."""
        at, there, rarity = self._find(features.ids)
        values = np.log1p(features.counts) * rarity
        squares = np.bincount(features.blocks, weights=values * values, minlength=len(BLOCKS))
        lengths = np.sqrt(squares).astype(np.float32)
        values /= lengths[features.blocks]
        return Sparse(at[there], values[there])

    def rarity_of(self, ids: Ids) -> Floats:
        """How rare each feature is, also one that is not known."""
        return self._find(ids)[2]

    def _find(self, ids: Ids) -> tuple[NDArray[np.int64], NDArray[np.bool_], Floats]:
        """Of each feature its place, whether it is known there, and how rare it is."""
        at = self.known.searchsorted(ids)
        np.minimum(at, len(self.known) - 1, out=at)
        there = self.known[at] == ids
        rarity = np.where(there, self.rarity[at], np.float32(self.unknown_rarity))
        return at, there, rarity


@dataclass(frozen=True, slots=True)
class Linear:
    """Logits of several heads side by side."""

    weights: NDArray[np.float16]
    """features x labels; mapped into memory, so only the rows that are used take room."""
    gist: Floats
    """directions x labels."""
    bias: Floats
    """One a label."""

    def logits(self, text: Sparse, gist: Floats) -> Floats:
        """One number a label; positive means more likely than not."""
        weights = self.weights[text.columns].astype(np.float32)
        logits: Floats = text.values @ weights + gist @ self.gist + self.bias
        return logits
