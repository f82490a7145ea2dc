"""Shadow mode: what the bot would have done beside what staff did; a bar to speak from. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

FEWEST = 20
"""Watched messages below which a proposal would be a guess."""
WANTED = 0.95
"""Share of the messages the bot would have spoken to that staff answered themselves."""


@dataclass(frozen=True, slots=True)
class Watched:
    """One message of a watched channel."""

    score: float
    speaks: bool
    """The bot would have spoken, by the model's own bar."""
    answered: bool
    """Staff answered it: somebody was asked something."""


@dataclass(frozen=True, slots=True)
class Shadow:
    """How the bot would have done beside staff."""

    seen: int
    both: int
    """It would have spoken, and staff did."""
    alone: int
    """It would have spoken where staff did not: interruptions, or questions nobody answered."""
    missed: int
    """It would have been silent where staff answered."""
    proposed: float | None
    """The bar to speak from (0..1); None while there is too little to tell."""


def compare(watched: Sequence[Watched]) -> Shadow:
    """Count, and propose the lowest bar at which nearly all of what it says was wanted."""
    speaking = [one for one in watched if one.speaks]
    both = sum(one.answered for one in speaking)
    return Shadow(
        seen=len(watched),
        both=both,
        alone=len(speaking) - both,
        missed=sum(one.answered and not one.speaks for one in watched),
        proposed=_bar(speaking) if len(watched) >= FEWEST else None,
    )


def _bar(speaking: Sequence[Watched]) -> float | None:
    """Among the scores seen, the lowest from which on enough was answered by staff too."""
    ordered = sorted(speaking, key=lambda one: -one.score)
    best: float | None = None
    answered = 0
    for number, one in enumerate(ordered, start=1):
        answered += one.answered
        last_of_its_score = number == len(ordered) or ordered[number].score < one.score
        if last_of_its_score and answered / number >= WANTED:
            best = one.score
    # Rounded down, so that the message at the bar itself still passes.
    return None if best is None else int(best * 100) / 100
