"""Errors of the local workspace.

SandboxError
├── ApiError           a Web API method answers `ok: false`
├── ActRefusedError    a person tried what Slack would not let them do; says why
├── PortTakenError     somebody else listens on the wanted port
└── NotSeenError       a test waited for something that did not come (also an AssertionError)
"""

from __future__ import annotations

from typing import Any


class SandboxError(Exception):
    """Root of every error raised here on purpose."""


class ApiError(SandboxError):
    """`error` is Slack's name for it; `fields` join the answer's body (`needed`, `provided`, …)."""

    def __init__(self, error: str, **fields: Any) -> None:
        super().__init__(error)
        self.error = error
        self.fields = fields


class ActRefusedError(SandboxError):
    """`reason` is a sentence the person would read."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class PortTakenError(SandboxError):
    def __init__(self, host: str, port: int) -> None:
        super().__init__(
            f"Port {port} on {host} is taken: stop what listens there, choose another port, "
            "or give 0 to have a free one picked."
        )
        self.port = port


class NotSeenError(SandboxError, AssertionError):
    """The message shows what was seen instead."""
