"""What a text is about, as one dense vector: the weighted mean of its pieces' vectors.

Rare pieces weigh more; what all examples have in common is taken off; and directions in which the
examples differ much are held back a little (partial whitening), so that one broad theme does not
drown the rest. Texts of similar meaning then have a large inner product.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.understanding.features import Floats
from bot.understanding.word_vectors import WordVectors

_LEVELLING = 0.25
"""Power by which strong directions are held back: 0 not at all, 0.5 to equal strength."""


@dataclass(frozen=True, slots=True)
class Gist:
    """Numbers of pieces → a vector of unit length, or of zeros when there is no piece."""

    rarity: Floats
    """How much each piece of the vocabulary weighs."""
    middle: Floats
    """Mean of the examples' vectors."""
    turn: Floats
    """directions x directions."""

    @classmethod
    def fit(cls, examples: Sequence[Sequence[int]], vectors: WordVectors) -> tuple[Gist, Floats]:
        """What is learnt of the examples, and their vectors (examples x directions)."""
        count = np.zeros(len(vectors.pieces), dtype=np.float32)
        for numbers in examples:
            count[list(set(numbers))] += 1
        rarity = (np.log((1 + len(examples)) / (1 + count)) + 1).astype(np.float32)
        means = np.stack([_mean(numbers, rarity, vectors) for numbers in examples])
        middle: Floats = means.mean(axis=0)
        centred = _unit(means - middle)
        strength, directions = np.linalg.eigh(centred.T @ centred)
        turn = directions * np.maximum(strength, 1e-3) ** -_LEVELLING
        gist = cls(rarity, middle, turn.astype(np.float32))
        there = np.array([bool(numbers) for numbers in examples])[:, None]
        return gist, _unit(centred @ gist.turn) * there.astype(np.float32)

    def of(self, numbers: Sequence[int], vectors: WordVectors) -> Floats:
        """The vector of one text."""
        if not numbers:
            return np.zeros_like(self.middle)
        centred = _unit(_mean(numbers, self.rarity, vectors) - self.middle)
        return _unit(centred @ self.turn)


def _mean(numbers: Sequence[int], rarity: Floats, vectors: WordVectors) -> Floats:
    if not numbers:
        return np.zeros(vectors.table.shape[1], dtype=np.float32)
    at = np.asarray(numbers, dtype=np.intp)
    return _unit((rarity[at] * vectors.scale[at]) @ vectors.table[at].astype(np.float32))


def _unit(rows: Floats) -> Floats:
    """Scaled to length 1 along the last axis; zeros stay zeros."""
    length = np.sqrt(np.einsum("...i,...i->...", rows, rows))
    scaled: Floats = rows / np.maximum(length, 1e-9)[..., None].astype(np.float32)
    return scaled
