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
_MOST_SHARING = 200
"""Examples that are looked at for one feature; one that more have tells little."""
_ANY = 0.1
"""Worth of sharing any feature at all, beside its rarity."""


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
                ids = ids[np.argsort(-encoder.rarity_of(ids), kind="stable")[:_PER_EXAMPLE]]
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
        there = np.flatnonzero(last > first)
        if not len(there):
            return []
        begins, sizes = first[there], (last - first)[there]
        read = np.minimum(sizes, _MOST_SHARING)
        lists = [
            self.examples[begin : begin + size] for begin, size in zip(begins, read, strict=True)
        ]
        shared = np.bincount(np.concatenate(lists), weights=np.repeat(1 / sizes + _ANY, read))
        found = np.flatnonzero(shared)
        order = np.argsort(-shared[found], kind="stable")[:most]
        return [int(number) for number in found[order]]
