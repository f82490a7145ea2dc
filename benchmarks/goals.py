"""What we want to reach, compared with what was measured: an honest line for each figure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class _Figure:
    name: str
    value: float
    goal: float
    more_is_better: bool

    @property
    def reached(self) -> bool:
        return self.value >= self.goal if self.more_is_better else self.value <= self.goal

    def __str__(self) -> str:
        sign = "≥" if self.more_is_better else "≤"
        return f"{self.name}: {self.value:.3f} (goal {sign} {self.goal:g})"


class Goals:
    """Collects figures while they are printed, and says in the end which goals are not reached."""

    def __init__(self) -> None:
        self._figures: list[_Figure] = []

    def at_least(self, name: str, value: float, goal: float) -> None:
        self._figures.append(_Figure(name, value, goal, more_is_better=True))

    def at_most(self, name: str, value: float, goal: float) -> None:
        self._figures.append(_Figure(name, value, goal, more_is_better=False))

    def report(self) -> None:
        missed = [figure for figure in self._figures if not figure.reached]
        print(f"\ngoals reached: {len(self._figures) - len(missed)} of {len(self._figures)}")
        for figure in missed:
            print(f"  not reached  {figure}")
