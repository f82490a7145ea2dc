"""Who may do what: one table. A role comes from the channel and the organisation, never from words.

| role     | who                                                                |
|----------|--------------------------------------------------------------------|
| customer | anybody acting in a channel that is linked to an account           |
| staff    | a member of our own organisation acting in a staff channel         |
| admin    | staff named in `SUPPORTBOT_ADMINS`, or all staff while it is empty |
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from bot.desk.errors import NotAllowed


class Role(StrEnum):
    STRANGER = "stranger"
    CUSTOMER = "customer"
    STAFF = "staff"
    ADMIN = "admin"


class Deed(StrEnum):
    ASK = "ask"
    OPEN_REQUEST = "open_request"
    SEE_OWN_REQUESTS = "see_own_requests"
    UPDATE_OWN_REQUEST = "update_own_request"
    WORK_ON_REQUESTS = "work_on_requests"
    CHANGE_ACCOUNTS = "change_accounts"
    ANNOUNCE = "announce"


_STRANGER = frozenset({Deed.ASK})
_CUSTOMER = _STRANGER | {Deed.OPEN_REQUEST, Deed.SEE_OWN_REQUESTS, Deed.UPDATE_OWN_REQUEST}
_STAFF = _STRANGER | {Deed.WORK_ON_REQUESTS}
MAY: Mapping[Role, frozenset[Deed]] = {
    Role.STRANGER: _STRANGER,
    Role.CUSTOMER: _CUSTOMER,
    Role.STAFF: _STAFF,
    Role.ADMIN: _STAFF | {Deed.CHANGE_ACCOUNTS, Deed.ANNOUNCE},
}


def require(role: Role, deed: Deed) -> None:
    """Raise `NotAllowed` unless the role may do it."""
    if deed not in MAY[role]:
        raise NotAllowed(f"not_allowed.{deed.value}")


def public_part(text: str) -> str:
    """Staff's words without the lines that must never reach the customer.

    A line that starts with `//` or carries a 🔒 stays inside; empty when nothing else is left.
    """
    return "\n".join(line for line in text.split("\n") if not _is_internal(line)).strip()


def _is_internal(line: str) -> bool:
    return line.lstrip().startswith("//") or "🔒" in line or ":lock:" in line
