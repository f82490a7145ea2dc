"""Log lines as JSON objects, for machines that collect them.

A line is written in the code as `handled id=%s kind=%s ms=%.1f`: the names before the values
become fields, the rest is the event. What an exception says may repeat a customer's words, so of
an exception only its type and the places it passed are kept.
"""

from __future__ import annotations

import json
import logging
import re
import traceback
from datetime import UTC, datetime
from typing import Any

_FIELD = re.compile(r"(\w+)=%(?:\.\d+)?[sdf]")
_PLACE = re.compile(r"%(?:\.\d+)?[sdfr]")


class JsonFormatter(logging.Formatter):
    """One object a line: time, level, logger, event, the line's fields, error."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "event": record.getMessage(),
        }
        told |= _fields(record)
        if record.exc_info and record.exc_info[0] is not None:
            kind, _, trace = record.exc_info
            told["error"] = kind.__name__
            told["trace"] = [
                f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(trace)
            ]
        return json.dumps(told, ensure_ascii=False)


class WordlessFormatter(logging.Formatter):
    """The plain format, without what exceptions say."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the standard library's name
        kind, _, trace = ei
        frames = "".join(traceback.format_tb(trace))
        return f"{frames}{kind.__name__ if kind else ''}".rstrip()


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    """The named values of a line; none when the line is not written as told above."""
    if not isinstance(record.msg, str) or not isinstance(record.args, tuple):
        return {}
    places = [found.start() for found in _PLACE.finditer(record.msg)]
    if len(places) != len(record.args):
        return {}
    named = {found.end() - len(found[0]) + len(found[1]) + 1: found[1]
             for found in _FIELD.finditer(record.msg)}  # fmt: skip
    return {
        named[place]: _plain(value)
        for place, value in zip(places, record.args, strict=True)
        if place in named
    }


def _plain(value: Any) -> Any:
    return value if isinstance(value, int | float | str | bool) or value is None else str(value)
