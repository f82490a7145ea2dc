"""`/support-admin claim SUP-1001` and its like: the same verbs as on a card, by command."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from bot.desk.arrivals import CommandGiven
from bot.desk.errors import NotAllowed
from bot.desk.processes import read_day
from bot.desk.requests import SEVERITIES, id_of
from bot.desk.roles import Deed, Role, require
from bot.desk.tags import read_tags
from bot.service.directory import actor_of
from bot.service.house import House
from bot.service.posting import Posting
from bot.service.speech import MENTION
from bot.service.staff_actions import StaffActions
from bot.storage.unit_of_work import UnitOfWork

Words = Sequence[str]
Act = Callable[[StaffActions, Words], None]


def about_a_request(words: Words) -> bool:
    """`queue SUP-1001 sales` is about a request, `queue sales #channel` about a team."""
    return bool(words) and words[0] in ACTS and (words[0] != "queue" or _numbered(words))


def run_request_command(
    uow: UnitOfWork,
    house: House,
    posting: Posting,
    given: CommandGiven,
    words: Words,
    role: Role,
) -> str:
    """Do it and say privately how the request stands now. Raises `NotAllowed`."""
    require(role, Deed.WORK_ON_REQUESTS)
    verb, *rest = words
    identity = id_of(rest[0]) if rest else None
    if identity is None:
        raise NotAllowed("admin.which_request", command=f"{verb} SUP-1001")
    actor = actor_of(uow, given.user, given.name)
    uow.accounts.saw(given.user, given.channel)
    actions = StaffActions(uow, house, posting, identity, actor, role)
    ACTS[verb](actions, rest[1:])
    account = uow.accounts.get(actions.request.account_id)
    rendered = house.content.templates.message(
        "standing",
        house.staff_language,
        request=actions.request,
        account_name=account.name if account else "",
    )
    posting.respond(given.response_url, rendered, given.user)
    return f"{verb} {actions.request.number}"


def _numbered(words: Words) -> bool:
    return len(words) > 1 and id_of(words[1]) is not None


def _assign(actions: StaffActions, rest: Words) -> None:
    found = MENTION.match(rest[0]) if rest else None
    if found is None:
        raise NotAllowed("not_now.unknown_colleague")
    actions.assign(found[1], " ".join(rest[1:]))


def _severity(actions: StaffActions, rest: Words) -> None:
    wanted = rest[0].upper() if rest else ""
    severity = next((level for level in SEVERITIES if level == wanted), None)
    if severity is None:
        raise NotAllowed("admin.unknown_severity")
    actions.set_severity(severity, " ".join(rest[1:]))


def _queue(actions: StaffActions, rest: Words) -> None:
    actions.queue(rest[0] if rest else "")


def _tag(actions: StaffActions, rest: Words) -> None:
    actions.tag(add=_some_tags(rest))


def _untag(actions: StaffActions, rest: Words) -> None:
    actions.tag(remove=_some_tags(rest))


def _approve(actions: StaffActions, rest: Words) -> None:
    """`approve SUP-1001 2026-12-24 a note`; the day may be left out."""
    if rest and re.fullmatch(r"\d{4}-\d\d?-\d\d?", rest[0]):
        actions.approve(read_day(rest[0]), " ".join(rest[1:]))
    else:
        actions.approve(None, " ".join(rest))


def _some_tags(rest: Words) -> tuple[str, ...]:
    tags = read_tags(" ".join(rest))
    if not tags:
        raise NotAllowed("admin.which_tag")
    return tags


ACTS: Mapping[str, Act] = {
    "claim": lambda actions, _: actions.claim(),
    "assign": _assign,
    "waiting": lambda actions, _: actions.wait(),
    "severity": _severity,
    "queue": _queue,
    "tag": _tag,
    "untag": _untag,
    "resolve": lambda actions, rest: actions.resolve(" ".join(rest)),
    "close": lambda actions, rest: actions.close(" ".join(rest)),
    "approve": _approve,
    "decline": lambda actions, rest: actions.decline(" ".join(rest)),
    "done": lambda actions, _: actions.finish(),
    "reopen": lambda actions, _: actions.reopen(),
}
