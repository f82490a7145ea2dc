"""What customers ask for: the values that `bot.content` reads and `bot.understanding` learns from.

Pure values, no behaviour beyond look-ups. One `Intent` is one file of the `intents/` folder.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from bot.desk.meaning import Language

Queue = Literal["support", "sales", "billing"]
QUEUES: tuple[Queue, ...] = ("support", "sales", "billing")

BACKGROUND = "background"
"""Label of ordinary talk between people; no intent may carry this name."""

Terms = tuple[str, ...]
"""Words and short phrases of all languages; a trailing `*` stands for any ending of the word."""


@dataclass(frozen=True, slots=True)
class Example:
    """One message whose meaning is known; `intent` may be `BACKGROUND`."""

    text: str
    language: Language
    intent: str


@dataclass(frozen=True, slots=True)
class Intent:
    """One thing customers ask for."""

    name: str
    description: str
    phrases: Mapping[Language, tuple[str, ...]]
    near_misses: tuple[Example, ...] = ()
    """Messages that look like this intent and are another."""
    queue: Queue | None = None
    """Where its requests go; `None` when it opens none."""
    form: str | None = None
    """Name of the form that asks for its fields (`intents/forms/<form>.yml`)."""


@dataclass(frozen=True, slots=True)
class ChoiceSlot:
    """A slot with a closed list of values, each with the words that name it."""

    intents: tuple[str, ...]
    values: Mapping[str, Terms]
    """In order of precedence: the first value whose words occur wins."""
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Ladder:
    """Plans from lowest to highest, and the words that tell up from down."""

    slot: str
    up: str
    """Intent of going up."""
    down: str
    """Intent of going down."""
    rungs: Mapping[str, Terms]
    words: Terms = ()
    """Words for the ladder itself: *plan*, *support*."""
    upwards: Terms = ()
    downwards: Terms = ()
    leaving: Terms = ()
    """Words before or after the rung that is left: *from*, *off*, *instead of*, *から*, *不要*."""
    arriving: Terms = ()
    """Words beside the rung that is wanted: *to*, *onto*, *に*, *换成*."""
    ending: Terms = ()
    """Words that end a paid plan without naming another: the lowest rung is meant."""
    also_known: Terms = ()
    """Other things that climb ladders of the same words (tiers, versions, sizes)."""


@dataclass(frozen=True, slots=True)
class NameSlot:
    """A slot whose value is a name in the text, found beside certain words."""

    intents: tuple[str, ...] = ()
    words: Terms = ()
    """Words that stand right before or after the name."""
    before: Terms = ()
    """Words that may stand only before the name."""
    after: Terms = ()
    """Words that may stand only after the name."""
    never: Terms = ()
    """Words that look like a name and are none."""


@dataclass(frozen=True, slots=True)
class TicketSlot:
    """How requests are numbered and called."""

    intents: tuple[str, ...] = ()
    prefix: str = "SUP"
    words: Terms = ()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """`intents/slots.yml` and `intents/language.yml`: words, never conditions."""

    choices: Mapping[str, ChoiceSlot] = field(default_factory=dict)
    ladder: Ladder | None = None
    cluster: NameSlot | None = None
    feature: NameSlot | None = None
    ticket: TicketSlot | None = None
    negations: Terms = ()
    groups: Mapping[str, Terms] = field(default_factory=dict)
    """Words that say the same to a support desk, whatever the language."""
    subjects: tuple[str, ...] = ()
    """Groups that name what our desk is about."""
    silent: tuple[str, ...] = ()
    """Intents that are never a reason to speak up uninvited."""
    nothing: str = "out_of_scope"
    """The intent of a message that asks a support desk for nothing."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The whole `intents/` folder, checked."""

    intents: Mapping[str, Intent]
    background: Mapping[Language, tuple[str, ...]] = field(default_factory=dict)
    """Ordinary chat messages per language: what the bot must not answer."""
    vocabulary: Vocabulary = field(default_factory=Vocabulary)

    def examples(self) -> Iterator[Example]:
        """Every message whose meaning is known, in the order of the files."""
        for intent in self.intents.values():
            for language, phrases in intent.phrases.items():
                yield from (Example(text, language, intent.name) for text in phrases)
            yield from intent.near_misses
        for language, messages in self.background.items():
            yield from (Example(text, language, BACKGROUND) for text in messages)
