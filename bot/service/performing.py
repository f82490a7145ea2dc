"""Decisions become rows: requests, messages owed, and what is remembered of the conversation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import assert_never

from bot.content.templates import Rendered
from bot.desk import decisions as d
from bot.desk.conversation import Conversation, Draft
from bot.desk.drafts import advance
from bot.desk.errors import NotAllowed
from bot.desk.heard import Surroundings, Turn
from bot.desk.meaning import Language
from bot.desk.processes import process_of
from bot.desk.raising import begin, higher, wanted_severity
from bot.desk.requests import SEVERITIES, Action, Request, after, id_of
from bot.service.documents import Documents
from bot.service.house import House
from bot.service.posting import Posting
from bot.service.speech import Actor, Said
from bot.service.ticketing import Ticketing
from bot.storage.accounts import LinkedAccount
from bot.storage.unit_of_work import UnitOfWork

_TRANSCRIPT = 30
"""Messages of a thread that are kept for the transcript of a request."""

Say = Callable[..., None]
"""Owes one rendered template in the place of the conversation."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a conversation takes place and for whom."""

    account: LinkedAccount
    channel: str
    thread: str
    """Root of the thread, also in a DM."""
    actor: Actor
    on_board: bool = False
    """In the thread of the pinned board, which everybody shares."""

    @property
    def memory(self) -> str:
        """What the conversation is remembered by: on the board everybody has their own."""
        return f"{self.thread}:{self.actor.user}" if self.on_board else self.thread

    @property
    def request_thread(self) -> str:
        """Where a request opened here lives; one from the board starts a thread of its own."""
        return "" if self.on_board else self.thread


