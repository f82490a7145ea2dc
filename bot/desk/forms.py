"""What must be known before a request can be opened: values read from `intents/forms/`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

FieldKind = Literal["text", "long_text", "choice", "cluster", "severity"]


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to know. Its words (label, question, options) stand in `templates/words`."""

    name: str
    kind: FieldKind
    required: bool
    ask: bool
    """Asked for in the thread when missing; the others stand in the modal only."""
    options: tuple[str, ...] = ()
    from_message: bool = False
    """The customer's opening words fill it when they say enough."""


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of one kind of request, in the order they are asked."""

    name: str
    fields: tuple[Field, ...]

    def field(self, name: str) -> Field | None:
        return next((field for field in self.fields if field.name == name), None)

    def missing(self, known: Mapping[str, str]) -> Field | None:
        """The next field to ask for in the thread, or None when the request can be opened."""
        return next(
            (f for f in self.fields if f.ask and f.required and not known.get(f.name)), None
        )


@dataclass(frozen=True, slots=True)
class Handling:
    """Where an intent leads: the queue and the form of its request, or neither."""

    intent: str
    queue: str = ""
    form: Form | None = None


RAISE = "raise_severity"
"""What a draft is about that raises the severity of a request; no intent of its own."""
RAISE_FORM = Form(
    "raise",
    (
        Field("severity", "severity", required=True, ask=True, options=("S1", "S2", "S3")),
        Field("reason", "long_text", required=True, ask=True),
    ),
)
