"""What staff can do to a request: one row a verb. In which states: `requests`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.desk.requests import Action
from bot.desk.roles import Deed


@dataclass(frozen=True, slots=True)
class Verb:
    """`action` is its column in the state table and the kind of its event in the history."""

    action: Action
    tells_customer: bool = True
    deed: Deed = Deed.WORK_ON_REQUESTS


VERBS: Mapping[str, Verb] = {
    "claim": Verb("claim"),
    "take_over": Verb("claim"),
    "assign": Verb("assign"),
    "reply": Verb("staff_reply"),
    "wait": Verb("wait"),
    "severity": Verb("severity"),
    "queue": Verb("queue"),
    "tag": Verb("tag", tells_customer=False),
    "resolve": Verb("resolve"),
    "close": Verb("close"),
    "reopen": Verb("reopen"),
    "approve": Verb("approve"),
    "decline": Verb("decline"),
    "finish": Verb("finish"),
}
"""By the name that buttons, forms, reactions and `/support-admin` use."""
