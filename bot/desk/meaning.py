"""What a message means: the values that understanding hands to the desk.

Pure values, no behaviour. `bot.understanding` makes them, `bot.desk.decisions` reads them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Language = Literal["en", "ja", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "ja", "zh")


def language_of(name: str, default: Language = "en") -> Language:
    """The language behind a stored name or a locale such as `ja-JP`; `default` for any other."""
    found = name[:2].casefold()
    return next((language for language in LANGUAGES if language == found), default)


Mode = Literal["mention", "listen", "every", "shadow"]
"""How a channel is heard: *mention only*, *listen* (speak when sure), *every message*, *shadow*
(decide, but say nothing)."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """What is known about the place and the person before the text is read."""

    addressed: bool = False
    """The bot was mentioned, spoken to in a DM, or the message is in a thread of its own."""
    mode: Mode = "listen"
    clusters: tuple[str, ...] = ()
    """The account's cluster names; a typed name is corrected against them first."""
    plan: str | None = None
    """The account's support plan (`basic`, `standard`, …): it tells up from down."""
    language_hint: Language | None = None
    """The channel's or the person's language; decides kanji-only text."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One thing the message may be asking for; `score` is a calibrated probability in 0..1."""

    intent: str
    score: float
    slots: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Nearest:
    """A phrase of the catalogue that lies close to the message; `similarity` in 0..1."""

    phrase: str
    intent: str
    similarity: float


@dataclass(frozen=True, slots=True)
class Meaning:
    """One message, understood."""

    intent: str
    """The best intent; `out_of_scope` or `smalltalk` when nothing is asked of a support desk."""
    score: float
    language: Language
    slots: Mapping[str, str] = field(default_factory=dict)
    assumed: frozenset[str] = frozenset()
    """Slots that stand at their usual value because the message names none."""
    also: tuple[Candidate, ...] = ()
    """Further things asked for in the same message, in the order of the text."""
    reply: bool = False
    """The bot would speak in this place (`Hearing.addressed` or sure enough for the mode)."""
    unsure_between: tuple[str, ...] = ()
    """Two or three intents too close to call: ask. Empty when the winner is clear."""
    nearest: tuple[Nearest, ...] = field(default=(), compare=False)
    """Why: the closest phrases, best first."""
