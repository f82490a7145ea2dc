"""A request (ticket) and its life.

    new → claimed → waiting for the customer → resolved → closed
     ↑        ↑______________|                    |          |
     |__________________ reopen __________________|__________|

The table below is the whole rule; everything else asks `after`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from bot.desk.deadlines import Pause
from bot.desk.errors import NotAllowed
from bot.desk.meaning import Language
from bot.desk.processes import Stage

State = Literal["new", "claimed", "waiting", "resolved", "closed"]
Action = Literal[
    "claim",
    "assign",
    "staff_reply",
    "take_back",
    "customer_reply",
    "wait",
    "stale",
    "resolve",
    "close",
    "reopen",
    "severity",
    "queue",
    "owner_left",
    "tag",
    "approve",
    "decline",
    "finish",
    "note",
]
Severity = Literal["S1", "S2", "S3", "S4"]
SEVERITIES: tuple[Severity, ...] = ("S1", "S2", "S3", "S4")
OPEN_STATES: frozenset[State] = frozenset({"new", "claimed", "waiting"})
FIRST_NUMBER = 1001
Kept = Literal["", "kept", "missed"]
"""What became of the promise of a first answer; empty while it is not decided."""
Clock = Literal["none", "running", "paused", "overdue", "kept", "missed"]
"""`none`: nothing is promised, or the request ended without an answer."""

_AFTER: Mapping[tuple[State, Action], State] = {
    ("new", "claim"): "claimed",
    ("claimed", "claim"): "claimed",
    ("waiting", "claim"): "waiting",
    ("new", "assign"): "claimed",
    ("claimed", "assign"): "claimed",
    ("waiting", "assign"): "waiting",
    ("new", "staff_reply"): "waiting",
    ("claimed", "staff_reply"): "waiting",
    ("waiting", "staff_reply"): "waiting",
    ("resolved", "staff_reply"): "resolved",
    ("waiting", "take_back"): "claimed",
    ("new", "customer_reply"): "new",
    ("claimed", "customer_reply"): "claimed",
    ("waiting", "customer_reply"): "claimed",
    ("resolved", "customer_reply"): "resolved",
    ("closed", "customer_reply"): "closed",
    ("new", "wait"): "waiting",
    ("claimed", "wait"): "waiting",
    ("waiting", "stale"): "resolved",
    ("new", "resolve"): "resolved",
    ("claimed", "resolve"): "resolved",
    ("waiting", "resolve"): "resolved",
    ("new", "close"): "closed",
    ("claimed", "close"): "closed",
    ("waiting", "close"): "closed",
    ("resolved", "close"): "closed",
    ("resolved", "reopen"): "claimed",
    ("closed", "reopen"): "claimed",
    ("new", "severity"): "new",
    ("claimed", "severity"): "claimed",
    ("waiting", "severity"): "waiting",
    ("new", "queue"): "new",
    ("claimed", "queue"): "claimed",
    ("waiting", "queue"): "waiting",
    ("new", "owner_left"): "new",
    ("claimed", "owner_left"): "new",
    ("waiting", "owner_left"): "waiting",
    ("new", "tag"): "new",
    ("claimed", "tag"): "claimed",
    ("waiting", "tag"): "waiting",
    ("resolved", "tag"): "resolved",
    ("closed", "tag"): "closed",
    ("new", "approve"): "claimed",
    ("claimed", "approve"): "claimed",
    ("waiting", "approve"): "claimed",
    ("new", "decline"): "resolved",
    ("claimed", "decline"): "resolved",
    ("waiting", "decline"): "resolved",
    ("new", "finish"): "resolved",
    ("claimed", "finish"): "resolved",
    ("waiting", "finish"): "resolved",
}


@dataclass(frozen=True, slots=True)
class Request:
    """One request as the desk sees it; times are aware UTC."""

    id: int
    account_id: int
    requester: str
    requester_name: str
    channel: str
    thread_ts: str
    intent: str
    queue: str
    severity: Severity
    state: State
    summary: str
    language: Language
    opened_at: datetime
    updated_at: datetime
    fields: Mapping[str, str] = field(default_factory=dict)
    owner: str = ""
    owner_name: str = ""
    staff_channel: str = ""
    promised_minutes: int | None = None
    """The target; None where the plan promises nothing."""
    around_the_clock: bool = False
    pauses: tuple[Pause, ...] = ()
    """Waits for the customer before the first answer."""
    respond_by: datetime | None = None
    """When the first answer is due; None where nothing is promised, and while we wait."""
    responded_at: datetime | None = None
    """When staff's first words reached the customer."""
    answered_after: int | None = None
    """Counted minutes until then."""
    promise: Kept = ""
    waiting_since: datetime | None = None
    closed_at: datetime | None = None
    follows: int | None = None
    """The request this one continues or was split from."""
    merged_into: int | None = None
    tags: tuple[str, ...] = ()
    card_key: str = ""
    """Outbox key of its staff card, where it is not the first one: a change of queue moves it."""

    stage: Stage | Literal[""] = ""
    """How far it is decided (`bot.desk.processes`); empty before the first step."""
    ends_at: datetime | None = None
    """When what was approved ends: a PoC, credits."""

    @property
    def process_stage(self) -> Stage:
        return self.stage or "submitted"

    @property
    def card(self) -> str:
        """Outbox key of the staff card; the staff thread hangs from it."""
        return self.card_key or f"card:{self.id}"

    @property
    def number(self) -> str:
        return number_of(self.id)

    @property
    def open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def clock(self) -> Clock:
        """How the promise of a first answer stands."""
        if self.promised_minutes is None:
            return "none"
        if self.responded_at is not None:
            return "missed" if self.promise == "missed" else "kept"
        if not self.open:
            return "none"
        if self.promise == "missed":
            return "overdue"
        return "running" if self.respond_by is not None else "paused"


def number_of(request_id: int) -> str:
    """`SUP-1001` for the row whose id is 1."""
    return f"SUP-{FIRST_NUMBER - 1 + request_id}"


def id_of(number: str) -> int | None:
    """The row id behind `SUP-1001`, `sup 1001`, `#1001` or `1001`; None for anything else.

    Full-width letters and digits, as Japanese keyboards write them, are the same.
    """
    written = unicodedata.normalize("NFKC", number).strip()
    found = re.fullmatch(r"(?:sup[-\s]?|#)?(\d{4,9})", written, re.IGNORECASE)
    if found is None:
        return None
    identity = int(found[1]) - FIRST_NUMBER + 1
    return identity if identity > 0 else None


def after(state: State, action: Action, *, owned: bool = True) -> State:
    """The state that follows. Raises `NotAllowed` (`not_now.<action>`) where none does.

    A reopened request nobody owns is new again.
    """
    try:
        following = _AFTER[state, action]
    except KeyError:
        raise NotAllowed(f"not_now.{action}") from None
    if following == "claimed" and not owned and action in ("reopen", "customer_reply"):
        return "new"
    return following
