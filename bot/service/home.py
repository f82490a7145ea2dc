"""The App Home: a person's requests and ways to begin; for staff the queues."""

from __future__ import annotations

from bot.desk.arrivals import HomeOpened
from bot.desk.meaning import language_of
from bot.service.directory import works_here
from bot.service.house import House
from bot.service.posting import Posting
from bot.storage.unit_of_work import UnitOfWork


def show_home(uow: UnitOfWork, house: House, posting: Posting, opened: HomeOpened) -> str:
    """Owe the person's Home view; returns what was shown, for the log."""
    templates = house.content.templates
    if works_here(uow, house, opened.user):
        requests = uow.requests.listed(open_only=True, limit=30)
        names = {account.id: account.name for account in uow.accounts.all()}
        view = templates.home("staff", house.staff_language, requests=requests, names=names)
        posting.home(opened.user, view)
        return "home for staff"
    accounts = uow.accounts.of_person(opened.user)
    person = uow.accounts.person(opened.user)
    spoken = person.language if person else ""
    default = accounts[0].language if accounts else "en"
    plans = house.content.plans
    language = language_of(spoken, default)
    shown = [
        {
            "account": account,
            "plan_name": plans.plan(account.plan).names[language],
            "requests": uow.requests.listed(account.id, limit=10),
            "time_zone": uow.accounts.zone_of(opened.user, account.time_zone),
        }
        for account in accounts
    ]
    view = templates.home("customer", language, accounts=shown, bot=house.mention())
    posting.home(opened.user, view)
    return "home for customer"