class Performing:
    """Performs decisions within one transaction."""

    def __init__(self, uow: UnitOfWork, house: House, posting: Posting) -> None:
        self._uow = uow
        self._house = house
        self._posting = posting
        self.tickets = Ticketing(uow, house, posting)
        self._spoken: list[str] = []
        """What the bot says in this turn, for the transcript."""
        self._begun: Draft | None = None
        """What a decision left to be asked for."""

    def surroundings(self, account: LinkedAccount) -> Surroundings:
        content = self._house.content
        return Surroundings(
            handlings=content.handlings,
            plans=content.plans,
            plan=content.plans.plan(account.plan),
            clusters=account.clusters,
            labels=content.labels,
            generic=self._house.acts.generic,
        )

    def perform(self, turn: Turn, place: Place, *, said: Said | None = None) -> str:
        """Owe everything that was decided and remember the conversation."""
        conversation = turn.conversation
        if said is not None:
            conversation = _noting(conversation, said)
        language = conversation.language or place.account.language
        for decision in turn.decisions:
            conversation = self._performed(decision, place, conversation, language)
        if self._begun is not None:
            around = self.surroundings(place.account)
            further = advance(conversation, self._begun, around, push=True)
            conversation = further.conversation
            for decision in further.decisions:
                conversation = self._performed(decision, place, conversation, language)
        us = self._house.identity
        for words in self._spoken:
            conversation = _noting(conversation, Said("", us.user, us.name, words))
        silent = all(isinstance(decision, d.StaySilent) for decision in turn.decisions)
        if not silent or self._uow.conversations.load(place.channel, place.memory) is not None:
            self._uow.conversations.save(
                place.channel, place.memory, place.actor.user, conversation
            )
        return "+".join(type(decision).__name__ for decision in turn.decisions)

    def _performed(
        self, decision: d.Decision, place: Place, conversation: Conversation, language: Language
    ) -> Conversation:
        """Perform one decision; a request that was asked for before is remembered instead."""
        if isinstance(decision, d.OpenRequest) and self._held_back(decision, place, language):
            return replace(conversation, held=asdict(decision))
        self._perform(decision, place, conversation, language)
        return conversation

    def _held_back(self, wanted: d.OpenRequest, place: Place, language: Language) -> bool:
        """The account has an open request for the same thing: offer to add to that one."""
        if wanted.anyway or self._uow.requests.by_origin(wanted.origin):
            return False
        twin = self._answered_meanwhile(wanted, place) or self._same_matter(wanted, place)
        if twin is None:
            return False
        self._sayer(place, language)("already_asked", request=twin)
        return True

    def _answered_meanwhile(self, wanted: d.OpenRequest, place: Place) -> Request | None:
        """A form was left open while its questions were answered in the thread."""
        if place.on_board or not wanted.origin.startswith("view:"):
            return None
        here = self._uow.requests.in_thread(place.channel, place.thread)
        return next((one for one in here if one.open and one.intent == wanted.intent), None)

    def _same_matter(self, wanted: d.OpenRequest, place: Place) -> Request | None:
        """A PoC, credits or a plan change that the account has asked for already."""
        process = process_of(self._house.content.processes, wanted.intent, wanted.fields)
        if process is None:
            return None
        listed = self._uow.requests.listed(place.account.id, open_only=True, limit=100)
        return next(
            (
                one
                for one in listed
                if self._shown_here(one, place)
                and process.holds(one.intent, one.fields)
                and process.same_matter(one.fields, wanted.fields)
            ),
            None,
        )

    def _perform(
        self,
        decision: d.Decision,
        place: Place,
        conversation: Conversation,
        language: Language,
    ) -> None:
        say = self._sayer(place, language)
        match decision:
            case d.StaySilent():
                return
            case d.AskField():
                say("question", ask=decision, clusters=place.account.clusters)
            case d.ConfirmDowngrade():
                self._confirm_downgrade(decision, place, language)
            case d.OpenRequest():
                self.tickets.open(
                    decision,
                    place.account,
                    place.actor,
                    channel=place.channel,
                    thread=place.request_thread,
                    language=language,
                    # What came before is in the thread of the request that it continues.
                    said=_transcript(conversation)[-1 if decision.follows else 0 :],
                )
            case d.CorrectRequest():
                self._correct(decision, place)
            case d.AnswerQuestion():
                documents = self._documents(place, language)
                if not decision.if_sure:
                    documents.answer(decision.question, decision.subject)
                elif not documents.answer_if_sure(decision.question):
                    say("say", sentence="out_of_scope", words={})
            case d.ShowRequests():
                self.show_requests(decision.number, place, say)
            case d.UpdateRequest():
                self._update(decision, place, say)
            case d.RaiseSeverity():
                self._raise_severity(decision, place, say)
            case d.ShowPlan():
                self.show_plan(place, language, say, decision.plan)
            case d.OfferInsteadOfTechnical():
                self._documents(place, language).offer_instead(decision.question)
            case d.Clarify():
                say("clarify", choices=decision.choices)
            case d.ShowHelp():
                say("help", bot=self._house.mention())
            case d.Say():
                say("say", sentence=decision.message, words=self._words(decision, language))
            case _:
                assert_never(decision)

    def _words(self, decision: d.Say, language: Language) -> dict[str, str]:
        """Plan and intent keys in people's words."""
        words = dict(decision.words)
        if "plan" in words:
            words["plan"] = self._house.content.plans.plan(words["plan"]).names[language]
        if "intent" in words:
            words["intent"] = self._house.content.words.say(language, f"intent.{words['intent']}")
        return words

    def answer_meanwhile(self, words: str, place: Place, language: Language) -> None:
        """Owe what the documents surely say about an error message, beside the request."""
        if not place.on_board:
            self._documents(place, language).answer_meanwhile(words)

    def _documents(self, place: Place, language: Language) -> Documents:
        return Documents(
            self._uow,
            self._house,
            self._posting,
            channel=place.channel,
            thread=place.thread,
            account=place.account,
            language=language,
        )

    def _sayer(self, place: Place, language: Language) -> Say:
        own_zone = self._uow.accounts.zone_of(place.actor.user, place.account.time_zone)

        def say(template: str, **values: object) -> None:
            rendered: Rendered = self._house.content.templates.message(
                template, language, account=place.account, time_zone=own_zone, **values
            )
            self._posting.message(
                place.channel, rendered, thread=place.thread, account_id=place.account.id
            )
            self._spoken.append(rendered.text)

        return say

    def show_requests(self, number: str, place: Place, say: Say) -> None:
        """One request with its history, or the list; another account's does not exist."""
        account = place.account
        if not number:
            listed = self._uow.requests.listed(account.id, limit=10)
            say("status_list", requests=[one for one in listed if self._shown_here(one, place)])
            return
        request = self.own_request(number, account)
        if request is None or not self._told_here(request, place):
            say("say", sentence="status.not_found", words={"number": number})
            return
        say(
            "status",
            request=request,
            history=self._uow.requests.history(request.id),
            highest=self._house.content.plans.highest(request.queue),
        )

    def _shown_here(self, request: Request, place: Place) -> bool:
        """What somebody asked in a DM is not for the whole channel."""
        return not request.channel.startswith("D") or request.channel == place.channel

    def _told_here(self, request: Request, place: Place) -> bool:
        """By its number: who asked for it in a DM may speak of it anywhere."""
        return self._shown_here(request, place) or request.requester == place.actor.user

    def own_request(self, number: str, account: LinkedAccount) -> Request | None:
        identity = id_of(number)
        if identity is None:
            return None
        return self._uow.requests.of_account(account.id, identity)

    def _update(self, decision: d.UpdateRequest, place: Place, say: Say) -> None:
        request = self._meant(decision.number, place)
        if request is not None and not self._told_here(request, place):
            request = None
        if request is None or self._only_guessed(decision, request, place):
            if decision.number:
                say("say", sentence="status.not_found", words={"number": decision.number})
            else:
                listed = self._uow.requests.listed(place.account.id, open_only=True, limit=10)
                here = [one for one in listed if self._shown_here(one, place)]
                say("which_request", requests=here, action=decision.action)
            return
        try:
            self._apply(decision, request, place, say)
        except NotAllowed as error:
            say("say", sentence=error.reason, words={"number": request.number, **error.words})

    def _apply(self, decision: d.UpdateRequest, request: Request, place: Place, say: Say) -> None:
        outside = request.channel != place.channel or request.thread_ts != place.thread
        words = "" if decision.unsaid else decision.text
        asks_for_severity = outside and wanted_severity(words, request) is not None
        if decision.action == "escalate" or (decision.action == "comment" and asks_for_severity):
            self._escalate(decision, request, place, say)
        elif decision.action == "comment":
            if outside or decision.unsaid:
                said = Said(
                    f"{place.thread}:{self._uow.now.timestamp()}",
                    place.actor.user,
                    place.actor.name,
                    decision.text,
                )
                self.tickets.mirror.customer_said(request, said, place.channel)
                say("say", sentence="update.added", words={"number": request.number})
        else:
            action: Action = "close" if decision.action == "close" else "reopen"
            self.tickets.act(request, action, place.actor)
            if outside:
                say("say", sentence=f"update.{action}", words={"number": request.number})

    def _escalate(
        self, decision: d.UpdateRequest, request: Request, place: Place, say: Say
    ) -> None:
        """Staff are told at once; a higher severity waits for its reason, a lower one does not."""
        after(request.state, "severity")
        words = {"number": request.number}
        severity = wanted_severity(decision.text, request)
        if severity is not None and severity > request.severity:
            self.tickets.set_severity(request, severity, place.actor)
            return
        self.tickets.escalate(request, place.actor, decision.text)
        highest = self._house.content.plans.highest(request.queue)
        if severity is not None and severity < highest:
            refused = {**words, "severity": highest}
            say("say", sentence="not_now.billing_has_no_s1", words=refused)
            severity = None
        say("say", sentence="update.escalated", words=words)
        above = higher(request, highest)
        if above:
            origin = f"{place.channel}:{place.thread}:{self._uow.now.timestamp()}"
            self._begun = begin(request, above, severity, decision.text, origin)

    def _raise_severity(self, decision: d.RaiseSeverity, place: Place, say: Say) -> None:
        request = self.own_request(decision.number, place.account)
        severity = next(level for level in SEVERITIES if level == decision.severity)
        if request is None:
            say("say", sentence="status.not_found", words={"number": decision.number})
            return
        words = {"number": request.number, "severity": severity}
        try:
            self.tickets.set_severity(request, severity, place.actor, decision.reason)
        except NotAllowed as error:
            say("say", sentence=error.reason, words={**words, **error.words})
            return
        if request.channel != place.channel or request.thread_ts != place.thread:
            say("say", sentence="update.severity", words=words)

    def _meant(self, number: str, place: Place) -> Request | None:
        """The request named, or the only one it can be."""
        if number:
            return self.own_request(number, place.account)
        here = self._uow.requests.in_thread(place.channel, place.thread)
        if here:
            return here[-1]
        listed = self._uow.requests.listed(place.account.id, open_only=True, limit=2)
        return listed[0] if len(listed) == 1 else None

    def _only_guessed(self, decision: d.UpdateRequest, request: Request, place: Place) -> bool:
        """To be closed though neither its number nor its thread says so: "drop it" is about
        what was talked of here, which need not be the only request that is open."""
        elsewhere = (request.channel, request.thread_ts) != (place.channel, place.thread)
        return decision.action == "close" and not decision.number and elsewhere

    def _correct(self, decision: d.CorrectRequest, place: Place) -> None:
        here = self._uow.requests.in_thread(place.channel, place.thread)
        if here:
            self.tickets.correct(here[-1], decision.fields, place.actor)

    def show_plan(self, place: Place, language: Language, say: Say, asked: str = "") -> None:
        """The account's plan, or the one that was asked about; buttons start from the former."""
        plans = self._house.content.plans
        plan = plans.plan(place.account.plan)
        shown = plans.plan(asked or plan.key)
        higher = [other for other in plans.plans if other.rank > plan.rank]
        say(
            "plan",
            plan=shown,
            calendar=plans.calendar(place.account.time_zone),
            own=shown.key == plan.key,
            own_name=plan.names[language],
            plan_name=shown.names[language],
            includes=shown.includes[language],
            higher=[(other.key, other.names[language]) for other in higher],
            lowest=plan.rank == 0,
        )

    def _confirm_downgrade(
        self, decision: d.ConfirmDowngrade, place: Place, language: Language
    ) -> None:
        plans = self._house.content.plans
        open_now = self._uow.requests.listed(place.account.id, open_only=True, limit=10)
        self._sayer(place, language)(
            "confirm_downgrade",
            plan_name=plans.plan(place.account.plan).names[language],
            target_name=plans.plan(decision.target).names[language],
            lost=plans.lost_by_going_to(place.account.plan, decision.target, language),
            affected=[request for request in open_now if request.respond_by is not None],
        )


def _noting(conversation: Conversation, said: Said) -> Conversation:
    """Keep what was said for the transcript of a request that may follow."""
    entry = {"ts": said.ts, "user": said.user, "name": said.name, "text": said.text}
    return replace(conversation, said=(*conversation.said, entry)[-_TRANSCRIPT:])


def _transcript(conversation: Conversation) -> list[Said]:
    return [Said(**entry) for entry in conversation.said]
