"""Forms of staff about a request: what each shows, and what is wrong with a submitted one.

As in `bot.service.forms`, everything here only reads.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.content.blocks import Block
from bot.desk.arrivals import ButtonPressed, FormSubmitted
from bot.desk.errors import NotAllowed
from bot.desk.processes import STEPS, end_of, offered_end, process_of, read_day, stage_after
from bot.desk.requests import Request, after
from bot.desk.roles import Deed, require
from bot.desk.tags import read_tags
from bot.desk.verbs import VERBS
from bot.service.directory import role_in
from bot.service.form_pictures import must_be_as_seen, picture
from bot.service.house import House
from bot.service.reply_form import ReplyForm
from bot.storage.unit_of_work import UnitOfWork

STAFF_FORMS: Mapping[str, str] = {
    "reply": "text",
    "assign": "person",
    "triage": "tags",
    "resolve": "note",
    "close": "note",
    "severity": "severity",
    "misread": "right",
    "approve": "note",
    "decline": "note",
}
"""Staff's forms about a request → the block where a complaint about the whole is shown."""
_VERB_OF = {"triage": "tag", "misread": "tag"}


def staff_view(uow: UnitOfWork, house: House, press: ButtonPressed, name: str, rest: str) -> Block:
    """The modal `name` about the request of a card. Raises `NotAllowed`."""
    require(role_in(uow, house, press.user, press.team, press.channel),
            Deed.WORK_ON_REQUESTS)  # fmt: skip
    identity, _, page = press.value.partition("|")
    request = uow.requests.get(int(identity)) if identity.isdigit() else None
    if request is None or request.staff_channel != press.channel:
        raise NotAllowed("not_now.no_such_request")
    if request.merged_into is not None:
        raise NotAllowed("not_now.merged", number=uow.requests.survivor(request).number)
    _still_possible(request, name)
    if name == "reply":
        form = ReplyForm(uow, house, request, press.user)
        url, _, title = page.partition("|")
        return form.with_page(title, url) if rest.startswith("page") else form.empty()
    return house.content.templates.modal(
        name,
        house.staff_language,
        request=request,
        queues=house.content.queues,
        intents=tuple(house.content.catalogue.intents),
        highest=house.content.plans.highest(request.queue),
        **_last_day(house, uow, request),
        opened_with={
            "request": str(request.id),
            "channel": press.channel,
            "seen": picture(uow, request, name),
        },
    )


def _last_day(house: House, uow: UnitOfWork, request: Request) -> dict[str, str]:
    """The day that the form of an approval offers; empty for what has no end."""
    process = process_of(house.content.processes, request.intent, request.fields)
    account = uow.accounts.get(request.account_id)
    zone = account.time_zone if account else "UTC"
    day = offered_end(process, uow.now, zone) if process else None
    return {"last_day": day.isoformat() if day else "", "time_zone": zone}


def _end_to_come(house: House, uow: UnitOfWork, request: Request, written: str) -> None:
    day, account = read_day(written), uow.accounts.get(request.account_id)
    assert account is not None
    closes = house.content.plans.closes
    if day is not None and end_of(day, closes, account.time_zone) <= uow.now:
        raise NotAllowed("not_now.end_is_over")


def _still_possible(request: Request, name: str) -> None:
    if name == "reply" and not request.open:
        raise NotAllowed("not_now.reply")
    after(request.state, VERBS[_VERB_OF.get(name, name)].action)
    step = next((step for step in STEPS if step == name), None)
    if step is not None:
        stage_after(request.process_stage, step)


def staff_problems(uow: UnitOfWork, house: House, form: FormSubmitted) -> dict[str, str]:
    """Block id → what is wrong, in staff's language; empty when it can be taken."""
    block = STAFF_FORMS[form.form]
    language = house.staff_language
    request = uow.requests.get(int(form.context.get("request", "0")))
    try:
        if request is None:
            raise NotAllowed("not_now.no_such_request")
        _still_possible(request, form.form)
        must_be_as_seen(uow, request, form)
        if form.form == "triage":
            read_tags(form.values.get("tags", ""))
        missing = not form.values.get(block, "").strip()
        if form.form in ("reply", "assign", "decline") and missing:
            raise NotAllowed("form.missing")
        if form.form == "severity" and _raises_without_reason(request, form):
            block = "reason"
            raise NotAllowed("not_now.severity_needs_reason")
        if form.values.get("end"):
            block = "end"
            _end_to_come(house, uow, request, form.values["end"])
    except NotAllowed as error:
        return {block: house.content.words.say(language, error.reason, **error.words)}
    return {}


def _raises_without_reason(request: Request, form: FormSubmitted) -> bool:
    raised = form.values.get("severity", "") < request.severity
    return raised and not form.values.get("reason", "").strip()
