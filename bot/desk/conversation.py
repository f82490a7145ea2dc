"""What the bot remembers of one thread between two messages. Stored as JSON."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

from bot.desk.meaning import Language


@dataclass(frozen=True, slots=True)
class Draft:
    """A request being gathered, field by field."""

    intent: str
    text: str
    """The words it began with."""
    origin: str
    fields: dict[str, str] = field(default_factory=dict)
    asked: str = ""
    """The field the last question was about."""
    suggested: str = ""
    """Our guess for the asked field: "yes" accepts it."""
    confirming: bool = False

    def knowing(self, **fields: str) -> Draft:
        return dataclasses.replace(self, fields={**self.fields, **fields})


@dataclass(frozen=True, slots=True)
class Conversation:
    """One thread. `drafts` is a stack: the last one is being asked about, the others wait."""

    language: Language | None = None
    drafts: tuple[Draft, ...] = ()
    clarifying: tuple[str, ...] = ()
    """The meanings offered by an open question of ours."""
    clarifying_text: str = ""
    clarifying_origin: str = ""
    clarifying_slots: dict[str, str] = field(default_factory=dict)
    chosen: dict[str, str] = field(default_factory=dict)
    """Choices made earlier in this thread: offered meanings joined by `|` → the one meant."""
    subject: str = ""
    """The last question answered from the documentation."""
    held: dict[str, Any] = field(default_factory=dict)
    """A request that was asked for before: it waits (as JSON) for add or open another."""
    said: tuple[dict[str, str], ...] = ()
    """What was said so far (`ts`, `user`, `name`, `text`), for the transcript of a request."""

    human: bool = False
    """A person of staff has taken over: we speak here only when we are mentioned."""

    @property
    def draft(self) -> Draft | None:
        return self.drafts[-1] if self.drafts else None

    @property
    def expecting(self) -> bool:
        """A question of ours is open."""
        return bool(self.drafts or self.clarifying)

    def without_drafts(self, intent: str) -> Conversation:
        """What was being gathered for `intent` is settled some other way."""
        left = tuple(draft for draft in self.drafts if draft.intent != intent)
        return dataclasses.replace(self, drafts=left)

    def taken_over(self) -> Conversation:
        """Our own questions are not asked any more."""
        return dataclasses.replace(self, human=True, drafts=(), clarifying=())

    def to_json(self) -> dict[str, Any]:
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Conversation:
        return cls(
            **{
                **stored,
                "drafts": tuple(Draft(**draft) for draft in stored.get("drafts", ())),
                "clarifying": tuple(stored.get("clarifying", ())),
                "said": tuple(stored.get("said", ())),
            }
        )
