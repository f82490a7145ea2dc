"""Errors, sorted by what to do next.

SupportbotError
├── TryLater          the other side is busy or away: the same call may pass later
├── OutcomeUnknown    the call may have been carried out: look before repeating it
├── GiveUp            the same call will fail again: record it and tell staff
├── NotAllowed        this person may not do this here: tell the person
└── SetupFault        settings, content or database need a person's hand before we start
"""

from __future__ import annotations


class SupportbotError(Exception):
    """Root of every error this project raises on purpose."""


class TryLater(SupportbotError):
    """Nothing was done; `retry_after` seconds is the other side's wish, if it gave one."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class OutcomeUnknown(SupportbotError):
    """The call may or may not have taken effect; `retry_after` as in `TryLater`."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class GiveUp(SupportbotError):
    """The call was refused for good."""


class NotAllowed(SupportbotError):
    """The person may not do this; `reason` is a key of the words files, `words` fill its places."""

    def __init__(self, reason: str, **words: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.words = words


class SetupFault(SupportbotError):
    """One or more things to mend before the bot can start, each naming the thing and the mend."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
