"""Whether words hold an error message that a program printed."""

from __future__ import annotations

import re

_ERROR_MESSAGE = re.compile(
    r"""
      \berror(?:\s+code)?[\s:]+\[?\d{3,5}\b        # ERROR 9005, error code: 1105
    | \bSQLSTATE\b | \(HY000\)
    | \b(?:ER|ERR)_[A-Z][A-Z_]{3,}                 # ER_ACCESS_DENIED_ERROR
    | \b[A-Z][A-Z]{1,9}-\d{3,6}\b(?=\s*[:：])      # XYZ-4093: what it says
    | \b[A-Za-z.]+(?:Exception|Error):\s           # java.sql.SQLException: …
    """,
    re.VERBOSE | re.IGNORECASE,
)


def holds_error_message(text: str) -> bool:
    """A number of a request (SUP-1001) is none."""
    return any(not found[0].upper().startswith("SUP-") for found in _ERROR_MESSAGE.finditer(text))
