"""What happens with one saved arrival: who and where is it, then one transaction.

Each arrival ends in one of three ways: handled (its row is done in the same commit as everything
it caused), tried again later, or given up with a word to staff.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import replace

from bot.content.templates import Rendered
from bot.desk import arrivals as a
from bot.desk.conversation import Conversation
from bot.desk.errors import NotAllowed, TryLater
from bot.desk.meaning import Language
from bot.desk.roles import Deed, Role, require
from bot.fault_points import passing
from bot.service.accounts import AccountChange, change_account
from bot.service.announcements import Announcing
from bot.service.attachments import Attachments
from bot.service.changes import Changes
from bot.service.channels import (
    ask_staff_to_link,
    bot_removed,
    channel_archived,
    channel_joined,
    channel_moved,
    channel_shared,
    channel_unarchived,
    channel_unshared,
)
from bot.service.commands import Commands
from bot.service.customers import Customers
from bot.service.directory import (
    Directory,
    actor_of,
    is_staff_channel,
    role_in,
    speech,
    works_here,
)
from bot.service.doers import doer_of
from bot.service.forms import STAFF_FORMS, account_for
from bot.service.home import show_home
from bot.service.house import House
from bot.service.mail_wishes import FORM as MAIL_FORM
from bot.service.mail_wishes import take_address
from bot.service.merge_forms import MERGE_FORMS, take_merge_form
from bot.service.mirrored_reactions import mirror_reaction
from bot.service.mirroring import take_over
from bot.service.pacing_people import is_hushed, tell_once
from bot.service.people import person_left
from bot.service.places import note_place
from bot.service.posting import Posting
from bot.service.present_channels import at_present
from bot.service.presses import Presses
from bot.service.raise_form import NAME as RAISE_FORM
from bot.service.raise_form import take_raise
from bot.service.ratings import add_words
from bot.service.reactions import staff_reaction
from bot.service.recalls import FORM as RECALL_FORM
from bot.service.recalls import NOT_NEEDED, not_needed, post_correction
from bot.service.secret_warnings import warn_about_secrets
from bot.service.seeding import TICKETS, Seeding, seeded
from bot.service.shadow import MODE as SHADOW
from bot.service.shadow import watch
from bot.service.speech import Actor
from bot.service.staff import STAFF_BUTTONS, Staff
from bot.service.submissions import take_form
from bot.service.workspaces import app_removed
from bot.storage.lanes import Lanes
from bot.storage.tables import Inbox
from bot.storage.unit_of_work import UnitOfWork, look, work

log = logging.getLogger(__name__)

MOST_BELLS = 4
"""Senders worth waking at once: a message is owed to few threads."""
_TYPED = ("text", "note", "reason", "description", "use_case", "words", "summary")
"""Fields of forms that hold somebody's prose."""
_SOON = 0.5
"""Seconds: a post under way is known by then; after a crash, when its lease is over."""


def _names_people(arrival: a.Arrival) -> str:
    """Words in which people are mentioned whom we should know by name."""
    match arrival:
        case a.MessagePosted() | a.CommandGiven():
            return arrival.text
        case a.FormSubmitted():
            return f"<@{arrival.values.get('person', '')}>"
        case _:
            return ""


