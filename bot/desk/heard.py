"""What the dialogue works on: one message as heard, what surrounds it, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from bot.desk.conversation import Conversation
from bot.desk.decisions import Decision
from bot.desk.forms import RAISE, RAISE_FORM, Form, Handling
from bot.desk.meaning import Meaning
from bot.desk.plans import Plan, PlanBook
from bot.desk.requests import Request

Act = Literal["", "cancel", "yes", "no", "correct", "thanks", "help"]
"""What a short reply does in a conversation, whatever it is about."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One message with everything known about it."""

    text: str
    """Readable text: mentions and links resolved."""
    meaning: Meaning
    origin: str
    act: Act = ""
    addressed: bool = False
    request: Request | None = None
    """The latest request opened in this thread."""
    late: bool = False
    """That request was over for so long that words about it begin another one."""
    human: bool = False
    """A person of staff has taken over in this thread."""
    unfinished: bool = False
    """Words such as "still" or "but": thanks with a follow-up in them."""
    barred: bool = False
    """The channel's mode or bar forbids to speak unasked to this message."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the desk knows about the account and the house's rules."""

    handlings: Mapping[str, Handling]
    plans: PlanBook
    plan: Plan
    clusters: tuple[str, ...] = ()
    labels: Mapping[str, tuple[str, ...]] | None = None
    """`<field>.<option>` → the words people use for that option, in all languages."""

    generic: tuple[str, ...] = ()
    """Words that say no more than that help is wanted."""

    def form(self, intent: str) -> Form:
        """The form of an intent; an empty one where it has none."""
        if intent == RAISE:
            return RAISE_FORM
        handling = self.handlings.get(intent)
        return handling.form if handling and handling.form else Form(intent, ())


@dataclass(frozen=True, slots=True)
class Turn:
    conversation: Conversation
    decisions: tuple[Decision, ...]
