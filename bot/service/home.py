"""The App Home: a person's requests and ways to begin; for staff the queues."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bot.desk.arrivals import HomeOpened
from bot.desk.meaning import language_of
from bot.desk.requests import Request
from bot.service.directory import works_here
from bot.service.house import House
from bot.service.posting import Posting, key_ref
from bot.storage.accounts import LinkedAccount
from bot.storage.unit_of_work import UnitOfWork

_MOST_OPEN = 200
_SHOWN_OF_A_LIST = 15
"""Slack shows a hundred blocks; of long lists the oldest requests wait longest, so they stay."""
_CLOSED_SHOWN = 5


def show_home(uow: UnitOfWork, house: House, posting: Posting, opened: HomeOpened) -> str:
    """Owe the person's Home view; returns what was shown, for the log."""
    if works_here(uow, house, opened.user):
        return _show_staff(uow, house, posting, opened.user)
    return _show_customer(uow, house, posting, opened.user)


def _show_staff(uow: UnitOfWork, house: House, posting: Posting, user: str) -> str:
    """Every open request in the first list that it fits: late, unclaimed, mine, others'."""
    requests = list(reversed(uow.requests.listed(open_only=True, limit=_MOST_OPEN)))
    lists: dict[str, list[Request]] = {"late": [], "unclaimed": [], "mine": [], "others": []}
    for request in requests:
        lists[_list_of(request, user)].append(request)
    shown = {name: found[:_SHOWN_OF_A_LIST] for name, found in lists.items()}
    accounts = uow.accounts.all()
    view = house.content.templates.home(
        "staff",
        house.staff_language,
        count=len(requests),
        lists=[(name, len(lists[name]), found) for name, found in shown.items() if found],
        user=user,
        names={account.id: account.name for account in accounts},
        zones={account.id: account.time_zone for account in accounts},
        links=_links(
            uow,
            house,
            (
                (one.id, one.staff_channel, key_ref(one.card))
                for found in shown.values()
                for one in found
            ),
        ),
    )
    posting.home(user, view)
    return "home for staff"


def _list_of(request: Request, user: str) -> str:
    if request.clock == "overdue":
        return "late"
    if not request.owner:
        return "unclaimed"
    return "mine" if request.owner == user else "others"


def _show_customer(uow: UnitOfWork, house: House, posting: Posting, user: str) -> str:
    """Open requests from all channels of the person's company, then the latest that are over."""
    accounts = uow.accounts.of_person(user)
    person = uow.accounts.person(user)
    default = accounts[0].language if accounts else "en"
    language = language_of(person.language if person else "", default)
    plans = house.content.plans
    shown = []
    for account in accounts:
        listed = _for_person(uow, account, user)
        is_open = [one for one in listed if one.open][:_SHOWN_OF_A_LIST]
        over = [one for one in listed if not one.open][:_CLOSED_SHOWN]
        threads = ((one.id, one.channel, one.thread_ts) for one in (*is_open, *over))
        shown.append(
            {
                "account": account,
                "plan_name": plans.plan(account.plan).names[language],
                "time_zone": uow.accounts.zone_of(user, account.time_zone),
                "open": is_open,
                "over": over,
                "links": _links(uow, house, threads),
            }
        )
    view = house.content.templates.home(
        "customer",
        language,
        accounts=shown,
        bot=house.mention(),
        # Perhaps staff, whom we know by what they do in a staff channel; perhaps a guest.
        from_here=person is not None and person.team == house.identity.team,
    )
    posting.home(user, view)
    return "home for customer"


def _for_person(uow: UnitOfWork, account: LinkedAccount, user: str) -> Sequence[Request]:
    """What a colleague asked in a DM is between them and us."""
    listed = [
        *uow.requests.listed(account.id, open_only=True, limit=_MOST_OPEN),
        *uow.requests.listed(account.id, limit=_SHOWN_OF_A_LIST),
    ]
    once = {request.id: request for request in listed}
    return [
        one for one in once.values() if not one.channel.startswith("D") or one.requester == user
    ]


def _links(
    uow: UnitOfWork, house: House, threads: Iterable[tuple[int, str, str]]
) -> Mapping[int, str]:
    """Request id → address of its thread in Slack, of those that are posted."""
    found: dict[int, str] = {}
    for request_id, channel, root in threads:
        ts = uow.outgoing.ts_of(root.removeprefix("key:")) if root.startswith("key:") else root
        if ts:
            found[request_id] = f"{house.identity.url}archives/{channel}/p{ts.replace('.', '')}"
    return found
