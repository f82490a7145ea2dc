"""What the bot decides to do about a message: values, matched exhaustively by the service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class StaySilent:
    """Nobody asked us. `reason` goes to the log only."""

    reason: str


@dataclass(frozen=True, slots=True)
class AskField:
    """One missing thing is asked for in the thread; `suggested` is our guess for it."""

    intent: str
    field: str
    kind: str
    options: tuple[str, ...] = ()
    suggested: str = ""
    resumed: bool = False
    """We come back to this question after something else was dealt with."""
    again: bool = False
    """The last reply did not answer it."""


@dataclass(frozen=True, slots=True)
class ConfirmDowngrade:
    target: str


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """`origin` is unique per message and thing asked for: a repeated delivery opens nothing."""

    intent: str
    queue: str
    fields: Mapping[str, str]
    summary: str
    origin: str
    follows: int | None = None
    """The request it continues."""
    anyway: bool = False
    """The person knows of the open one for the same thing and wants another."""


@dataclass(frozen=True, slots=True)
class CorrectRequest:
    """The customer corrected fields of the request opened in this thread."""

    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class AnswerQuestion:
    question: str
    subject: str = ""
    """The question before, for a follow-up such as "and for Dedicated?"."""
    if_sure: bool = False
    """It did not sound like one for us: without a sure answer we say what we are for."""


@dataclass(frozen=True, slots=True)
class ShowRequests:
    """The state of one request (`number`), or of all of the account's."""

    number: str = ""


@dataclass(frozen=True, slots=True)
class UpdateRequest:
    """`action` is comment, close, reopen or escalate; no `number` means the one at hand."""

    action: str
    text: str
    number: str = ""
    unsaid: bool = False
    """The words are no message of a thread: they were typed into a form."""


@dataclass(frozen=True, slots=True)
class RaiseSeverity:
    """The customer said to which severity and why."""

    number: str
    severity: str
    reason: str


@dataclass(frozen=True, slots=True)
class ShowPlan:
    """The account's plan, or the one that was asked about by name."""

    plan: str = ""


@dataclass(frozen=True, slots=True)
class OfferInsteadOfTechnical:
    """The plan has no technical requests: documents, community, an upgrade and a person."""

    question: str


@dataclass(frozen=True, slots=True)
class Clarify:
    """Two or three meanings are equally likely: one short question with buttons."""

    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShowHelp:
    pass


@dataclass(frozen=True, slots=True)
class Say:
    """A fixed sentence: `message` is a key of the words files."""

    message: str
    words: Mapping[str, str] = field(default_factory=dict)


Decision = (
    StaySilent
    | AskField
    | ConfirmDowngrade
    | OpenRequest
    | CorrectRequest
    | AnswerQuestion
    | ShowRequests
    | UpdateRequest
    | RaiseSeverity
    | ShowPlan
    | OfferInsteadOfTechnical
    | Clarify
    | ShowHelp
    | Say
)
