"""A submitted request form: the same draft that a conversation gathers, filled in at once."""

from __future__ import annotations

from dataclasses import replace

from bot.desk.arrivals import FormSubmitted
from bot.desk.conversation import Conversation, Draft
from bot.desk.drafts import advance
from bot.desk.errors import NotAllowed
from bot.desk.forms import Form
from bot.desk.meaning import language_of
from bot.service.house import House
from bot.service.performing import Performing
from bot.service.posting import Posting
from bot.service.speech import Actor, Place, Said
from bot.storage.accounts import LinkedAccount
from bot.storage.unit_of_work import UnitOfWork


def take_form(
    uow: UnitOfWork, house: House, posting: Posting, form: FormSubmitted, actor: Actor
) -> str:
    """Open the request, or ask what a plan change has to ask first. Returns it for the log.

    Raises `NotAllowed` when the channel the form belongs to is linked to nobody any more.
    """
    account = uow.accounts.of_channel(form.context.get("account_channel", ""))
    if account is None:
        raise NotAllowed("not_allowed.unlinked")
    intent = form.form.removeprefix("request:")
    performing = Performing(uow, house, posting)
    around = performing.surroundings(account)
    language = language_of(form.context.get("language", ""), account.language)
    values = _values(around.form(intent), form)
    words = values.get("description") or values.get("use_case") or values.get("feature") or ""
    place = _place(uow, form, account, actor)
    known = uow.conversations.load(place.channel, place.memory) if not place.on_board else None
    conversation = known or Conversation()
    # What was being asked in the thread has been answered by the form.
    others = tuple(draft for draft in conversation.drafts if draft.intent != intent)
    draft = Draft(
        intent=intent,
        text=words or str(house.content.words.say(language, f"intent.{intent}")),
        origin=f"view:{form.view_id}",
        fields=values,
    )
    turn = advance(
        replace(conversation, drafts=others, language=language), draft, around, push=True
    )
    said = Said(f"form:{form.view_id}", actor.user, actor.name, draft.text)
    return "form: " + performing.perform(turn, place, said=said)


def _values(form: Form, submitted: FormSubmitted) -> dict[str, str]:
    """What was filled in, as far as the form has such fields and options."""
    given = {field: submitted.values.get(field.name, "").strip() for field in form.fields}
    return {
        field.name: value
        for field, value in given.items()
        if value and (not field.options or value in field.options)
    }


def _place(uow: UnitOfWork, form: FormSubmitted, account: LinkedAccount, actor: Actor) -> Place:
    """The thread the form was opened in; without one, whatever is asked is asked on the board."""
    channel = form.context.get("channel") or account.channel
    thread = form.context.get("thread", "")
    if thread:
        return Place(account, channel, thread, actor)
    row = uow.accounts.channel(channel)
    board = uow.outgoing.ts_of(row.board_key) if row and row.board_key else ""
    return Place(account, channel, board, actor, on_board=True)
