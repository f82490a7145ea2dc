"""What is wrong with a content file, said so that a person without Python can mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake: where it is, what it is, how to mend it."""

    file: Path
    field: str
    """Path inside the file such as `phrases.ja[3]`; empty for the file as a whole."""
    mend: str
    line: int | None = None
    """1-based, `None` when no line can be named."""

    def __str__(self) -> str:
        line = f":{self.line}" if self.line else ""
        place = f" {self.field}:" if self.field else ""
        return f"{self.file}{line}:{place} {self.mend}"


class ContentError(Exception):
    """The content cannot be used until its problems are mended."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))
