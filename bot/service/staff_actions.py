"""What staff do to a request, whichever way they say it: a button, a form, a reaction, a command.

Each verb is checked against `bot.desk.verbs` and the state table, recorded in the history, and
told to both sides, in the caller's transaction. The request is read again under a lock first: of
two people who claim at once the first one has it, and the second one is told who it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.desk.errors import NotAllowed
from bot.desk.requests import Request, Severity, after
from bot.desk.roles import Role, require
from bot.desk.tags import kept
from bot.desk.verbs import VERBS
from bot.service.cards import owe_card, owe_moved_card
from bot.service.house import House
from bot.service.posting import Posting
from bot.service.present_channels import staff_channels
from bot.service.process_steps import ProcessSteps
from bot.service.promises import follow
from bot.service.speech import Actor, Said, rich
from bot.service.ticketing import Ticketing
from bot.storage.requests import as_request
from bot.storage.tables import IntentMark, SupportRequest
from bot.storage.unit_of_work import UnitOfWork


class StaffActions:
    """One person's acts on one request. Raises `NotAllowed` for who or what may not be."""

    def __init__(
        self,
        uow: UnitOfWork,
        house: House,
        posting: Posting,
        request_id: int,
        actor: Actor,
        role: Role,
    ) -> None:
        self._uow = uow
        self._house = house
        self._posting = posting
        self._actor = actor
        self._role = role
        self._tickets = Ticketing(uow, house, posting)
        request = uow.requests.for_update(request_id)
        if request is None:
            raise NotAllowed("not_now.no_such_request")
        if request.merged_into is not None:
            raise NotAllowed("not_now.merged", number=uow.requests.survivor(request).number)
        self.request: Request = request

    # --- who has it ---------------------------------------------------------------------------

    def claim(self) -> None:
        """Take what nobody has. By its owner it changes nothing; another's is not taken away."""
        self._may("claim")
        if self.request.owner == self._actor.user:
            raise NotAllowed("not_now.claimed_by_you")
        if self.request.owner:
            raise NotAllowed("not_now.claimed_by_other", owner=self.request.owner_name)
        self.request = self._tickets.act(self.request, "claim", self._actor)

    def take_over(self, seen_owner: str) -> None:
        """Take it from who had it when the button was drawn; whoever came between keeps it."""
        self._may("take_over")
        if self.request.owner == self._actor.user:
            raise NotAllowed("not_now.claimed_by_you")
        if self.request.owner and self.request.owner != seen_owner:
            raise NotAllowed("not_now.claimed_by_other", owner=self.request.owner_name)
        self.request = self._tickets.act(self.request, "claim", self._actor)

    def assign(self, to: str, note: str = "") -> None:
        """Hand it to a colleague (a Slack user id); the note is for them alone."""
        self._may("assign")
        colleague = self._colleague(to)
        row = self._row()
        if row.owner == to:
            raise NotAllowed("not_now.has_it_already", owner=colleague.name)
        row.state = after(self.request.state, "assign")
        row.owner, row.owner_name = colleague.user, colleague.name
        self._done("assign", {"to": to})
        self._tickets.tell_customer(self.request, "claim", colleague)
        self._tickets.tell_staff(self.request, "assign", self._actor, note, colleague=to)

    def _colleague(self, user: str) -> Actor:
        """Somebody of our own organisation, and not a guest known from customers' channels only."""
        person = self._uow.accounts.person(user)
        if person is None or user == self._house.identity.user:
            raise NotAllowed("not_now.unknown_colleague")
        if person.gone_at is not None:
            raise NotAllowed("not_now.colleague_gone", name=person.name)
        at_work = self._uow.accounts.seen_in(user, staff_channels(self._uow, self._house))
        guest = not at_work and bool(self._uow.accounts.of_person(user))
        if person.team != self._house.identity.team or guest:
            raise NotAllowed("not_now.no_colleague", name=person.name)
        return Actor(user, person.name)

    # --- where it stands ----------------------------------------------------------------------

    def wait(self) -> None:
        """The next word is the customer's."""
        self._may("wait")
        row = self._row()
        row.state = after(self.request.state, "wait")
        follow(self._uow, self._house.content.plans, row)
        self._done("wait")
        self._tickets.tell_both(self.request, "wait", self._actor)

    def resolve(self, note: str = "") -> None:
        self._may("resolve")
        self.request = self._tickets.act(self.request, "resolve", self._actor, note)

    def close(self, note: str = "") -> None:
        self._may("close")
        self.request = self._tickets.act(self.request, "close", self._actor, note)

    def reopen(self) -> None:
        self._may("reopen")
        self.request = self._tickets.act(self.request, "reopen", self._actor)

    # --- a request that is decided ------------------------------------------------------------

    def approve(self, last_day: date | None = None, note: str = "") -> None:
        self._may("approve")
        self.request = self._steps().approve(last_day, note)

    def decline(self, reason: str) -> None:
        self._may("decline")
        self.request = self._steps().decline(reason)

    def finish(self) -> None:
        self._may("finish")
        self.request = self._steps().finish()

    def _steps(self) -> ProcessSteps:
        return ProcessSteps(self._uow, self._house, self._posting, self.request, self._actor)

    # --- how urgent ---------------------------------------------------------------------------

    def set_severity(self, severity: Severity, reason: str = "") -> None:
        """Raising it needs a reason, which both sides read."""
        self._may("severity")
        if severity < self.request.severity and not reason.strip():
            raise NotAllowed("not_now.severity_needs_reason")
        self.request = self._tickets.set_severity(
            self.request, severity, self._actor, reason.strip()
        )

    # --- where it belongs ---------------------------------------------------------------------

    def queue(self, queue: str) -> None:
        """Pass it to another team. Its card moves along where that team has its own channel."""
        self._may("queue")
        if queue not in self._house.content.queues:
            raise NotAllowed("admin.unknown_queue")
        if queue == self.request.queue:
            raise NotAllowed("not_now.same_queue", queue=queue)
        highest = self._house.content.plans.highest(queue)
        if self.request.severity < highest:
            raise NotAllowed("not_now.billing_has_no_s1", severity=highest)
        before = self.request
        row = self._row()
        row.state = after(before.state, "queue")
        row.queue = queue
        row.staff_channel = self._tickets.staff_channel(queue)
        moved = row.staff_channel != before.staff_channel
        if moved:
            row.card_key = f"card:{before.id}:{self._uow.now.timestamp():.6f}"
        follow(self._uow, self._house.content.plans, row)
        self._done("queue", {"from": before.queue, "to": queue})
        if moved:
            owe_moved_card(self._uow, self._house, self._posting, before, self.request)
            self._transcript()
        self._tickets.tell_both(self.request, "queue", self._actor)

    def _transcript(self) -> None:
        """The conversation so far, notes included, for the team that has it now."""
        said = [
            Said(message.ts, message.author, message.author_name, message.text)
            for message in self._uow.requests.messages(self.request.id, internal=True)
        ]
        lines = [rich(self._uow, self._house, one.text, one.name) for one in said]
        rendered = self._house.content.templates.message(
            "transcript", self._house.staff_language, request=self.request, lines=lines
        )
        self._posting.message(
            self.request.staff_channel,
            rendered,
            thread=f"key:{self.request.card}",
            request_id=self.request.id,
        )

    def tag(self, *, add: Sequence[str] = (), remove: Sequence[str] = ()) -> None:
        """Add and remove tags; what is there already, or not there, is left in peace."""
        wanted = kept([*(tag for tag in self.request.tags if tag not in remove), *add])
        self.set_tags(wanted)

    def set_tags(self, tags: Sequence[str]) -> None:
        self._may("tag")
        after(self.request.state, "tag")
        row = self._row()
        row.tags = " ".join(kept(tags))
        self._done("tag", {"tags": row.tags})
        owe_card(self._uow, self._house, self._posting, self.request)

    def misread(self, right: str) -> None:
        """It was understood wrongly. What was meant, if known, is learned from and put right."""
        self._may("tag")
        intents = self._house.content.catalogue.intents
        if right and right not in intents:
            raise NotAllowed("not_now.unknown_form")
        before = self.request
        if right == before.intent:
            raise NotAllowed("not_now.same_intent")
        first = self._uow.requests.first_from_customer(before.id)
        self._uow.learning.mark(
            IntentMark(
                account_id=before.account_id,
                request_id=before.id,
                text=first or before.summary,
                language=before.language,
                decided=before.intent,
                right=right,
                actor=self._actor.user,
                at=self._uow.now,
            )
        )
        if right in self._house.content.handlings and self._house.content.handlings[right].queue:
            self._row().intent = right
        self._done("misread", {"from": before.intent, "to": right})
        owe_card(self._uow, self._house, self._posting, self.request)

    # --- all of them --------------------------------------------------------------------------

    def _may(self, verb: str) -> None:
        require(self._role, VERBS[verb].deed)

    def _done(self, verb: str, detail: dict[str, str] | None = None) -> None:
        row = self._row()
        row.updated_at = self._uow.now
        actor = self._actor
        self._uow.requests.record(self.request.id, verb, actor.user, actor.name, detail)
        self.request = as_request(row)

    def _row(self) -> SupportRequest:
        row = self._uow.requests.row(self.request.id)
        assert row is not None
        return row
