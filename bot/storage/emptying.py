"""What is left of a row when its words go: enough to know it again, nothing to read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.desk.arrivals import MessageDeleted, MessageEdited, MessagePosted

_MESSAGES = {one.__name__ for one in (MessagePosted, MessageEdited, MessageDeleted)}
_PLACE = ("user", "team", "channel", "ts", "thread_ts", "direct", "stamp")


def without_words(kind: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    """An inbox payload without what people wrote; a message still says where it stood.

    Messages are read again later, by whoever looks for those before them in a thread.
    """
    if kind not in _MESSAGES:
        return {}
    kept = {name: payload[name] for name in _PLACE if name in payload}
    return kept if kind == MessageDeleted.__name__ else {**kept, "text": ""}
