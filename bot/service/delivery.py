"""Sending what is owed to Slack: in order per thread, paced, and never twice without proof.

    pending → sending → sent
                 ├→ pending   surely not sent: again after a wait
                 ├→ unknown   perhaps sent: looked for before it is sent again
                 └→ dead      refused for good: staff are told

Posting is the only call that is not safe to repeat, so only posts become `unknown`; updates,
pins, reactions and views say the same thing twice without harm.
"""

from __future__ import annotations

import contextlib
import logging
import time
from datetime import datetime, timedelta
from typing import Any

from bot.desk.errors import GiveUp, OutcomeUnknown, TryLater
from bot.desk.retries import MOST_ATTEMPTS, wait_before
from bot.fault_points import passing
from bot.service.file_copies import FileCopies, SayInstead
from bot.service.gate import refusal
from bot.service.house import House
from bot.service.mails import MailSending, NotPosted, NotWanted
from bot.service.pacing import Pacing
from bot.service.ports import Mailer, Slack, SlackGateway
from bot.service.posting import COPY, FORGET, MAIL, OR_REPLY, PICTURE, REMOVE, key_ref
from bot.service.second_copies import settle_copies
from bot.service.undelivered import say_aloud, tell_file_not_copied, tell_staff
from bot.service.week_picture import WeekPicture
from bot.storage.lanes import Lanes, LostLease
from bot.storage.tables import Outbox
from bot.storage.unit_of_work import UnitOfWork, look, work

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=45)
"""Longer than one call to Slack with its time-out (10 s) and the look-up before it."""
_QUIET = timedelta(seconds=2)
"""After an unknown outcome Slack may still be writing: look only when it has settled."""
_ALREADY_DONE = frozenset(
    {"already_reacted", "already_pinned", "no_reaction", "no_pin", "message_not_found"}
)
_MAY_HEAL = ("not_in_channel", "channel_not_found", "missing_scope", "thread_not_found")
_POST = "chat.postMessage"
_ONCE = frozenset({_POST, COPY, PICTURE})
"""Calls that must not be repeated before it is known that they were not carried out."""
_SMALL = frozenset({"chat.postEphemeral", "respond", "reactions.add", "reactions.remove"})
"""Calls whose loss staff need not hear of: a whisper, a reaction that is unknown here."""
EVENT_TYPE = "supportbot_message"
"""`metadata.event_type` of our posts; the payload carries the outbox key and nothing else."""


class NotYet(Exception):
    """The message this entry hangs from was not posted."""


class HeldBack(Exception):
    """The gate refused it: it is not tried again, and staff hear of it whatever it was."""


