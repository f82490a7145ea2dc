"""Whose message is it: staff's, a customer's, somebody's in a channel that is nobody's yet?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bot.desk import arrivals as a
from bot.desk.errors import NotAllowed, TryLater
from bot.desk.roles import Role
from bot.service.changes import Changes
from bot.service.channels import ask_staff_to_link
from bot.service.customers import Customers
from bot.service.directory import actor_of, is_staff_channel, role_in, speech, works_here
from bot.service.forms import account_for
from bot.service.house import House
from bot.service.mirroring import take_over
from bot.service.posting import Posting
from bot.service.refusals import refuse
from bot.service.shadow import watch
from bot.service.speech import Actor
from bot.service.staff import Staff
from bot.storage.accounts import SHADOW
from bot.storage.unit_of_work import UnitOfWork

_SOON = 0.5
"""Seconds: a post under way is known by then; after a crash, when its lease is over."""
_ON_ITS_WAY = timedelta(minutes=10)
"""Slack tries to deliver a message for about six minutes."""


class Messages:
    """Messages and their changes within one transaction."""

    def __init__(self, uow: UnitOfWork, house: House, posting: Posting) -> None:
        self._uow = uow
        self._house = house
        self._posting = posting

    def posted(
        self,
        message: a.MessagePosted,
        earlier: Sequence[a.MessagePosted] = (),
    ) -> str:
        uow, house, posting = self._uow, self._house, self._posting
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
                return refuse(
                    uow, house, posting, message.channel, message.user, error, message.root
                )
        if message.direct:
            return self._direct(message, actor)
        account = uow.accounts.of_channel(message.channel)
        if account is None:
            return self._unlinked(message)
        if account.mode == SHADOW:
            by_staff = works_here(uow, house, message.user)
            return watch(uow, house, posting, message, account, by_staff=by_staff)
        if works_here(uow, house, message.user) and not self._as_customer(message):
            requests = uow.requests.in_thread(message.channel, message.root)
            if requests:
                staff = Staff(uow, house, posting)
                return staff.relayed_from_customer_channel(message, actor, requests[-1])
            if message.thread_ts:
                take_over(uow, message.channel, message.thread_ts)
            return "silent: staff in a customer channel"
        uow.accounts.saw(message.user, message.channel)
        return Customers(uow, house, posting).message(message, account, actor, earlier)

    def edited(self, edit: a.MessageEdited) -> str:
        """A change of what is known; or a call to us that only the edit made one.

        Slack delivers in any order, so it may come behind a later edit, or before its message.
        """
        uow, house, posting = self._uow, self._house, self._posting
        if uow.received.has_newer_edit(edit):
            return "edited again since"
        written = datetime.fromtimestamp(float(edit.ts), UTC)
        if uow.received.posted(edit.channel, edit.ts) is None and uow.now - written < _ON_ITS_WAY:
            uow.received.take_in(edit, uow.now)
            return "taken in as it stands: the message itself has not come"
        root = edit.thread_ts or edit.ts
        unheard = (
            house.mention() in edit.text
            and uow.conversations.load(edit.channel, root) is None
            and not uow.requests.messages_at(edit.channel, edit.ts)
        )
        if unheard and not is_staff_channel(uow, house, edit.channel):
            return self.posted(edit.as_posted())
        return Changes(uow, house, posting).edited(edit)

    def _as_customer(self, message: a.MessagePosted) -> bool:
        """Staff try the bot out as a customer: they call it, or it is talking with them."""
        uow, house = self._uow, self._house
        if house.mention() in message.text:
            return True
        here = uow.requests.in_thread(message.channel, message.root)
        if here:
            return here[-1].requester == message.user
        return uow.conversations.last_speaker(message.channel, message.root) == message.user

    def _direct(self, message: a.MessagePosted, actor: Actor) -> str:
        uow, house, posting = self._uow, self._house, self._posting
        if works_here(uow, house, message.user):
            return Staff(uow, house, posting).asked(message)
        try:
            account = account_for(uow, message.channel, message.user)
        except NotAllowed as error:
            return refuse(
                uow,
                house,
                posting,
                message.channel,
                message.user,
                error,
                message.root,
                whisper=False,
                said=message.text,
            )
        return Customers(uow, house, posting).message(message, account, actor)

    def _unlinked(self, message: a.MessagePosted) -> str:
        """Nobody told us whose channel this is: staff are asked once, who called us is told."""
        uow, house, posting = self._uow, self._house, self._posting
        if uow.moves.expected(message.channel):
            raise TryLater(f"{message.channel} is another channel's new id", _SOON)
        if message.team and message.team != house.identity.team:
            ask_staff_to_link(uow, house, posting, message.channel)
        if house.mention() not in message.text:
            return "silent: unlinked channel"
        templates = house.content.templates
        language = speech(uow, house, message.channel, message.user, message.text)
        posting.message(
            message.channel,
            templates.message("say", language, sentence="unlinked.customer", words={}),
            thread=message.root,
            key=f"unlinked-customer:{message.channel}:{message.root}",
        )
        ask_staff_to_link(uow, house, posting, message.channel)
        return "asked staff to link the channel"