class Handling:
    """Handles rows of the inbox."""

    def __init__(
        self,
        house: House,
        directory: Directory,
        attachments: Attachments,
        seeding: Seeding,
        lanes: Lanes[Inbox],
    ) -> None:
        self._house = house
        self._directory = directory
        self._attachments = attachments
        self._seeding = seeding
        self._lanes = lanes

    def handle(self, row: Inbox) -> None:
        """Do all of it or nothing. Raises what went wrong; the row is then still ours."""
        started = time.perf_counter()
        passing("handling.claimed")
        arrival = self._attachments.named(self._as_it_stands(row))
        if arrival.user:
            self._directory.meet(arrival.user, _names_people(arrival), arrival.workspace)
        earlier = self._seeding.before(arrival)
        for author in {one.user for one in earlier}:
            self._directory.meet(author, workspace=arrival.workspace)
        passing("handling.begun")
        now = self._house.clock()
        with work(self._house.database, now) as uow:
            uow.trail.doer = doer_of(uow, self._house, arrival)
            note_place(uow, self._house, arrival)
            posting = Posting(uow, self._house, f"in{row.id}", arrival.workspace)
            arrival = at_present(uow, arrival)
            hushed = is_hushed(uow, self._house, row, arrival)
            outcome = (self._hushed if hushed else self._dispatch)(uow, posting, arrival, earlier)
            if arrival.secrets:
                warn_about_secrets(uow, house=self._house, posting=posting, arrival=arrival)
            done = {"state": "done", "done_at": now, "error": ""}
            if isinstance(arrival, a.MessageEdited):
                # The newest words are kept with the message itself, and nowhere else.
                done["payload"] = {**row.payload, "text": ""}
            self._lanes.finish(uow.session, row, **done)
            passing("handling.committing")
        passing("handling.committed")
        self._house.owed.ring(min(posting.owed, MOST_BELLS))
        seconds = time.perf_counter() - started
        self._house.measures.handle_seconds.observe(seconds)
        self._house.measures.handled.labels(row.kind, "done").inc()
        log.info("handled id=%s kind=%s: %s ms=%.1f", row.id, row.kind, outcome, seconds * 1000)

    def _as_it_stands(self, row: Inbox) -> a.Arrival:
        """The arrival; a message as it was edited since, or nothing when it was deleted."""
        with look(self._house.database, self._house.clock()) as uow:
            arrival = at_present(uow, a.arrival_from_json(row.kind, row.payload))
            if not isinstance(arrival, a.MessagePosted):
                return arrival
            change = uow.received.change_waiting(row.id or 0, row.lane, arrival.ts)
        match change:
            case a.MessageEdited():
                return replace(arrival, text=change.text)
            case a.MessageDeleted():
                return a.Arrival(user="")
            case _:
                return arrival

    def _dispatch(
        self,
        uow: UnitOfWork,
        posting: Posting,
        arrival: a.Arrival,
        earlier: Sequence[a.MessagePosted],
    ) -> str:
        house = self._house
        match arrival:
            case a.MessagePosted():
                return self._message(uow, posting, arrival, earlier)
            case a.MessageEdited():
                return self._edited(uow, posting, arrival)
            case a.MessageDeleted():
                return Changes(uow, house, posting).deleted(arrival)
            case a.ButtonPressed():
                return self._press(uow, posting, arrival)
            case a.FormSubmitted():
                return self._form(uow, posting, arrival)
            case a.CommandGiven():
                return self._command(uow, posting, arrival)
            case a.ReactionAdded():
                return self._reaction(uow, posting, arrival, earlier)
            case a.ReactionRemoved():
                return mirror_reaction(uow, house, posting, arrival) or "nothing to do"
            case a.HomeOpened():
                return show_home(uow, house, posting, arrival)
            case a.ChannelJoined():
                return channel_joined(uow, house, posting, arrival)
            case a.ChannelShared():
                return channel_shared(uow, house, posting, arrival)
            case a.ChannelUnshared():
                return channel_unshared(uow, house, posting, arrival)
            case a.ChannelArchived():
                return channel_archived(uow, house, posting, arrival)
            case a.ChannelUnarchived():
                return channel_unarchived(uow, house, posting, arrival)
            case a.BotRemoved():
                return bot_removed(uow, house, posting, arrival)
            case a.PersonLeft():
                return person_left(uow, house, posting, arrival)
            case a.ChannelIdChanged():
                return channel_moved(uow, house, posting, arrival)
            case a.AppRemoved():
                return app_removed(uow, house, posting, arrival)
            case _:
                return "nothing to do"

    def _hushed(
        self,
        uow: UnitOfWork,
        posting: Posting,
        arrival: a.Arrival,
        earlier: Sequence[a.MessagePosted],
    ) -> str:
        """Somebody does too much at once. What is said in a request's thread reaches staff."""
        account = uow.accounts.of_channel(getattr(arrival, "channel", ""))
        if account is not None and account.mode == SHADOW:
            return self._dispatch(uow, posting, arrival, earlier)
        if isinstance(arrival, a.ReactionAdded):
            return mirror_reaction(uow, self._house, posting, arrival) or "hushed"
        if isinstance(arrival, a.MessagePosted):
            actor = actor_of(uow, arrival.user)
            if not Customers(uow, self._house, posting).overheard(arrival, actor):
                return "hushed"
        return "hushed: told" if tell_once(uow, self._house, posting, arrival) else "hushed"

    # --- messages -----------------------------------------------------------------------------

    def _message(
        self,
        uow: UnitOfWork,
        posting: Posting,
        message: a.MessagePosted,
        earlier: Sequence[a.MessagePosted] = (),
    ) -> str:
        house = self._house
        actor = actor_of(uow, message.user)
        if message.thread_ts and uow.outgoing.may_become(message.channel, message.thread_ts):
            # Perhaps it is a message of ours: without knowing, staff's words would reach nobody.
            raise TryLater(f"whose thread {message.thread_ts} is will be known soon", _SOON)
        if is_staff_channel(uow, house, message.channel):
            role = role_in(uow, house, message.user, message.team, message.channel)
            if role is not Role.STRANGER:
                uow.accounts.saw(message.user, message.channel)
            try:
                return Staff(uow, house, posting).message(message, actor, role)
            except NotAllowed as error:
                return self._refused(
                    uow, posting, message.channel, message.user, error, message.root
                )
        if message.direct:
            return self._direct(uow, posting, message, actor)
        account = uow.accounts.of_channel(message.channel)
        if account is None:
            return self._unlinked(uow, posting, message)
        if account.mode == SHADOW:
            by_staff = works_here(uow, house, message.user)
            return watch(uow, house, posting, message, account, by_staff=by_staff)
        if works_here(uow, house, message.user) and not self._as_customer(uow, message):
            requests = uow.requests.in_thread(message.channel, message.root)
            if requests:
                staff = Staff(uow, house, posting)
                return staff.relayed_from_customer_channel(message, actor, requests[-1])
            if message.thread_ts:
                take_over(uow, message.channel, message.thread_ts)
            return "silent: staff in a customer channel"
        uow.accounts.saw(message.user, message.channel)
        return Customers(uow, house, posting).message(message, account, actor, earlier)

    def _edited(self, uow: UnitOfWork, posting: Posting, edit: a.MessageEdited) -> str:
        """A change of what is known; or a call to us that only the edit made one."""
        root = edit.thread_ts or edit.ts
        unheard = (
            self._house.mention() in edit.text
            and uow.conversations.load(edit.channel, root) is None
            and not uow.requests.messages_at(edit.channel, edit.ts)
        )
        if unheard and not is_staff_channel(uow, self._house, edit.channel):
            return self._message(uow, posting, edit.as_posted())
        return Changes(uow, self._house, posting).edited(edit)

    def _as_customer(self, uow: UnitOfWork, message: a.MessagePosted) -> bool:
        """Staff try the bot out as a customer: they call it, or it is talking with them."""
        if self._house.mention() in message.text:
            return True
        here = uow.requests.in_thread(message.channel, message.root)
        if here:
            return here[-1].requester == message.user
        return uow.conversations.last_speaker(message.channel, message.root) == message.user

    def _direct(
        self, uow: UnitOfWork, posting: Posting, message: a.MessagePosted, actor: Actor
    ) -> str:
        if works_here(uow, self._house, message.user):
            return Staff(uow, self._house, posting).asked(message)
        try:
            account = account_for(uow, message.channel, message.user)
        except NotAllowed as error:
            return self._refused(
                uow,
                posting,
                message.channel,
                message.user,
                error,
                message.root,
                whisper=False,
                said=message.text,
            )
        return Customers(uow, self._house, posting).message(message, account, actor)

    def _unlinked(self, uow: UnitOfWork, posting: Posting, message: a.MessagePosted) -> str:
        """Nobody told us whose channel this is: staff are asked once, who called us is told."""
        if uow.moves.expected(message.channel):
            raise TryLater(f"{message.channel} is another channel's new id", _SOON)
        if message.team and message.team != self._house.identity.team:
            ask_staff_to_link(uow, self._house, posting, message.channel)
        if self._house.mention() not in message.text:
            return "silent: unlinked channel"
        templates = self._house.content.templates
        language = speech(uow, self._house, message.channel, message.user, message.text)
        posting.message(
            message.channel,
            templates.message("say", language, sentence="unlinked.customer", words={}),
            thread=message.root,
            key=f"unlinked-customer:{message.channel}:{message.root}",
        )
        ask_staff_to_link(uow, self._house, posting, message.channel)
        return "asked staff to link the channel"

    # --- buttons, forms, commands, reactions --------------------------------------------------

    def _press(self, uow: UnitOfWork, posting: Posting, press: a.ButtonPressed) -> str:
        house = self._house
        actor = actor_of(uow, press.user, press.name)
        try:
            if press.action.startswith("do.announce:"):
                role = role_in(uow, house, press.user, press.team, press.channel)
                return Announcing(uow, house, posting, actor, role).press(press)
            if press.action in STAFF_BUTTONS:
                return self._staff_press(uow, posting, press, actor)
            if press.action == NOT_NEEDED:
                return not_needed(uow, house, posting, press, actor)
            account = account_for(uow, press.channel or press.value, press.user)
            if press.channel and not press.channel.startswith("D"):
                uow.accounts.saw(press.user, press.channel)
            return Presses(uow, house, posting).press(press, account, actor)
        except NotAllowed as error:
            thread = press.thread_ts or ""
            return self._refused(uow, posting, press.channel, press.user, error, thread)

    def _staff_press(
        self, uow: UnitOfWork, posting: Posting, press: a.ButtonPressed, actor: Actor
    ) -> str:
        """A button of a card; or of the App Home, which is then drawn anew."""
        house, at_home = self._house, not press.channel
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

    def _form(self, uow: UnitOfWork, posting: Posting, form: a.FormSubmitted) -> str:
        house = self._house
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
                return self._link(uow, posting, form)
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
            return self._refused(uow, posting, channel, form.user, error, thread, kept=kept)

    def _link(self, uow: UnitOfWork, posting: Posting, form: a.FormSubmitted) -> str:
        channel = form.context.get("channel", "")
        require(role_in(uow, self._house, form.user, form.team, channel), Deed.CHANGE_ACCOUNTS)
        change = AccountChange(
            name=form.values["name"].strip(),
            channel=form.context["link"],
            plan=form.values.get("plan") or None,
            time_zone=form.values.get("time_zone", "").strip() or None,
            language=form.values.get("language") or None,
        )
        account = change_account(uow, self._house.content.plans, change)
        rendered = self._house.content.templates.message(
            "say",
            self._house.staff_language,
            sentence="admin.linked",
            words={"channel": form.context["link"], "account": account.name},
        )
        posting.message(channel, rendered)
        return f"linked {form.context['link']}"

    def _command(self, uow: UnitOfWork, posting: Posting, given: a.CommandGiven) -> str:
        try:
            return Commands(uow, self._house, posting).run(given)
        except NotAllowed as error:
            language = speech(uow, self._house, given.channel, given.user)
            rendered = self._sentence(error, language)
            posting.respond(given.response_url, rendered, given.user)
            return f"refused: {error.reason}"

    def _reaction(
        self,
        uow: UnitOfWork,
        posting: Posting,
        reaction: a.ReactionAdded,
        earlier: Sequence[a.MessagePosted],
    ) -> str:
        """👀 and ✅ of staff; 🎫 on a customer's message asks for a request about it."""
        try:
            done = staff_reaction(uow, self._house, posting, reaction)
        except NotAllowed as error:
            rendered = self._sentence(error, self._house.staff_language)
            there = uow.accounts.of_channel(reaction.channel)
            account_id = there.id if there else None
            posting.whisper(reaction.channel, reaction.user, rendered, account_id=account_id)
            return f"refused: {error.reason}"
        done = done or mirror_reaction(uow, self._house, posting, reaction)
        if done:
            return done
        account = uow.accounts.of_channel(reaction.channel)
        if account is None or reaction.name not in TICKETS:
            return "nothing to do"
        language = account.language
        rendered = self._house.content.templates.message(
            "ticket_reaction", language, account=account
        )
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

    # --- refusals -----------------------------------------------------------------------------

    def _refused(
        self,
        uow: UnitOfWork,
        posting: Posting,
        channel: str,
        user: str,
        error: NotAllowed,
        thread: str,
        *,
        whisper: bool = True,
        kept: str = "",
        said: str = "",
    ) -> str:
        """Say why not to the one who tried. `kept`: what they had typed, which would be lost."""
        rendered = self._house.content.templates.message(
            "refused",
            speech(uow, self._house, channel, user, said),
            sentence=error.reason,
            words=error.words,
            kept=kept,
        )
        account = uow.accounts.of_channel(channel) if channel else None
        account_id = account.id if account else None
        if channel and whisper and not channel.startswith("D"):
            posting.whisper(channel, user, rendered, thread=thread, account_id=account_id)
        else:
            # The App Home has no place for words: there they come as a DM.
            posting.message(channel or user, rendered, thread=thread, account_id=account_id)
        return f"refused: {error.reason}"

    def _sentence(self, error: NotAllowed, language: Language) -> Rendered:
        return self._house.content.templates.message(
            "say", language, sentence=error.reason, words=error.words
        )