class Delivery:
    """Sends entries of the outbox one by one; several threads may share it."""

    def __init__(
        self,
        house: House,
        slack: Slack,
        lanes: Lanes[Outbox],
        pacing: Pacing,
        mailer: Mailer | None = None,
    ) -> None:
        self._house = house
        self._slack = slack
        self._lanes = lanes
        self._pacing = pacing
        self._files = FileCopies(house, slack, lanes)
        self._mails = MailSending(house, mailer, lanes)
        self._week = WeekPicture(house, lanes)

    def send_next(self) -> bool:
        """Send one entry whose turn it is; False when there is none."""
        claimed_at = self._house.clock()
        row = self._lanes.claim(claimed_at, LEASE)
        if row is None:
            return False
        passing("delivery.claimed")
        started = time.perf_counter()
        wait = self._pacing.wait_for(row.method, row.channel, row.team)
        if wait > 0:
            self._later(row, wait, counted=False, error="")
            return True
        try:
            ts = self._send(row, claimed_at)
        except SayInstead as instead:
            self._say_instead(row, instead)
        except LostLease:
            log.warning("lost the lease of id=%s before it was sent", row.id)
        except NotPosted:
            self._later(row, _QUIET.total_seconds(), counted=False, error="")
        except NotWanted as reason:
            self._withdraw(row, str(reason))
        except NotYet:
            self._give_up(row, "the message it belongs to was never posted")
        except HeldBack as error:
            self._bury(row, str(error), told=True)
        except TryLater as error:
            self._refused_for_now(row, error)
        except OutcomeUnknown as error:
            self._unknown(row, error)
        except GiveUp as error:
            self._give_up(row, str(error))
        else:
            self._sent(row, ts)
            milliseconds = (time.perf_counter() - started) * 1000
            log.info("sent id=%s method=%s ms=%.1f", row.id, row.method, milliseconds)
        return True

    # --- one call -----------------------------------------------------------------------------

    def _send(self, row: Outbox, claimed_at: datetime) -> str:
        if row.ts:
            return row.ts  # its echo was here before us
        self._gate(row)
        if row.method == MAIL:
            self._mails.send(row)
            return ""
        if row.method == "respond":
            payload = dict(row.payload)
            self._still_ours(row, claimed_at)
            self._slack.at().respond(payload.pop("url"), payload)
            return ""
        slack = self._slack.at(row.team, row.channel)
        if row.method == PICTURE:
            return self._week.show(slack, row, LEASE)
        arguments = self._arguments(row)
        if row.method == COPY:
            return self._files.copy(slack, row, str(arguments.get("thread_ts", "")), LEASE)
        if row.method == REMOVE:
            self._remove_file(slack, row)
            return ""
        if row.method == _POST:
            return self._post(slack, row, arguments, claimed_at)
        self._still_ours(row, claimed_at)
        passing("delivery.calling")
        try:
            slack.call(row.method, arguments)
        except GiveUp as error:
            refused = str(error).rpartition(" ")[2]
            if refused not in _ALREADY_DONE:
                raise
            if refused == "message_not_found" and row.target.startswith("key:board:"):
                self._board_is_gone(row)
        passing("delivery.called")
        return ""

    def _board_is_gone(self, row: Outbox) -> None:
        """Somebody deleted the board: the upkeep posts another one."""
        with work(self._house.database, self._house.clock()) as uow:
            channel = uow.accounts.channel(row.channel)
            if channel is not None and key_ref(channel.board_key) == row.target:
                channel.board_key = ""

    def _post(
        self, slack: SlackGateway, row: Outbox, arguments: dict[str, Any], claimed_at: datetime
    ) -> str:
        """Post unless it is there already. Raises as `SlackGateway` does, and `LostLease`."""
        arguments["metadata"] = {"event_type": EVENT_TYPE, "event_payload": {"key": row.key}}
        self._house.in_flight.begin(row.key)
        try:
            # A lease that ran out while sending is as unknown as a lost answer.
            if row.state in ("unknown", "sending"):
                found = slack.find_posted(
                    row.channel, str(arguments.get("thread_ts", "")), row.key, row.created_at
                )
                passing("delivery.looked")
                if found:
                    return found
            self._still_ours(row, claimed_at)
            passing("delivery.calling")
            answer = slack.call(_POST, arguments)
        except BaseException:
            self._house.in_flight.end(row.key)
            raise
        passing("delivery.called")
        return str(answer.get("ts", ""))

    def _still_ours(self, row: Outbox, claimed_at: datetime) -> None:
        """A look that took long, a machine that stood still: raises `LostLease` if overtaken."""
        if self._house.clock() - claimed_at > LEASE / 2:
            self._lanes.renew(row, self._house.clock(), LEASE)

    def _remove_file(self, slack: SlackGateway, row: Outbox) -> None:
        """Take away what a `file.copy` became: the file, or the words that stood for it."""
        with look(self._house.database, self._house.clock()) as uow:
            copied = uow.outgoing.by_key(row.target.removeprefix("key:"))
        if copied is not None and copied.payload.get("_uploaded"):
            self._files.remove(slack, str(copied.payload["_uploaded"]))
        elif copied is not None and copied.ts:
            with contextlib.suppress(GiveUp):
                slack.call("chat.delete", {"channel": copied.channel, "ts": copied.ts})

    def _say_instead(self, row: Outbox, instead: SayInstead) -> None:
        """The entry of a file that cannot be copied becomes a message that says so."""
        now = self._house.clock()
        payload = {"text": instead.rendered.text, "blocks": instead.rendered.blocks}
        try:
            with work(self._house.database, now) as uow:
                self._lanes.finish(
                    uow.session,
                    row,
                    method="chat.postMessage",
                    payload=payload,
                    state="pending",
                    available_at=now,
                )
                if not instead.for_staff:
                    tell_file_not_copied(uow, self._house, row, instead.name)
        except LostLease:
            log.warning("lost the lease of id=%s", row.id)

    def _gate(self, row: Outbox) -> None:
        """Raises `HeldBack` for what this channel must not see; the channel as it is called now."""
        with look(self._house.database, self._house.clock()) as uow:
            # It may have got another id since the entry was claimed.
            row.channel = uow.moves.present(row.channel)
            reason = refusal(uow, self._house, row)
        if reason:
            raise HeldBack(reason)

    def _arguments(self, row: Outbox) -> dict[str, Any]:
        arguments: dict[str, Any] = {
            name: value for name, value in row.payload.items() if not name.startswith("_")
        }
        arguments.pop(OR_REPLY, None)
        if row.channel:
            arguments["channel"] = row.channel
        with look(self._house.database, self._house.clock()) as uow:
            if row.thread:
                arguments["thread_ts"] = _resolve(uow, row.thread)
            if row.target:
                name = "timestamp" if row.method.startswith(("reactions.", "pins.")) else "ts"
                arguments[name] = _resolve(uow, row.target)
        return arguments

    # --- outcomes -----------------------------------------------------------------------------

    def _sent(self, row: Outbox, ts: str) -> None:
        now = self._house.clock()
        try:
            with work(self._house.database, now) as uow:
                self._lanes.finish(uow.session, row, state="sent", ts=ts, sent_at=now, error="")
                if row.payload.get(FORGET):
                    uow.outgoing.forget(row.target.removeprefix("key:"))
                passing("delivery.committing")
            passing("delivery.committed")
            self._counted(row, "sent")
            waited = (now - row.created_at).total_seconds()
            self._house.measures.owed_seconds.observe(max(0.0, waited))
        except LostLease:
            self._overtaken(row, ts)
        finally:
            self._house.in_flight.end(row.key)

    def _counted(self, row: Outbox, outcome: str) -> None:
        self._house.measures.calls.labels(row.method, outcome).inc()

    def _overtaken(self, row: Outbox, posted: str) -> None:
        """Somebody else finished the entry too: a copy that is not the entry's has to go."""
        if row.method != _POST:
            return
        with work(self._house.database, self._house.clock()) as uow:
            settle_copies(uow, self._house, row.key, posted)
        self._house.owed.ring()

    def _refused_for_now(self, row: Outbox, error: TryLater) -> None:
        if error.retry_after is not None:
            self._pacing.refused(row.method, row.channel, error.retry_after, row.team)
        self._counted(row, "later")
        self._later(row, wait_before(row.attempts, error.retry_after), error=str(error))

    def _unknown(self, row: Outbox, error: OutcomeUnknown) -> None:
        if row.method == MAIL:
            self._give_up(row, f"it may have arrived: {error}")
            return
        if error.retry_after is not None:
            self._pacing.refused(row.method, row.channel, error.retry_after, row.team)
        wait = max(wait_before(row.attempts, error.retry_after), _QUIET.total_seconds())
        log.warning("outcome of id=%s is unknown: %s", row.id, error)
        self._counted(row, "unknown")
        state = "unknown" if row.method in _ONCE else "pending"
        self._later(row, wait, error=str(error), state=state)

    def _later(
        self,
        row: Outbox,
        seconds: float,
        *,
        error: str,
        state: str = "",
        counted: bool = True,
    ) -> None:
        # What was unknown before stays unknown until it is looked for.
        was_unknown = row.state in ("unknown", "sending") and row.method in _ONCE
        kept = state or ("unknown" if was_unknown else "pending")
        now = self._house.clock()
        try:
            with work(self._house.database, now) as uow:
                self._lanes.finish(
                    uow.session,
                    row,
                    state=kept,
                    available_at=now + timedelta(seconds=seconds),
                    attempts=row.attempts if counted else row.attempts - 1,
                    error=error[:1000],
                )
                passing("delivery.postponing")
        except LostLease:
            log.warning("lost the lease of id=%s", row.id)

    def _give_up(self, row: Outbox, reason: str) -> None:
        if row.payload.get(OR_REPLY):
            self._say_aloud(row, reason)
            return
        if row.attempts < MOST_ATTEMPTS and _may_heal(reason):
            self._later(row, wait_before(row.attempts), error=reason)
            return
        self._bury(row, reason, told=row.method not in _SMALL)

    def _bury(self, row: Outbox, reason: str, *, told: bool) -> None:
        log.error("gave up id=%s method=%s: %s", row.id, row.method, reason)
        self._counted(row, "dead")
        now = self._house.clock()
        try:
            with work(self._house.database, now) as uow:
                self._lanes.finish(uow.session, row, state="dead", error=reason[:1000])
                if told:
                    tell_staff(uow, self._house, row, reason)
        except LostLease:
            log.warning("lost the lease of id=%s", row.id)

    def _withdraw(self, row: Outbox, reason: str) -> None:
        """What was owed has nothing to say any more; nobody need hear of it."""
        log.info("withdrew id=%s method=%s: %s", row.id, row.method, reason)
        try:
            with work(self._house.database, self._house.clock()) as uow:
                self._lanes.finish(uow.session, row, state="withdrawn", payload={}, error=reason)
        except LostLease:
            log.warning("lost the lease of id=%s", row.id)

    def _say_aloud(self, row: Outbox, reason: str) -> None:
        """A whisper that Slack refuses becomes a reply in the same thread."""
        try:
            with work(self._house.database, self._house.clock()) as uow:
                self._lanes.finish(uow.session, row, state="dead", error=reason[:1000])
                say_aloud(uow, row)
        except LostLease:
            log.warning("lost the lease of id=%s", row.id)
        self._house.owed.ring()


def _may_heal(reason: str) -> bool:
    """Refusals that go away: somebody invites the bot, sets the scope, Slack shows the root."""
    return any(word in reason for word in _MAY_HEAL)


def _resolve(uow: UnitOfWork, reference: str) -> str:
    """A ts as it is; `key:…` as the ts of the message that entry became."""
    if not reference.startswith("key:"):
        return reference
    entry = uow.outgoing.by_key(reference.removeprefix("key:"))
    if entry is None or (entry.state in ("sent", "dead") and not entry.ts):
        raise NotYet(reference)
    if not entry.ts:
        raise TryLater(f"the message {reference} is not posted yet")
    return entry.ts
