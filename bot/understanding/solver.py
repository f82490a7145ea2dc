"""Softmax regression for texts: many features, few examples.

The weights of the best model are a mix of the examples' vectors, so the search runs over that mix
(examples x labels) instead of over the weights (features x labels). All it needs of the examples is
their table of inner products. L-BFGS in the inner product of the weights: the same steps as on the
weights themselves, at a fraction of the size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Table = NDArray[np.float32]
Part = Any
"""A sparse or a dense matrix of float32."""

_LARGEST_TABLE = 7000
"""Examples up to which the table of inner products is kept (7,000² x 4 bytes = 196 MB)."""
_REMEMBERED_STEPS = 8
_CLOSE_ENOUGH = 1e-3
"""Stop when the gradient has shrunk by this factor: accuracy no longer changes."""
_NOTHING = 1e-9


class InnerProducts:
    """The examples' inner products: a weighed sum over parts of their vectors.

    Kept as a table or, for many examples, computed when asked. A part is examples x features,
    sparse or dense.
    """

    def __init__(self, parts: Sequence[Part], shares: Sequence[float]) -> None:
        self._parts = tuple(parts)
        self._transposed = [part.T.tocsr() if sparse.issparse(part) else part.T for part in parts]
        self._shares = tuple(shares)
        self._table: Table | None = None
        if parts[0].shape[0] <= _LARGEST_TABLE:
            self._table = np.zeros((parts[0].shape[0],) * 2, dtype=np.float32)
            self._add(self._shares)

    def weigh(self, shares: Sequence[float]) -> None:
        """Changes how much each part counts."""
        change = [new - old for new, old in zip(shares, self._shares, strict=True)]
        self._shares = tuple(shares)
        self._add(change)

    def times(self, mix: Table) -> Table:
        """Inner products of all examples with mixes of them: (examples x labels)."""
        if self._table is not None:
            return self._table @ mix
        found = np.zeros_like(mix)
        for part, weights in zip(self._parts, self.weights(mix), strict=True):
            found += part @ weights
        return found

    def weights(self, mix: Table) -> list[Table]:
        """The mix as weights of each part: (features x labels)."""
        return [
            np.asarray(part @ mix, dtype=np.float32) * np.float32(share)
            for part, share in zip(self._transposed, self._shares, strict=True)
        ]

    def _add(self, shares: Sequence[float]) -> None:
        if self._table is None:
            return
        for part, share in zip(self._parts, shares, strict=True):
            if abs(share) > _NOTHING:
                _add_products(self._table, part, share)


def _add_products(table: Table, part: Part, share: float) -> None:
    """Frequent features as a dense product, rare ones as a sparse one: each where it is fast."""
    if not sparse.issparse(part):
        table += np.float32(share) * (part @ part.T)
        return
    count = np.diff(part.tocsc().indptr)
    frequent = count > max(8, part.shape[0] // 50)
    dense = part[:, np.flatnonzero(frequent)].toarray() * np.float32(np.sqrt(abs(share)))
    table += np.float32(np.sign(share)) * (dense @ dense.T)
    rare = part[:, np.flatnonzero(~frequent)]
    products = (rare @ rare.T).tocoo()
    table[products.row, products.col] += products.data * np.float32(share)


@dataclass(frozen=True, slots=True)
class Solution:
    """`mix` is examples x labels; `bias` one a label."""

    mix: Table
    bias: NDArray[np.float32]
    steepness: float
    """Squared length of the gradient where the search began, to tell when a later one is close."""


def fit(
    products: InnerProducts,
    targets: Table,
    weight: NDArray[np.float32],
    strength: float,
    start: Solution | None = None,
    most_steps: int = 60,
    close_enough: float = _CLOSE_ENOUGH,
) -> Solution:
    """Softmax regression.

    `targets` is examples x labels, each row adding up to 1; `weight` is how much each example
    counts (0 leaves it out); `strength` is the inverse of the pull towards zero.
    """
    labels = targets.shape[1]
    scale = (weight * strength)[:, None].astype(np.float32)
    prior = np.log((weight @ targets + 1) / (weight.sum() + labels)).astype(np.float32)
    mix = np.zeros_like(targets) if start is None else start.mix * (weight > 0)[:, None]
    scores = products.times(mix)
    steps: list[tuple[Table, Table]] = []
    changes: list[tuple[Table, Table]] = []
    gradient, loss = _gradient(mix, scores, targets, prior, scale)
    times_gradient = products.times(gradient)
    first = _dot(gradient, times_gradient)
    steepness = first if start is None else start.steepness
    for _ in range(most_steps):
        direction, times_direction = _direction(gradient, times_gradient, steps, changes)
        slope = _dot(gradient, times_direction)
        length = 1.0 if steps else 1.0 / max(1.0, float(np.sqrt(first)))
        for _ in range(20):
            new_mix, new_scores = mix + length * direction, scores + length * times_direction
            new_gradient, new_loss = _gradient(new_mix, new_scores, targets, prior, scale)
            if new_loss <= loss + 1e-4 * length * slope:
                break
            length /= 2
        else:
            break
        new_times = products.times(new_gradient)
        step = (length * direction, length * times_direction)
        change = (new_gradient - gradient, new_times - times_gradient)
        if _dot(step[0], change[1]) > 0:
            steps, changes = (
                [*steps, step][-_REMEMBERED_STEPS:],
                [*changes, change][-_REMEMBERED_STEPS:],
            )
        mix, scores, loss = new_mix, new_scores, new_loss
        gradient, times_gradient = new_gradient, new_times
        if _dot(gradient, times_gradient) < close_enough**2 * steepness:
            break
    return Solution(mix, prior, steepness)


def _dot(left: Table, times_right: Table) -> float:
    return float(np.einsum("ij,ij->", left, times_right, dtype=np.float64))


def _gradient(
    mix: Table, scores: Table, targets: Table, prior: Table, scale: Table
) -> tuple[Table, float]:
    """Gradient as a mix, and the loss, at a point whose scores are known."""
    logits = scores + prior
    logits -= logits.max(axis=1, keepdims=True)
    likely = np.exp(logits)
    total = likely.sum(axis=1, keepdims=True)
    surprise = np.log(total[:, 0]) - (targets * logits).sum(axis=1)
    loss = float(scale[:, 0] @ surprise) + 0.5 * _dot(mix, scores)
    return mix + scale * (likely / total - targets), loss


def _direction(
    gradient: Table,
    times_gradient: Table,
    steps: list[tuple[Table, Table]],
    changes: list[tuple[Table, Table]],
) -> tuple[Table, Table]:
    """The two-loop recursion; vectors travel with their inner products."""
    direction, times = -gradient, -times_gradient
    used = []
    for step, change in zip(reversed(steps), reversed(changes), strict=True):
        ratio = 1.0 / _dot(step[0], change[1])
        share = ratio * _dot(step[0], times)
        direction, times = direction - share * change[0], times - share * change[1]
        used.append((ratio, share))
    if steps:
        newest, change = steps[-1], changes[-1]
        scale = _dot(newest[0], change[1]) / _dot(change[0], change[1])
        direction, times = direction * np.float32(scale), times * np.float32(scale)
    for (step, change), (ratio, share) in zip(
        zip(steps, changes, strict=True), reversed(used), strict=True
    ):
        back = share - ratio * _dot(change[0], times)
        direction, times = direction + back * step[0], times + back * step[1]
    return direction, times
