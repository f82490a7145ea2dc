"""Forms of the desk's administrators: an announcement, the link of a channel to an account.

As in `bot.service.forms`, everything here only reads.
"""

from __future__ import annotations

from zoneinfo import available_timezones

from bot.content.blocks import Block
from bot.desk.arrivals import ButtonPressed, FormSubmitted
from bot.desk.errors import NotAllowed
from bot.desk.roles import Deed, require
from bot.service.announcements import chosen_channels, texts_of
from bot.service.directory import role_in
from bot.service.house import House
from bot.storage.unit_of_work import UnitOfWork


def announce_view(uow: UnitOfWork, house: House, press: ButtonPressed) -> Block:
    """For whom and what. Raises `NotAllowed`."""
    require(role_in(uow, house, press.user, press.team, press.channel), Deed.ANNOUNCE)
    language = house.staff_language
    return house.content.templates.modal(
        "announce",
        language,
        plans=[(plan.key, plan.names[language]) for plan in house.content.plans.plans],
        accounts=[(str(account.id), account.name) for account in uow.accounts.all()],
        opened_with={"channel": press.channel},
    )


def announce_problems(uow: UnitOfWork, house: House, form: FormSubmitted) -> dict[str, str]:
    """Block id → what is wrong, in staff's language; empty when it can be taken."""
    language = house.staff_language
    if not texts_of(form.values):
        return {"text_en": house.content.words.say(language, "announce.no_text")}
    try:
        if not chosen_channels(uow, form.values):
            raise NotAllowed("announce.nobody_there")
    except NotAllowed as error:
        return {"channels": house.content.words.say(language, error.reason, **error.words)}
    return {}


def link_view(uow: UnitOfWork, house: House, press: ButtonPressed) -> Block:
    """Whose channel it is. Raises `NotAllowed`."""
    require(role_in(uow, house, press.user, press.team, press.channel),
            Deed.CHANGE_ACCOUNTS)  # fmt: skip
    return house.content.templates.modal(
        "link",
        house.staff_language,
        plans=[(plan.key, plan.names["en"]) for plan in house.content.plans.plans],
        accounts=[account.name for account in uow.accounts.all()][:100],
        opened_with={"link": press.value, "channel": press.channel},
    )


def link_problems(house: House, form: FormSubmitted) -> dict[str, str]:
    """As `announce_problems`."""
    language = house.staff_language
    if not form.values.get("name", "").strip():
        return {"name": house.content.words.say(language, "form.missing")}
    zone = form.values.get("time_zone", "").strip()
    if zone and zone not in available_timezones():
        return {"time_zone": house.content.words.say(language, "form.time_zone")}
    return {}
