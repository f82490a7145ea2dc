"""Which examples lie near a message: those that share its rarest words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.understanding.features import WORDS, Features, Ids
from bot.understanding.linear import Encoder

_PER_EXAMPLE = 8
"""Rarest word features kept of an example."""


@dataclass(frozen=True, slots=True)
class PhraseIndex:
    """Pairs of a word feature and the number of an example that has it, sorted by feature."""

    features: Ids
    examples: NDArray[np.int32]

    @classmethod
    def build(cls, examples: Sequence[Features], encoder: Encoder) -> PhraseIndex:
        features, numbers = [], []
        for number, example in enumerate(examples):
            ids = example.of(WORDS)
            if len(ids) > _PER_EXAMPLE:
                rarity = encoder.rarity[np.searchsorted(encoder.known, ids)]
                ids = ids[np.argsort(-rarity, kind="stable")[:_PER_EXAMPLE]]
            features.append(ids)
            numbers.append(np.full(len(ids), number, dtype=np.int32))
        together, owners = np.concatenate(features), np.concatenate(numbers)
        order = np.argsort(together, kind="stable")
        return cls(together[order], owners[order])

    def near(self, message: Features, most: int) -> list[int]:
        """Numbers of at most `most` examples, those that share the most features first."""
        ids = message.of(WORDS)
        first = np.searchsorted(self.features, ids, side="left")
        last = np.searchsorted(self.features, ids, side="right")
        shared: dict[int, float] = {}
        for begin, end in zip(first.tolist(), last.tolist(), strict=True):
            if begin == end:
                continue
            worth = 1.0 / (end - begin)
            for number in self.examples[begin : min(end, begin + 200)].tolist():
                shared[number] = shared.get(number, 0.0) + worth + 0.1
        return sorted(shared, key=lambda number: (-shared[number], number))[:most]
