"""What the documentation says: the values that `bot.answers` hands to the desk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bot.desk.meaning import Language

Band = Literal["answer", "suggest", "unknown"]


@dataclass(frozen=True, slots=True)
class Source:
    """One section of one page; `score` is comparable within one answer only."""

    path: str
    anchor: str | None
    title: str
    section: str
    """Heading of the section, empty for a page's lead."""
    url: str
    language: Language
    score: float
    content_hash: str
    """Hash of the section's text when it was indexed: tells later that an answer grew old."""


@dataclass(frozen=True, slots=True)
class SectionPlace:
    """Where a section stands, whatever it says by now."""

    language: Language
    path: str
    anchor: str | None


@dataclass(frozen=True, slots=True)
class DocumentAnswer:
    """The outcome of one question in one of three bands."""

    band: Band
    score: float
    """Calibrated probability in 0..1 that the first source answers the question."""
    language: Language
    """Language of the question."""
    text: str = ""
    """Extracted Markdown, empty unless `band` is `answer`."""
    sources: tuple[Source, ...] = ()
    """At most three, best first; the suggestions when `band` is `suggest`."""
    rests_on: tuple[tuple[str, str], ...] = ()
    """Anchor (empty for a page's lead) and content hash of each section whose words are given."""
