"""Customers' messages: load the conversation, understand, decide, and owe what was decided."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bot.desk.arrivals import MessagePosted
from bot.desk.conversation import Conversation
from bot.desk.decisions import AskField, OpenRequest
from bot.desk.dialogue import CHANGE_OF_SUBJECT, SILENT_INTENTS, answers_beside, respond
from bot.desk.error_messages import holds_error_message
from bot.desk.heard import Heard, Turn
from bot.desk.meaning import Hearing, Meaning
from bot.desk.requests import Request
from bot.service.house import House
from bot.service.performing import Performing
from bot.service.posting import Posting
from bot.service.same_breath import SameBreath
from bot.service.seeding import seeded
from bot.service.speech import Actor, Place, Said, with_files
from bot.storage.accounts import LinkedAccount
from bot.storage.unit_of_work import UnitOfWork

log = logging.getLogger(__name__)

_ABOUT_TROUBLE = frozenset({"get_cluster_support", "get_org_support"})
_SAME_BREATH = timedelta(minutes=2)
"""In a channel people answer our question below it instead of in the thread, if at all soon."""
_SAME_VISIT = timedelta(minutes=30)
"""In a DM there is nobody else, so an answer may take longer."""
_ASKED_BY_ITSELF = frozenset(
    {"ask_docs", "check_request", "check_plan", "upgrade_plan", "downgrade_plan", "request_poc"}
)
"""Wishes that are whole without the thread in which they are uttered."""
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


class Customers:
    """Handles customers within one transaction."""

    def __init__(self, uow: UnitOfWork, house: House, posting: Posting) -> None:
        self._uow = uow
        self._house = house
        self._posting = posting
        self._performing = Performing(uow, house, posting)

    def message(
        self,
        message: MessagePosted,
        account: LinkedAccount,
        actor: Actor,
        earlier: Sequence[MessagePosted] = (),
    ) -> str:
        """Handle one message; returns what was decided, for the log.

        `earlier` is what was said in the thread before the bot was called into it.
        """
        root = self._root(message, account)
        on_board = self._uow.outgoing.is_board(message.channel, root)
        place = Place(account, message.channel, root, actor, on_board)
        known = self._uow.conversations.load(message.channel, place.memory)
        requests = self._uow.requests.in_thread(message.channel, root)
        said = Said(message.ts, actor.user, actor.name, with_files(message.text, message.files))
        conversation = seeded(self._uow, known or Conversation(), earlier)
        mentioned = self._house.mention() in message.text
        heard = self._hear(message, place, conversation, requests, known is not None, mentioned)
        if heard is not None and earlier and not requests:
            heard = self._hear_in_thread(heard, earlier[0].text, account)
        if root == message.ts and heard is not None and not mentioned and not message.direct:
            breath = SameBreath(self._uow, self._posting, self._performing.tickets.mirror)
            alone = self._understood(message.text, account, Conversation(), addressed=False)
            before = breath.joins(message, alone)
            if before:
                return breath.join(message, before, said)
        silent = self._why_silent(message, heard, conversation, known is not None, mentioned)
        if heard is None or silent:
            self._pass_on(requests, said, message.channel)
            return f"silent: {silent}"
        conversation = self._speaking(conversation, heard)
        turn = respond(conversation, heard, self._performing.surroundings(account))
        continued = {one.follows for one in turn.decisions if isinstance(one, OpenRequest)}
        self._pass_on([one for one in requests if one.id not in continued], said, message.channel)
        outcome = self._performing.perform(turn, place, said=said)
        if conversation.draft is None and _reports_an_error(turn, heard.text):
            language = turn.conversation.language or account.language
            self._performing.answer_meanwhile(heard.text, place, language)
        return outcome

    def overheard(self, message: MessagePosted, actor: Actor) -> bool:
        """Pass a message on to staff of its thread, and no more; whether it was said to us."""
        requests = self._uow.requests.in_thread(message.channel, message.root)
        said = Said(message.ts, actor.user, actor.name, with_files(message.text, message.files))
        self._pass_on(requests, said, message.channel)
        ours = self._uow.conversations.load(message.channel, message.root) is not None
        return bool(requests) or ours or self._house.mention() in message.text or message.direct

    def _pass_on(self, requests: Sequence[Request], said: Said, channel: str) -> None:
        """To staff of the thread's open requests; of an older one only while there is no newer."""
        for request in requests:
            if request.open or request.id == requests[-1].id:
                self._performing.tickets.mirror.customer_said(request, said, channel)

    def _why_silent(
        self,
        message: MessagePosted,
        heard: Heard | None,
        conversation: Conversation,
        own_thread: bool,
        mentioned: bool,
    ) -> str:
        """Empty when the message may be for us."""
        if heard is None:
            return "no words"
        if conversation.human and not mentioned and not message.direct and heard.request is None:
            return "a person has taken over"
        if self._between_people(message, heard, own_thread, mentioned):
            return "between people"
        return ""

    def _root(self, message: MessagePosted, account: LinkedAccount) -> str:
        """The thread a message belongs to; an answer given beside our question joins it."""
        if message.thread_ts:
            return message.thread_ts
        if self._house.mention() in message.text:
            return message.ts
        within = _SAME_VISIT if message.direct else _SAME_BREATH
        waiting = self._uow.conversations.expecting(message.channel, message.user, within)
        conversation = waiting and self._uow.conversations.load(message.channel, waiting)
        if not waiting or not conversation:
            return message.ts
        heard = Heard(
            text=message.text,
            meaning=self._understood(message.text, account, conversation, addressed=True),
            origin="",
            act=self._house.acts.read(message.text),
            addressed=message.direct,
        )
        around = self._performing.surroundings(account)
        if answers_beside(conversation, heard, around, alone=message.direct):
            return waiting.partition(":")[0]
        return message.ts

    def _understood(
        self, words: str, account: LinkedAccount, conversation: Conversation, *, addressed: bool
    ) -> Meaning:
        return self._house.reader.understand(
            words,
            Hearing(
                addressed=addressed,
                mode=account.mode,
                clusters=account.clusters,
                plan=self._house.content.plans.plan(account.plan).key,
                language_hint=conversation.language or account.language,
            ),
        )

    def _hear(
        self,
        message: MessagePosted,
        place: Place,
        conversation: Conversation,
        requests: Sequence[Request],
        own_thread: bool,
        mentioned: bool,
    ) -> Heard | None:
        words = message.text.replace(self._house.mention(), " ").strip()
        if not words:
            if not mentioned and not message.direct:
                return None
            words = "help"
        addressed = mentioned or message.direct
        account = place.account
        meaning = self._understood(words, account, conversation, addressed=addressed or own_thread)
        log.info(
            "understood intent=%s score=%.2f language=%s reply=%s",
            meaning.intent,
            meaning.score,
            meaning.language,
            meaning.reply,
        )
        unsure = account.mode == "mention" or (
            account.mode == "listen" and meaning.score < account.least_score
        )
        barred = unsure and not addressed and not own_thread
        if barred:
            meaning = replace(meaning, reply=False)
        return Heard(
            text=words,
            meaning=meaning,
            origin=f"{message.channel}:{message.ts}",
            act=self._house.acts.read(words),
            addressed=addressed,
            barred=barred,
            request=requests[-1] if requests else None,
            late=bool(requests) and self._long_over(requests[-1]),
            human=conversation.human and not message.direct,
            unfinished=self._house.acts.unfinished(words),
        )

    def _hear_in_thread(self, heard: Heard, root: str, account: LinkedAccount) -> Heard:
        """Called into a thread: what is wanted may stand where it began ("please look at this")."""
        meaning = heard.meaning
        if meaning.intent in _ASKED_BY_ITSELF and meaning.score >= CHANGE_OF_SUBJECT:
            return heard
        words = root if heard.act == "help" else f"{root}\n{heard.text}"
        whole = self._understood(words, account, Conversation(), addressed=True)
        if whole.intent in SILENT_INTENTS:
            return heard
        return replace(heard, text=words, meaning=whole, act="")

    def _long_over(self, request: Request) -> bool:
        """It was resolved or closed before the time in which a follow-up opens it again."""
        days = self._house.content.plans.reopen_within
        over = request.closed_at
        return over is not None and self._uow.now - over > timedelta(days=days)

    def _between_people(
        self, message: MessagePosted, heard: Heard, own_thread: bool, mentioned: bool
    ) -> bool:
        """In our own thread, chat and words to somebody else are not for us."""
        if mentioned or message.direct:
            return False
        if message.text.lstrip().startswith("<@"):
            # It begins with somebody else's name.
            return True
        if not own_thread:
            return False
        if "<@" in message.text or "<!" in message.text:
            return True
        expecting = self._uow.conversations.expecting(
            message.channel, message.user, timedelta(days=7)
        )
        idle = heard.meaning.intent in ("smalltalk", "out_of_scope") and heard.act in (
            "",
            "thanks",
            "yes",
            "no",
        )
        return idle and not expecting and heard.request is None

    def _speaking(self, conversation: Conversation, heard: Heard) -> Conversation:
        """The language of this message, unless it is too short to have one of its own."""
        latin = not _CJK.search(heard.text)
        short = latin and len(heard.text.split()) <= 3
        if conversation.language is not None and (short or not heard.text):
            return conversation
        return replace(conversation, language=heard.meaning.language)


def _reports_an_error(turn: Turn, text: str) -> bool:
    """A request begins with an error message, about which the documents may say more."""
    begun = any(
        isinstance(one, AskField | OpenRequest) and one.intent in _ABOUT_TROUBLE
        for one in turn.decisions
    )
    return begun and holds_error_message(text)
