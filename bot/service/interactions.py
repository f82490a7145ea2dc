"""Buttons, forms, commands and reactions: whose are they, and may this person?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.desk import arrivals as a
from bot.desk.conversation import Conversation
from bot.desk.errors import NotAllowed
from bot.desk.roles import Deed, require
from bot.service.accounts import AccountChange, change_account
from bot.service.announcements import Announcing
from bot.service.commands import Commands
from bot.service.directory import actor_of, role_in, speech, works_here
from bot.service.forms import account_for
from bot.service.home import show_home
from bot.service.house import House
from bot.service.mail_wishes import FORM as MAIL_FORM
from bot.service.mail_wishes import take_address
from bot.service.merge_forms import MERGE_FORMS, take_merge_form
from bot.service.mirrored_reactions import mirror_reaction
from bot.service.posting import Posting
from bot.service.presses import Presses
from bot.service.raise_form import NAME as RAISE_FORM
from bot.service.raise_form import take_raise
from bot.service.ratings import add_words
from bot.service.reactions import staff_reaction
from bot.service.recalls import FORM as RECALL_FORM
from bot.service.recalls import NOT_NEEDED, not_needed, post_correction
from bot.service.refusals import refuse, sentence_of
from bot.service.seeding import TICKETS, seeded
from bot.service.speech import Actor
from bot.service.staff import STAFF_BUTTONS, Staff
from bot.service.staff_forms import STAFF_FORMS
from bot.service.submissions import take_form
from bot.storage.unit_of_work import UnitOfWork

_TYPED = ("text", "note", "reason", "description", "use_case", "words", "summary")
"""Fields of forms that hold somebody's prose."""


class Interactions:
    """What people press, submit, command and react with, within one transaction."""

    def __init__(self, uow: UnitOfWork, house: House, posting: Posting) -> None:
        self._uow = uow
        self._house = house
        self._posting = posting

    def press(self, press: a.ButtonPressed) -> str:
        uow, house, posting = self._uow, self._house, self._posting
        actor = actor_of(uow, press.user, press.name)
        try:
            if press.action.startswith("do.announce:"):
                role = role_in(uow, house, press.user, press.team, press.channel)
                return Announcing(uow, house, posting, actor, role).press(press)
            if press.action in STAFF_BUTTONS:
                return self._staff_press(press, actor)
            if press.action == NOT_NEEDED:
                return not_needed(uow, house, posting, press, actor)
            account = account_for(uow, press.channel or press.value, press.user)
            if press.channel and not press.channel.startswith("D"):
                uow.accounts.saw(press.user, press.channel)
            return Presses(uow, house, posting).press(press, account, actor)
        except NotAllowed as error:
            thread = press.thread_ts or ""
            return refuse(uow, house, posting, press.channel, press.user, error, thread)

    def _staff_press(self, press: a.ButtonPressed, actor: Actor) -> str:
        """A button of a card; or of the App Home, which is then drawn anew."""
        uow, house, posting = self._uow, self._house, self._posting
        at_home = not press.channel
        if at_home and works_here(uow, house, press.user):
            identity = press.value.partition(":")[0]
            request = uow.requests.get(int(identity)) if identity.isdigit() else None
            press = replace(press, channel=request.staff_channel if request else "")
        role = role_in(uow, house, press.user, press.team, press.channel)
        try:
            outcome = Staff(uow, house, posting).press(press, actor, role)
        finally:
            if at_home:
                show_home(uow, house, posting, a.HomeOpened(user=press.user))
        uow.accounts.saw(press.user, press.channel)
        return outcome

    def form(self, form: a.FormSubmitted) -> str:
        uow, house, posting = self._uow, self._house, self._posting
        actor = actor_of(uow, form.user, form.name)
        channel = form.context.get("channel", "")
        try:
            if form.form in MERGE_FORMS:
                return take_merge_form(uow, house, posting, form, actor)
            if form.form in STAFF_FORMS:
                role = role_in(uow, house, form.user, form.team, channel)
                return Staff(uow, house, posting).submit(form, actor, role)
            if form.form == "announce":
                role = role_in(uow, house, form.user, form.team, channel)
                return Announcing(uow, house, posting, actor, role).draft(form)
            if form.form == "link":
                return self._link(form)
            if form.form == RECALL_FORM:
                return post_correction(uow, house, posting, form, actor)
            if form.form == RAISE_FORM:
                return take_raise(uow, house, posting, form, actor)
            if form.form == MAIL_FORM:
                account = account_for(uow, channel, form.user)
                return take_address(uow, house, posting, form, account)
            if form.form == "rating":
                account = account_for(uow, channel, form.user)
                return add_words(uow, house, posting, form, account, actor)
            return take_form(uow, house, posting, form, actor)
        except NotAllowed as error:
            kept = next((form.values[name] for name in _TYPED if form.values.get(name)), "")
            thread = form.context.get("thread", "")
            return refuse(uow, house, posting, channel, form.user, error, thread, kept=kept)

    def _link(self, form: a.FormSubmitted) -> str:
        uow, house, posting = self._uow, self._house, self._posting
        channel = form.context.get("channel", "")
        require(role_in(uow, house, form.user, form.team, channel), Deed.CHANGE_ACCOUNTS)
        change = AccountChange(
            name=form.values["name"].strip(),
            channel=form.context["link"],
            plan=form.values.get("plan") or None,
            time_zone=form.values.get("time_zone", "").strip() or None,
            language=form.values.get("language") or None,
        )
        account = change_account(uow, house.content.plans, change)
        rendered = house.content.templates.message(
            "say",
            house.staff_language,
            sentence="admin.linked",
            words={"channel": form.context["link"], "account": account.name},
        )
        posting.message(channel, rendered)
        return f"linked {form.context['link']}"

    def command(self, given: a.CommandGiven) -> str:
        uow, house, posting = self._uow, self._house, self._posting
        try:
            return Commands(uow, house, posting).run(given)
        except NotAllowed as error:
            language = speech(uow, house, given.channel, given.user)
            rendered = sentence_of(house, error, language)
            posting.respond(given.response_url, rendered, given.user)
            return f"refused: {error.reason}"

    def reaction(
        self,
        reaction: a.ReactionAdded,
        earlier: Sequence[a.MessagePosted],
    ) -> str:
        """👀 and ✅ of staff; 🎫 on a customer's message asks for a request about it."""
        uow, house, posting = self._uow, self._house, self._posting
        try:
            done = staff_reaction(uow, house, posting, reaction)
        except NotAllowed as error:
            rendered = sentence_of(house, error, house.staff_language)
            there = uow.accounts.of_channel(reaction.channel)
            account_id = there.id if there else None
            posting.whisper(reaction.channel, reaction.user, rendered, account_id=account_id)
            return f"refused: {error.reason}"
        done = done or mirror_reaction(uow, house, posting, reaction)
        if done:
            return done
        account = uow.accounts.of_channel(reaction.channel)
        if account is None or reaction.name not in TICKETS:
            return "nothing to do"
        language = account.language
        rendered = house.content.templates.message("ticket_reaction", language, account=account)
        uow.accounts.saw(reaction.user, reaction.channel)
        root = earlier[-1].root if earlier else reaction.ts
        if earlier:
            known = uow.conversations.load(reaction.channel, root) or Conversation()
            remembered = seeded(uow, replace(known, language=language), earlier)
            uow.conversations.save(reaction.channel, root, reaction.user, remembered)
        posting.message(
            reaction.channel,
            rendered,
            thread=root,
            key=f"ticket-reaction:{reaction.channel}:{reaction.ts}",
            account_id=account.id,
        )
        return "offered a request"
