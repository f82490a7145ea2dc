"""What customers ask about and do to the requests that their account has."""

from __future__ import annotations

from bot.desk import decisions as d
from bot.desk.conversation import Draft
from bot.desk.errors import NotAllowed
from bot.desk.raising import begin, higher, wanted_severity
from bot.desk.requests import SEVERITIES, Action, Request, after, id_of
from bot.service.house import House
from bot.service.speech import Place, Said, Say
from bot.service.ticketing import Ticketing
from bot.storage.accounts import LinkedAccount
from bot.storage.unit_of_work import UnitOfWork


class OwnRequests:
    """Within one transaction; what is owed in return goes through `say`."""

    def __init__(self, uow: UnitOfWork, house: House, tickets: Ticketing) -> None:
        self._uow = uow
        self._house = house
        self._tickets = tickets

    def show(self, number: str, place: Place, say: Say) -> None:
        """One request with its history, or the list; another account's does not exist."""
        account = place.account
        if not number:
            listed = self._uow.requests.listed(account.id, limit=10)
            say("status_list", requests=[one for one in listed if self.shown_here(one, place)])
            return
        request = self.named(number, account)
        if request is None or not self._told_here(request, place):
            say("say", sentence="status.not_found", words={"number": number})
            return
        say(
            "status",
            request=request,
            history=self._uow.requests.history(request.id),
            highest=self._house.content.plans.highest(request.queue),
        )

    def shown_here(self, request: Request, place: Place) -> bool:
        """What somebody asked in a DM is not for the whole channel."""
        return not request.channel.startswith("D") or request.channel == place.channel

    def _told_here(self, request: Request, place: Place) -> bool:
        """By its number: who asked for it in a DM may speak of it anywhere."""
        return self.shown_here(request, place) or request.requester == place.actor.user

    def named(self, number: str, account: LinkedAccount) -> Request | None:
        """The account's request of that number."""
        identity = id_of(number)
        if identity is None:
            return None
        return self._uow.requests.of_account(account.id, identity)

    def update(self, decision: d.UpdateRequest, place: Place, say: Say) -> Draft | None:
        """What is asked for to be done; returns what must be asked before all of it can be."""
        request = self._meant(decision.number, place)
        if request is not None and not self._told_here(request, place):
            request = None
        if request is None or _only_guessed(decision, request, place):
            if decision.number:
                say("say", sentence="status.not_found", words={"number": decision.number})
            else:
                listed = self._uow.requests.listed(place.account.id, open_only=True, limit=10)
                here = [one for one in listed if self.shown_here(one, place)]
                say("which_request", requests=here, action=decision.action)
            return None
        try:
            return self._apply(decision, request, place, say)
        except NotAllowed as error:
            say("say", sentence=error.reason, words={"number": request.number, **error.words})
            return None

    def _apply(
        self, decision: d.UpdateRequest, request: Request, place: Place, say: Say
    ) -> Draft | None:
        outside = request.channel != place.channel or request.thread_ts != place.thread
        words = "" if decision.unsaid else decision.text
        asks_for_severity = outside and wanted_severity(words, request) is not None
        if decision.action == "escalate" or (decision.action == "comment" and asks_for_severity):
            return self._escalate(decision, request, place, say)
        if decision.action == "comment":
            if outside or decision.unsaid:
                said = Said(
                    f"{place.thread}:{self._uow.now.timestamp()}",
                    place.actor.user,
                    place.actor.name,
                    decision.text,
                )
                self._tickets.mirror.customer_said(request, said, place.channel)
                say("say", sentence="update.added", words={"number": request.number})
        else:
            action: Action = "close" if decision.action == "close" else "reopen"
            self._tickets.act(request, action, place.actor)
            if outside:
                say("say", sentence=f"update.{action}", words={"number": request.number})
        return None

    def _escalate(
        self, decision: d.UpdateRequest, request: Request, place: Place, say: Say
    ) -> Draft | None:
        """Staff are told at once; a higher severity waits for its reason, a lower one does not."""
        after(request.state, "severity")
        words = {"number": request.number}
        severity = wanted_severity(decision.text, request)
        if severity is not None and severity > request.severity:
            self._tickets.set_severity(request, severity, place.actor)
            return None
        self._tickets.escalate(request, place.actor, decision.text)
        highest = self._house.content.plans.highest(request.queue)
        if severity is not None and severity < highest:
            refused = {**words, "severity": highest}
            say("say", sentence="not_now.billing_has_no_s1", words=refused)
            severity = None
        say("say", sentence="update.escalated", words=words)
        above = higher(request, highest)
        if not above:
            return None
        origin = f"{place.channel}:{place.thread}:{self._uow.now.timestamp()}"
        return begin(request, above, severity, decision.text, origin)

    def raise_severity(self, decision: d.RaiseSeverity, place: Place, say: Say) -> None:
        """With the reason that was asked for; a refusal is said."""
        request = self.named(decision.number, place.account)
        severity = next(level for level in SEVERITIES if level == decision.severity)
        if request is None:
            say("say", sentence="status.not_found", words={"number": decision.number})
            return
        words = {"number": request.number, "severity": severity}
        try:
            self._tickets.set_severity(request, severity, place.actor, decision.reason)
        except NotAllowed as error:
            say("say", sentence=error.reason, words={**words, **error.words})
            return
        if request.channel != place.channel or request.thread_ts != place.thread:
            say("say", sentence="update.severity", words=words)

    def _meant(self, number: str, place: Place) -> Request | None:
        """The request named, or the only one it can be."""
        if number:
            return self.named(number, place.account)
        here = self._uow.requests.in_thread(place.channel, place.thread)
        if here:
            return here[-1]
        listed = self._uow.requests.listed(place.account.id, open_only=True, limit=2)
        return listed[0] if len(listed) == 1 else None

    def correct(self, decision: d.CorrectRequest, place: Place) -> None:
        """Other details for the latest request of the thread."""
        here = self._uow.requests.in_thread(place.channel, place.thread)
        if here:
            self._tickets.correct(here[-1], decision.fields, place.actor)


def _only_guessed(decision: d.UpdateRequest, request: Request, place: Place) -> bool:
    """To be closed though neither its number nor its thread says so: "drop it" is about
    what was talked of here, which need not be the only request that is open."""
    elsewhere = (request.channel, request.thread_ts) != (place.channel, place.thread)
    return decision.action == "close" and not decision.number and elsewhere
