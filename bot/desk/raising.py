"""Raising the severity of an open request: how far, and why. Pure.

The reason is asked for before the severity goes up; going down needs none. What is gathered is a
draft like that of a request (`bot.desk.drafts`), so it is asked for field by field, can be
cancelled, and is resumed after an interruption.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.desk.conversation import Draft
from bot.desk.fields import named_severities
from bot.desk.forms import RAISE
from bot.desk.requests import SEVERITIES, Request, Severity


def higher(request: Request, highest: Severity) -> tuple[Severity, ...]:
    """The severities above the present one, the most severe (at most `highest`) first."""
    return tuple(level for level in SEVERITIES if highest <= level < request.severity)


def wanted_severity(text: str, request: Request) -> Severity | None:
    """The severity a message asks for: the last one named that is not the present one."""
    found = [level for level in named_severities(text) if level != request.severity]
    return found[-1] if found else None


def begin(
    request: Request, above: Sequence[Severity], severity: Severity | None, text: str, origin: str
) -> Draft:
    """The wish to raise it to one of those `above`, with what is known of it."""
    fields = {"number": request.number, "choices": " ".join(above)}
    if severity is not None:
        fields["severity"] = severity
    return Draft(RAISE, text, origin, fields)


def choices(fields: Mapping[str, str]) -> tuple[str, ...]:
    """The severities to choose from, as `begin` wrote them down."""
    return tuple(fields.get("choices", "").split())
