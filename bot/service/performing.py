"""Decisions become rows: requests, messages owed, and what is remembered of the conversation."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import assert_never

from bot.content.templates import Rendered
from bot.desk import decisions as d
from bot.desk.conversation import Conversation, Draft
from bot.desk.drafts import advance
from bot.desk.heard import Surroundings, Turn
from bot.desk.meaning import Language
from bot.desk.processes import process_of
from bot.desk.requests import Request
from bot.service.documents import Documents
from bot.service.house import House
from bot.service.own_requests import OwnRequests
from bot.service.posting import Posting
from bot.service.speech import Place, Said, Say
from bot.service.ticketing import Ticketing
from bot.storage.accounts import LinkedAccount
from bot.storage.unit_of_work import UnitOfWork

_TRANSCRIPT = 30
"""Messages of a thread that are kept for the transcript of a request."""


class Performing:
    """Performs decisions within one transaction."""

    def __init__(self, uow: UnitOfWork, house: House, posting: Posting) -> None:
        self._uow = uow
        self._house = house
        self._posting = posting
        self.tickets = Ticketing(uow, house, posting)
        self.own = OwnRequests(uow, house, self.tickets)
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
                if self.own.shown_here(one, place)
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
                self.own.correct(decision, place)
            case d.AnswerQuestion():
                documents = self._documents(place, language)
                if not decision.if_sure:
                    documents.answer(decision.question, decision.subject)
                elif not documents.answer_if_sure(decision.question):
                    say("say", sentence="out_of_scope", words={})
            case d.ShowRequests():
                self.own.show(decision.number, place, say)
            case d.UpdateRequest():
                self._begun = self.own.update(decision, place, say) or self._begun
            case d.RaiseSeverity():
                self.own.raise_severity(decision, place, say)
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
