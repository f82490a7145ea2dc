"""Staff's forms to merge, move and split: which request, and from which message on."""

from __future__ import annotations

from bot.content.blocks import Block
from bot.desk.arrivals import ButtonPressed, FormSubmitted
from bot.desk.errors import NotAllowed
from bot.desk.requests import Request
from bot.desk.roles import Deed, Role, require
from bot.service.directory import is_staff_channel, role_in, works_here
from bot.service.house import House
from bot.service.merging import Merging, must_fit
from bot.service.posting import Posting
from bot.service.present_channels import staff_home
from bot.service.speech import Actor
from bot.storage.tables import RequestMessage
from bot.storage.unit_of_work import UnitOfWork

MERGE_FORMS = frozenset({"merge", "move", "split"})


def merge_view(uow: UnitOfWork, house: House, press: ButtonPressed, name: str) -> Block:
    """The modal. Raises `NotAllowed` with the words to say."""
    require(_role(uow, house, press.user, press.team, press.channel), Deed.WORK_ON_REQUESTS)
    if name == "merge":
        request, message = _request(uow, press.value), None
        if request.staff_channel != press.channel:
            raise NotAllowed("not_now.no_such_request")
    else:
        message = _message(uow, press.channel, press.message_ts)
        request = _request(uow, str(message.request_id))
    if request.merged_into is not None or not request.open:
        raise NotAllowed("not_now.merge_closed", number=request.number)
    others = [
        other
        for other in uow.requests.listed(request.account_id, open_only=True, limit=101)
        if other.id != request.id and other.channel == request.channel
    ]
    if name != "split" and not others:
        raise NotAllowed("not_now.no_other_request")
    return house.content.templates.modal(
        name,
        house.staff_language,
        request=request,
        others=others[:100],
        words=message.text if message else "",
        opened_with={
            "request": str(request.id),
            "message": str(message.id) if message else "",
            "channel": press.channel,
        },
    )


def merge_problems(uow: UnitOfWork, form: FormSubmitted) -> dict[str, str]:
    """Block id → reason (a key of the words files) of what cannot be done any more."""
    block = "summary" if form.form == "split" else "into"
    try:
        request = _request(uow, form.context.get("request", ""))
        if form.form == "split":
            if not form.values.get("summary", "").strip():
                return {block: "form.missing"}
            if not request.open:
                return {block: "not_now.merge_closed"}
        else:
            must_fit(request, _request(uow, form.values.get("into", "")))
    except NotAllowed as error:
        return {block: error.reason}
    return {}


def take_merge_form(
    uow: UnitOfWork, house: House, posting: Posting, form: FormSubmitted, actor: Actor
) -> str:
    """Do what the form says. Raises `NotAllowed`."""
    channel = form.context.get("channel", "")
    require(_role(uow, house, form.user, form.team, channel), Deed.WORK_ON_REQUESTS)
    merging = Merging(uow, house, posting, actor)
    request = _request(uow, form.context.get("request", ""))
    if form.form == "merge":
        into = _request(uow, form.values.get("into", ""))
        merging.merge(request, into)
        return f"merged {request.number} into {into.number}"
    identity = form.context.get("message", "")
    message = uow.requests.message(int(identity)) if identity.isdigit() else None
    if message is None:
        raise NotAllowed("not_now.pick_a_customers_message")
    if form.form == "move":
        into = _request(uow, form.values.get("into", ""))
        merging.move(message, into)
        return f"moved a message of {request.number} to {into.number}"
    opened = merging.split(message, form.values.get("summary", "").strip())
    return f"split {opened.number} from {request.number}"


def _message(uow: UnitOfWork, channel: str, ts: str) -> RequestMessage:
    """A customer's message, or the copy of one in the staff thread."""
    found = list(uow.requests.messages_at(channel, ts))
    entry = None if found else uow.outgoing.posted_at(channel, ts)
    if entry is not None and not entry.key.startswith(("transcript:", "moved:")):
        found = list(uow.copies.behind(entry.key))
    customers = [one for one in found if one.side == "customer" and one.deleted_at is None]
    if not customers:
        raise NotAllowed("not_now.pick_a_customers_message")
    return customers[-1]


def _request(uow: UnitOfWork, identity: str) -> Request:
    request = uow.requests.get(int(identity)) if identity.isdigit() else None
    if request is None:
        raise NotAllowed("not_now.no_such_request")
    return request


def _role(uow: UnitOfWork, house: House, user: str, team: str, channel: str) -> Role:
    """In a customer's channel only who has worked in a staff channel is staff."""
    if not is_staff_channel(uow, house, channel) and works_here(uow, house, user):
        return role_in(uow, house, user, team, staff_home(uow, house))
    return role_in(uow, house, user, team, channel)
